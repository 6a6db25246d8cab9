import { TaskError } from '../../core/errors.ts'

/** Several items that are done together. */
export interface Deed<O> {
  /** All that it changes: another that changes nothing of it may go on beside it. Null when nothing may. */
  readonly changes: ReadonlySet<string> | null
  /** Answers each item at its place, or says why it was refused. Must not reject. */
  act(): Promise<readonly (O | TaskError)[]>
}

/** What is done to several items at once. */
export interface Kind<I, O> {
  /** Items that are done together at most. */
  readonly most: number
  /** Says what there is to do. It may have to wait, and is planned anew then, with what has gathered. Must not throw. */
  plan(items: readonly I[]): Deed<O>
}

/** Deeds that go on beside each other at most. */
export const mostBeside = 2

interface Job {
  readonly kind: Kind<unknown, unknown>
  readonly items: readonly unknown[]
  readonly answers: unknown[]
  /** How many of its items have been begun with. */
  begun: number
  /** How many are not answered yet. */
  open: number
  readonly resolve: (answers: never) => void
}

/** A job's items that are done with others, from a place on. */
interface Part {
  readonly job: Job
  readonly from: number
  readonly items: readonly unknown[]
}

/**
 * Does what is asked for in that order, one thing after the other; only what changes different things goes on side by side.
 * While something is on its way the next gathers: jobs of the same kind that stand behind each other are done together.
 */
export class Lane {
  readonly #jobs: Job[] = []
  readonly #acting = new Set<Deed<unknown>>()
  readonly #idle: (() => void)[] = []
  #isPlanned = false
  /** Whether the next has to wait until something is done. */
  #isBlocked = false
  #isClosed = false

  /** Resolves when all items are done or refused; never rejects. */
  ask<I, O>(kind: Kind<I, O>, items: readonly I[]): Promise<readonly (O | TaskError)[]> {
    if (items.length === 0) return Promise.resolve([])
    if (this.#isClosed) {
      const closed = new TaskError('store_failed', { message: 'The store is closed' })
      return Promise.resolve(items.map(() => closed))
    }
    return new Promise((resolve) => {
      this.#jobs.push({ kind, items, answers: [], begun: 0, open: items.length, resolve })
      this.#plan()
    })
  }

  /** Takes nothing more; resolves when everything that was asked for is done. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#jobs.length + this.#acting.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** What is asked for in the same turn goes together. */
  #plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    queueMicrotask(() => {
      this.#isPlanned = false
      this.#begin()
    })
  }

  #begin(): void {
    while (!this.#isBlocked && this.#jobs[0]) {
      const { kind } = this.#jobs[0]
      const parts = this.#gather(kind)
      const deed = this.#mayAct ? kind.plan(parts.flatMap(({ items }) => items)) : null
      if (deed && this.#fits(deed)) void this.#act(deed, parts)
      else this.#isBlocked = true
    }
    if (this.#jobs.length + this.#acting.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  get #mayAct(): boolean {
    if (this.#acting.size >= mostBeside) return false
    for (const { changes } of this.#acting) if (changes === null) return false
    return true
  }

  #fits({ changes }: Deed<unknown>): boolean {
    if (this.#acting.size === 0) return true
    for (const acting of this.#acting) if (!areApart(changes, acting.changes)) return false
    return true
  }

  /** As many items of one kind as may be done together, from the front. */
  #gather(kind: Job['kind']): readonly Part[] {
    const parts: Part[] = []
    let room = kind.most
    for (const job of this.#jobs) {
      if (job.kind !== kind || room === 0) break
      const items = job.items.slice(job.begun, job.begun + room)
      parts.push({ job, from: job.begun, items })
      room -= items.length
    }
    return parts
  }

  async #act(deed: Deed<unknown>, parts: readonly Part[]): Promise<void> {
    this.#acting.add(deed)
    for (const { job, items } of parts) job.begun += items.length
    while (this.#jobs[0]?.begun === this.#jobs[0]?.items.length && this.#jobs[0]) this.#jobs.shift()
    const answers = await deed.act()
    let place = 0
    for (const { job, from, items } of parts) {
      for (let index = 0; index < items.length; index += 1) job.answers[from + index] = answers[place++]
      job.open -= items.length
      if (job.open === 0) job.resolve(job.answers as never)
    }
    this.#acting.delete(deed)
    this.#isBlocked = false
    this.#begin()
  }
}

function areApart(some: Deed<unknown>['changes'], others: Deed<unknown>['changes']): boolean {
  if (some === null || others === null) return false
  for (const name of some) if (others.has(name)) return false
  return true
}
