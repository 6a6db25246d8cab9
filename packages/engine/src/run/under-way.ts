import type { Write } from '../stores/store.ts'

/** A batch on its way to the store. */
export interface Passage {
  /** From 1, in the order in which batches were formed. */
  readonly number: number
  /** Tasks that run once it is stored. */
  readonly starts: number
  /** What its writes change or compete for; empty where batches go one by one anyway. */
  readonly concerns: ReadonlySet<string>
}

/** The batches that are on their way to the store, of which some may go side by side. */
export class UnderWay {
  readonly #passages = new Set<Passage>()
  #waiting: (() => void)[] = []
  #begun = 0

  get size(): number {
    return this.#passages.size
  }

  /** How many were formed in all. */
  get begun(): number {
    return this.#begun
  }

  /** Tasks that run once all of it is stored. */
  get starts(): number {
    let starts = 0
    for (const passage of this.#passages) starts += passage.starts
    return starts
  }

  /** Whether a batch is on its way that was formed as this one or before it. */
  hasUpTo(number: number): boolean {
    for (const passage of this.#passages) if (passage.number <= number) return true
    return false
  }

  /** `isAlone` when no other goes beside it. */
  begin(writes: readonly Write[], isAlone: boolean): Passage {
    this.#begun += 1
    let starts = 0
    for (const { previous, next } of writes) if (isStart(previous, next)) starts += 1
    const concerns = isAlone ? nothing : concernsOf(writes)
    const passage = { number: this.#begun, starts, concerns }
    this.#passages.add(passage)
    return passage
  }

  /** Resolves when no batch is on its way that was formed before and concerns the same. */
  async turnOf(passage: Passage): Promise<void> {
    while (this.#mustWait(passage)) await this.#nextEnd()
  }

  /** Resolves when all that were formed before are over, and ends this one. */
  async endOf(passage: Passage): Promise<void> {
    while (this.hasUpTo(passage.number - 1)) await this.#nextEnd()
    this.#passages.delete(passage)
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #mustWait({ number, concerns }: Passage): boolean {
    for (const other of this.#passages) if (other.number < number && haveCommon(concerns, other.concerns)) return true
    return false
  }
}

const nothing: ReadonlySet<string> = new Set()

function isStart(previous: Write['previous'], next: Write['next']): boolean {
  return next.status === 'running' && previous?.status !== 'running'
}

/** All that writes change or compete for: when two have nothing of it in common, nobody can tell which was first. */
function concernsOf(writes: readonly Write[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const write of writes) {
    const { next, operation } = write
    names.add(next.taskId)
    if (next.idempotencyKey !== null) names.add(`key ${next.idempotencyKey}`)
    if (next.slotAt !== null) names.add(`slot ${next.slotAt} ${next.schedule}`)
    for (const lock of next.locks) names.add(`lock ${lock}`)
    if (operation) names.add(`operation ${operation.operationId}`)
    if (write.audit) names.add('audit')
    if (write.previous !== null) continue
    if (write.marks) names.add(write.marks.previous.taskId)
    if (write.joins !== undefined) names.add(write.joins)
  }
  return names
}

function haveCommon(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  const [few, many] = some.size < others.size ? [some, others] : [others, some]
  for (const name of few) if (many.has(name)) return true
  return false
}
