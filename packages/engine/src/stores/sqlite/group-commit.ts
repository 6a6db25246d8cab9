import type { Database } from './driver/port.ts'
import { TaskError } from '../../core/errors.ts'
import { isBusy } from './connection.ts'

/** A transaction never holds the event loop longer. */
const transactionMs = 10
const firstRetryMs = 2
const longestRetryMs = 50
/** Another process may hold the lock for a while (a big delete, a checkpoint); after this the writes are refused. */
const patienceMs = 15_000

/** What takes part in a transaction beyond its operations: it writes what they gathered, or forgets it. */
export interface BatchMember {
  flush(): void
  reset(): void
}

/** Operations that were asked for together; they may still be spread over several transactions. */
interface Group {
  readonly operations: number
  /** Does the operation at this place, inside the open transaction. */
  readonly act: (index: number) => unknown
  /** What is committed or refused, in order. */
  readonly answers: unknown[]
  readonly resolve: (answers: never) => void
}

/** Operations of one group in one transaction, the first of which is at `from`. */
interface Portion {
  readonly group: Group
  readonly from: number
  readonly values: unknown[]
}

/** Puts all writes of one turn of the event loop into one transaction. */
export class GroupCommit {
  readonly #queue: Group[] = []
  #isScheduled = false
  #isWaiting = false
  #isHeld = false
  #isClosed = false
  #busySinceMs: number | null = null
  #retryMs = firstRetryMs
  readonly #idle: (() => void)[] = []
  readonly #begin
  readonly #commit
  readonly #rollback
  readonly #inTransaction: () => boolean

  constructor(
    db: Database,
    private readonly member: BatchMember,
    /** Called after each commit; must not throw. */
    private readonly committed: () => void = () => undefined,
  ) {
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
    this.#rollback = db.prepare('ROLLBACK')
    this.#inTransaction = () => db.inTransaction
  }

  /** Runs `act` inside the next transaction; resolves once that is committed. */
  async run<T>(act: () => T): Promise<T> {
    const [answer] = await this.#enqueue(1, act)
    if (answer instanceof TaskError) throw answer
    return answer as T
  }

  /**
   * Runs `act` for each item at once, behind what waits already, and resolves once all are committed or refused: an
   * answer is what `act` returned or why that item was refused.
   */
  runEach<I, T>(items: readonly I[], act: (item: I) => T): Promise<readonly (T | TaskError)[]> {
    const answers = this.#enqueue(items.length, (index) => act(items[index] as I))
    this.#flush()
    return answers
  }

  /** Lets no transaction begin until {@link release}; what is asked for waits. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    if (this.#queue.length > 0) this.#schedule()
  }

  /** Refuses further writes and resolves when the queued ones are written or refused. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#queue.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #enqueue<T>(operations: number, act: (index: number) => T): Promise<readonly (T | TaskError)[]> {
    if (operations === 0) return Promise.resolve([])
    if (this.#isClosed) {
      const closed = new TaskError('store_failed', { message: 'The store is closed' })
      return Promise.resolve(Array.from({ length: operations }, () => closed))
    }
    return new Promise((resolve) => {
      this.#queue.push({ operations, act, answers: [], resolve })
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isWaiting || this.#isHeld) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#isWaiting || this.#isHeld || this.#queue.length === 0 || !this.#tryBegin()) return
    const done: Portion[] = []
    try {
      this.#act(done)
      this.member.flush()
      this.#commit.run()
      this.committed()
      for (const { group, values } of done) for (const value of values) group.answers.push(value)
    } catch (error) {
      this.#abandon()
      this.#settleAlone(done, error)
    }
    this.#proceed()
  }

  /** Does what is queued until the time is over; what was begun is in `done` even when an operation throws. */
  #act(done: Portion[]): void {
    const endMs = performance.now() + transactionMs
    for (const group of this.#queue) {
      const from = group.answers.length
      const portion: Portion = { group, from, values: [] }
      done.push(portion)
      for (let index = from; index < group.operations; index += 1) {
        if (performance.now() > endMs && (done.length > 1 || index > from)) return
        portion.values.push(undefined)
        portion.values[index - from] = group.act(index)
      }
    }
  }

  /** Something in the transaction failed: each operation gets its own, so that only the guilty one is refused. */
  #settleAlone(done: readonly Portion[], error: unknown): void {
    const isOnly = done.reduce((sum, { values }) => sum + values.length, 0) === 1
    for (const { group, from, values } of done) {
      for (let index = from; index < from + values.length; index += 1) {
        group.answers.push(isOnly ? refusal(error) : this.#actAlone(group, index))
      }
    }
  }

  #actAlone(group: Group, index: number): unknown {
    try {
      this.#begin.run()
      const value = group.act(index)
      this.member.flush()
      this.#commit.run()
      this.committed()
      return value
    } catch (failure) {
      this.#abandon()
      return refusal(failure)
    }
  }

  #tryBegin(): boolean {
    try {
      this.#begin.run()
      this.#busySinceMs = null
      this.#retryMs = firstRetryMs
      return true
    } catch (error) {
      const nowMs = performance.now()
      this.#busySinceMs ??= nowMs
      if (isBusy(error) && nowMs - this.#busySinceMs < patienceMs) this.#retryLater()
      else this.#refuseAll(error)
      return false
    }
  }

  #retryLater(): void {
    this.#isWaiting = true
    // Not unref'ed: a script that awaits a write is not over while the file is locked, and the wait is bounded.
    setTimeout(() => {
      this.#isWaiting = false
      this.#flush()
    }, this.#retryMs)
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2)
  }

  #refuseAll(error: unknown): void {
    this.#busySinceMs = null
    for (const { answers, operations } of this.#queue) {
      while (answers.length < operations) answers.push(refusal(error))
    }
    this.#proceed()
  }

  #abandon(): void {
    this.member.reset()
    if (this.#inTransaction()) this.#rollback.run()
  }

  /** Answers the groups that are through and sees to the rest. */
  #proceed(): void {
    const pending = this.#queue.findIndex(({ answers, operations }) => answers.length < operations)
    const through = this.#queue.splice(0, pending < 0 ? this.#queue.length : pending)
    for (const { resolve, answers } of through) resolve(answers as never)
    if (this.#queue.length > 0) return this.#schedule()
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}

function refusal(cause: unknown): TaskError {
  if (cause instanceof TaskError) return cause
  const reason = cause instanceof Error ? cause.message : 'unknown reason'
  return new TaskError('store_failed', { message: `The store refused a write: ${reason}` }, { cause })
}
