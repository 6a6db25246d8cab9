import { AsyncResource } from 'node:async_hooks'
import type { Clock } from '../core/clock.ts'
import type { TaskRecord } from '../core/record.ts'
import type { HostConnection } from '../stores/host-transactions.ts'

/** One look holds the event loop about this long. */
const sliceMs = 5
const longestPauseMs = 1_000
/** A transaction that is open for longer is not followed any more: what it commits is found by the next heartbeat. */
const patienceMs = 60_000

/** The context of nobody's request. */
const outside = new AsyncResource('taskloom')

export interface CommitWatchOptions {
  readonly clock: Clock
  /** What is committed of a task; undefined when nothing is. */
  readonly find: (taskId: string) => Promise<TaskRecord | undefined>
  /** `stored` is what became of it meanwhile: another process may have it already. */
  readonly onCommitted: (written: TaskRecord, stored: TaskRecord) => void
  /** Rolled back, or given up. Told once of each task for which {@link onCommitted} is not. */
  readonly onGone: (written: TaskRecord) => void
  readonly onFault: (error: unknown, taskId: string) => void
}

interface Waiting {
  readonly records: TaskRecord[]
  readonly since: number
}

/**
 * Finds out what became of tasks that were written inside transactions of the host: right after his code lets go of the
 * event loop, then at the next turn, then ever more rarely as long as his transaction is open.
 */
export class CommitWatch {
  readonly #waiting = new Map<HostConnection, Waiting>()
  #isDue = false
  #isClosed = false
  #pauseMs = 0
  #callOff: () => void = () => undefined

  constructor(private readonly options: CommitWatchOptions) {}

  add(connection: HostConnection, record: TaskRecord): void {
    const waiting = this.#waiting.get(connection)
    if (waiting) waiting.records.push(record)
    else this.#waiting.set(connection, { records: [record], since: this.options.clock.now() })
    this.#pauseMs = 0
    if (this.#isDue) return
    this.#callOff()
    this.#isDue = true
    outside.runInAsyncScope(() => queueMicrotask(() => void this.#look()))
  }

  /** What is committed from now on is for the next process that looks into the store. */
  close(): void {
    this.#isClosed = true
    this.#callOff()
    for (const { records } of this.#waiting.values()) records.forEach(this.options.onGone)
    this.#waiting.clear()
  }

  async #look(): Promise<void> {
    for (const [connection, waiting] of [...this.#waiting]) {
      if (connection.open && connection.inTransaction) await this.#lookDuring(connection, waiting)
      else await this.#lookAfter(connection, waiting)
    }
    this.#isDue = false
    if (this.#waiting.size > 0 && !this.#isClosed) this.#lookAgain()
  }

  /** The transaction is over: what is not there now never will be. */
  async #lookAfter(connection: HostConnection, { records }: Waiting): Promise<void> {
    this.#waiting.delete(connection)
    let endMs = performance.now() + sliceMs
    for (const record of records) {
      if (performance.now() > endMs) {
        await new Promise((resolve) => setImmediate(resolve))
        endMs = performance.now() + sliceMs
      }
      if (this.#isClosed || !(await this.#isCommitted(record))) this.options.onGone(record)
    }
  }

  /** Mostly the same transaction as before; but it may be the next one already, so the oldest are looked for. */
  async #lookDuring(connection: HostConnection, { records, since }: Waiting): Promise<void> {
    for (let first = records[0]; first && (await this.#isCommitted(first)); first = records[0]) records.shift()
    if (records.length > 0 && this.options.clock.now() - since < patienceMs) return
    this.#waiting.delete(connection)
    records.forEach(this.options.onGone)
  }

  async #isCommitted(written: TaskRecord): Promise<boolean> {
    try {
      const stored = await this.options.find(written.taskId)
      if (stored) this.options.onCommitted(written, stored)
      return stored !== undefined
    } catch (error) {
      this.options.onFault(error, written.taskId)
      return false
    }
  }

  #lookAgain(): void {
    const look = (): void => {
      this.#isDue = true
      void this.#look()
    }
    if (this.#pauseMs === 0) {
      this.#isDue = true
      outside.runInAsyncScope(() => setImmediate(look))
    } else outside.runInAsyncScope(() => (this.#callOff = this.options.clock.after(this.#pauseMs, look)))
    this.#pauseMs = Math.min(longestPauseMs, Math.max(1, this.#pauseMs * 2))
  }
}
