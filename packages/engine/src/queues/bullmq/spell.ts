import { IdSource, instantOf } from '../../core/ids.ts'
import type { TaskRecord } from '../../core/record.ts'
import type { Write } from '../../stores/store.ts'

/** For so long the message of one task covers what is stored after it. */
const coverMs = 1_000
/**
 * In one turn of the event loop, so many new tasks and so many characters of arguments at most go under a message of which
 * nobody knows yet whether it is stored: fewer than a store commits beside others, so that what is committed has a message in it.
 */
const inOneTurn = 100
const charactersInOneTurn = 256 * 1_024

/** A message, and how many of the tasks under it have no job yet. A task that is never brought keeps it from going. */
export class Cover {
  readonly #taskId: string
  readonly #createdAt: number
  #ahead = 1

  constructor(
    readonly messageId: string,
    /** The task that is stored with it. */
    first: TaskRecord,
    /** Epoch milliseconds. */
    private readonly madeAt: number,
    /** Whether other tasks may go under it. */
    private readonly isWide: boolean,
  ) {
    this.#taskId = first.taskId
    this.#createdAt = first.createdAt
  }

  /** Whether a task that is to be stored now can go under it: whoever takes the message up finds it by its id. */
  fits({ taskId, createdAt }: TaskRecord, now: number): boolean {
    if (!this.isWide || this.#ahead === 0 || now < this.madeAt || now - this.madeAt >= coverMs) return false
    return taskId > this.#taskId && createdAt <= this.#createdAt + coverMs
  }

  /** Whether it is the message of this task. */
  isOf({ taskId }: TaskRecord): boolean {
    return taskId === this.#taskId
  }

  /** One task more. */
  enter(): void {
    this.#ahead += 1
  }

  /** The job of a task is there. Answers whether it was the last: then nothing goes under it any more, and the message can go. */
  brought(): boolean {
    this.#ahead -= 1
    return this.#ahead === 0
  }
}

/**
 * Lets one message keep many new tasks from being forgotten while a process stores much. The message of a task that is known to
 * be stored covers those that come within a second; before it is known, those of the same turn of the event loop, which go to the
 * store with it and behind it. A task that the store may refuse has a message of its own, because the others could not rest on
 * it, and it would hold up theirs.
 *
 * A process may die when the store has kept such a task and not the message before it, and a store that hangs for seconds may
 * keep a task when its message was taken up already: those few are found by the sweep.
 */
export class Spell {
  readonly #covers = new WeakMap<TaskRecord, Cover>()
  /** The newest that is known to be stored. */
  #stored: Cover | null = null
  /** The newest of this turn, and what may still go under it. */
  #turn: { readonly cover: Cover; tasks: number; characters: number } | null = null

  /** `isOpenToHost` when a write may be rolled back with a transaction of the host: then each has a message of its own. */
  constructor(private readonly isOpenToHost: boolean) {}

  /** Puts a new task under a message that is there; false when it needs one of its own. */
  enter(write: Write, now: number): boolean {
    const { next } = write
    const cover = this.#isSure(write) ? (this.#storedFor(next, now) ?? this.#ofTurn(next, now)) : null
    if (cover === null) return false
    cover.enter()
    this.#covers.set(next, cover)
    return true
  }

  /** A new task has this message; answers its body. */
  begin(messageId: string, write: Write, now: number): string {
    const { next } = write
    const isWide = this.#isSure(write)
    const cover = new Cover(messageId, next, now, isWide)
    this.#covers.set(next, cover)
    if (!isWide) return ''
    const turn = { cover, tasks: inOneTurn - 1, characters: charactersInOneTurn - next.args.length }
    this.#turn = turn
    queueMicrotask(() => {
      if (this.#turn === turn) this.#turn = null
    })
    return String(coverMs)
  }

  /** A task was stored: what it is under, told once; null for one that is not new. */
  stored(record: TaskRecord): Cover | null {
    const cover = this.#covers.get(record)
    if (!cover) return null
    this.#covers.delete(record)
    if (cover.isOf(record)) this.#stored = cover
    return cover
  }

  #isSure(write: Write): boolean {
    return !this.isOpenToHost && isPlain(write)
  }

  #storedFor(record: TaskRecord, now: number): Cover | null {
    return this.#stored?.fits(record, now) ? this.#stored : null
  }

  #ofTurn(record: TaskRecord, now: number): Cover | null {
    const turn = this.#turn
    if (turn === null || turn.tasks === 0 || turn.characters < record.args.length || !turn.cover.fits(record, now)) {
      return null
    }
    turn.tasks -= 1
    turn.characters -= record.args.length
    return turn.cover
  }
}

/** Ids between which there are all tasks that a message may cover, its own too. */
export interface Span {
  readonly after: string
  readonly until: string
}

/** What a message covers; null for one that is about its own task alone, as those of earlier versions are. */
export function spanOf({ taskId, body }: { readonly taskId: string; readonly body: string }): Span | null {
  if (!/^\d{1,6}$/.test(body)) return null
  const from = instantOf(taskId)
  return { after: firstAt(from), until: firstAt(from + Number(body) + 1) }
}

/** Less than all ids of that instant. */
function firstAt(instant: number): string {
  return new IdSource(() => undefined).next(instant)
}

/** Whether nothing of it lets the store refuse this one task, or answer with another. */
function isPlain(write: Write): boolean {
  const { next, operation, audit } = write
  const isRetry = write.previous === null && write.marks !== undefined
  return (
    !isRetry &&
    operation === undefined &&
    audit === undefined &&
    next.idempotencyKey === null &&
    next.schedule === null &&
    next.locks.length === 0
  )
}
