import type { Database } from 'better-sqlite3'
import { TaskError } from '../../core/errors.ts'
import { isBusy } from './connection.ts'

/** A batch never holds the event loop longer. */
const batchMs = 10
const firstRetryMs = 2
const longestRetryMs = 50
/** Another process may hold the lock for a while (a big delete, a checkpoint); after this the writes are refused. */
const patienceMs = 15_000

/** What takes part in a batch beyond its operations: it writes what they gathered, or forgets it. */
export interface BatchMember {
  flush(): void
  reset(): void
}

interface Operation {
  readonly act: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

interface Done {
  readonly operation: Operation
  readonly value: unknown
}

/** Puts all writes of one turn of the event loop into one transaction. */
export class GroupCommit {
  #queue: Operation[] = []
  #isScheduled = false
  #isClosed = false
  #busySinceMs: number | null = null
  #retryMs = firstRetryMs
  #idle: (() => void)[] = []
  readonly #begin
  readonly #commit
  readonly #rollback

  constructor(
    db: Database,
    private readonly member: BatchMember,
  ) {
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
    this.#rollback = db.prepare('ROLLBACK')
    this.#inTransaction = () => db.inTransaction
  }

  readonly #inTransaction: () => boolean

  /** Runs `act` inside the next transaction; resolves once that is committed. */
  run<T>(act: () => T): Promise<T> {
    if (this.#isClosed) return Promise.reject(new TaskError('store_failed', { message: 'The store is closed' }))
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ act, resolve, reject })
      this.#schedule()
    })
  }

  /** Refuses further writes and resolves when the queued ones are written or refused. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#queue.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#isScheduled = false
    if (!this.#tryBegin()) return
    const startedMs = performance.now()
    const done: Done[] = []
    let taken = 0
    try {
      while (taken < this.#queue.length && (taken === 0 || performance.now() - startedMs < batchMs)) {
        const operation = this.#queue[taken] as Operation
        taken += 1
        done.push({ operation, value: operation.act() })
      }
      this.member.flush()
      this.#commit.run()
      this.#queue.splice(0, taken)
      for (const { operation, value } of done) operation.resolve(value as never)
    } catch (error) {
      this.#abandon()
      this.#settleAlone(this.#queue.splice(0, taken), error)
    }
    this.#proceed()
  }

  /** Something in the batch failed: each operation gets its own transaction, so that only the guilty one is refused. */
  #settleAlone(operations: readonly Operation[], error: unknown): void {
    const [only] = operations
    if (only && operations.length === 1) return only.reject(refusal(error))
    for (const { act, resolve, reject } of operations) {
      try {
        this.#begin.run()
        const value = act()
        this.member.flush()
        this.#commit.run()
        resolve(value as never)
      } catch (failure) {
        this.#abandon()
        reject(refusal(failure))
      }
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
    this.#isScheduled = true
    setTimeout(() => this.#flush(), this.#retryMs).unref()
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2)
  }

  #refuseAll(error: unknown): void {
    this.#busySinceMs = null
    for (const { reject } of this.#queue.splice(0)) reject(refusal(error))
    this.#proceed()
  }

  #abandon(): void {
    this.member.reset()
    if (this.#inTransaction()) this.#rollback.run()
  }

  #proceed(): void {
    if (this.#queue.length > 0) return this.#schedule()
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}

function refusal(cause: unknown): TaskError {
  if (cause instanceof TaskError) return cause
  const reason = cause instanceof Error ? cause.message : 'unknown reason'
  return new TaskError('store_failed', { message: `The store refused a write: ${reason}` }, { cause })
}
