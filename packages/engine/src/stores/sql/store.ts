import { setTimeout } from 'node:timers/promises'
import { TaskError } from '../../core/errors.ts'
import { cannotOpen } from '../opening.ts'
import { sqlViews } from '../reading/views.ts'
import type {
  AuditStore,
  ErrorMarkStore,
  LockStore,
  OperationStore,
  OutboxStore,
  QueueControlStore,
  ScheduleStore,
  SecretStore,
  SessionStore,
  Store,
  TaskStore,
  TaskViews,
  TransferStore,
  UpkeepStore,
  WorkerStore,
} from '../store.ts'
import { sqlAudit } from './audit.ts'
import type { Changes } from './changes.ts'
import { DatabaseError, type Database } from './database.ts'
import { sqlErrorMarks } from './error-marks.ts'
import { sqlLocks } from './locks.ts'
import { sqlOperations } from './operations.ts'
import { sqlOutbox } from './outbox.ts'
import { sqlQueueControls } from './queue-controls.ts'
import { sqlSchedules } from './schedules.ts'
import { sqlSecrets } from './secrets.ts'
import { sqlSessions } from './sessions.ts'
import { SqlTasks } from './tasks.ts'
import { sqlTransfer } from './transfer.ts'
import { sqlUpkeep } from './upkeep.ts'
import { sqlWorkers } from './workers.ts'
import { Writer } from './writer.ts'

/** How long opening is tried again while other processes open the same store. */
const openPatienceMs = 15_000
const openPauseMs = 100

/** What a store on a server is made of. */
export interface SqlServer {
  /** The kind of store, for people. */
  readonly name: string
  readonly database: Database
  /** Makes the tables or brings them up to date; the database is open. */
  readonly prepare: () => Promise<void>
  readonly changes: Changes
  /** How long a write is tried again. */
  readonly patienceMs: number
}

interface Parts {
  readonly tasks: TaskStore
  readonly schedules: ScheduleStore
  readonly workers: WorkerStore
  readonly locks: LockStore
  readonly upkeep: UpkeepStore
  readonly outbox: OutboxStore
  readonly sessions: SessionStore
  readonly secrets: SecretStore
  readonly operations: OperationStore
  readonly audit: AuditStore
  readonly queueControls: QueueControlStore
  readonly errorMarks: ErrorMarkStore
  readonly transfer: TransferStore
  readonly views: TaskViews
}

/** Keeps everything in tables of a database on a server, which many processes may share. */
export class SqlStore implements Store {
  readonly supports = { persistence: true, sharing: true, hostTransactions: false, transfer: true }
  readonly #tasks: SqlTasks
  readonly #parts: Parts
  #isOpen = false
  #closing: Promise<void> | null = null

  constructor(private readonly server: SqlServer) {
    const { database, changes, patienceMs } = server
    const writer = new Writer({ database, patienceMs, onCommitted: () => changes.tell(), chance: Math.random })
    this.#tasks = new SqlTasks(writer)
    this.#parts = {
      tasks: this.#tasks,
      schedules: sqlSchedules(writer),
      workers: sqlWorkers(writer),
      locks: sqlLocks(writer),
      upkeep: sqlUpkeep(writer),
      outbox: sqlOutbox(writer),
      sessions: sqlSessions(writer),
      secrets: sqlSecrets(writer),
      operations: sqlOperations(writer),
      audit: sqlAudit(writer),
      queueControls: sqlQueueControls(writer),
      errorMarks: sqlErrorMarks(writer),
      transfer: sqlTransfer(writer),
      views: sqlViews(database),
    }
  }

  get name(): string {
    return this.server.name
  }

  async open(): Promise<void> {
    try {
      await this.#openPatiently()
      this.#isOpen = true
    } catch (cause) {
      await this.server.changes.close()
      this.#refuse(cause)
    }
  }

  async #openPatiently(): Promise<void> {
    const { database, prepare, changes } = this.server
    const beganMs = performance.now()
    for (;;) {
      try {
        await database.open()
        await prepare()
        return await changes.open()
      } catch (cause) {
        await database.close()
        if (performance.now() - beganMs >= this.#patienceWith(cause)) throw cause
      }
      await setTimeout(openPauseMs)
    }
  }

  /**
   * How long opening is tried while that is in its way, milliseconds. A database that is just being started is waited for, as
   * every write does, and so are other processes that make or migrate the same tables; what cannot be right is not.
   */
  #patienceWith(cause: unknown): number {
    if (isAway(cause)) return this.server.patienceMs
    return cause instanceof DatabaseError && cause.failure === 'conflict' ? openPatienceMs : 0
  }

  /** What was asked for is written first, then others are told of it. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  get tasks(): TaskStore {
    return this.#need().tasks
  }

  get schedules(): ScheduleStore {
    return this.#need().schedules
  }

  get workers(): WorkerStore {
    return this.#need().workers
  }

  get locks(): LockStore {
    return this.#need().locks
  }

  get upkeep(): UpkeepStore {
    return this.#need().upkeep
  }

  get outbox(): OutboxStore {
    return this.#need().outbox
  }

  get sessions(): SessionStore {
    return this.#need().sessions
  }

  get secrets(): SecretStore {
    return this.#need().secrets
  }

  get operations(): OperationStore {
    return this.#need().operations
  }

  get audit(): AuditStore {
    return this.#need().audit
  }

  get queueControls(): QueueControlStore {
    return this.#need().queueControls
  }

  get errorMarks(): ErrorMarkStore {
    return this.#need().errorMarks
  }

  get transfer(): TransferStore {
    return this.#need().transfer
  }

  get views(): TaskViews {
    return this.#need().views
  }

  foreignVersion(): number {
    return this.server.changes.foreign()
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return
    await this.#tasks.close()
    await this.server.changes.close()
    await this.server.database.close()
  }

  #need(): Parts {
    if (!this.#isOpen) throw new TaskError('not_open', { message: 'The store is not open yet' })
    return this.#parts
  }

  #refuse(cause: unknown): never {
    if (cause instanceof TaskError) throw cause
    const reason = cause instanceof Error ? cause.message : 'unknown reason'
    throw cannotOpen(this.server.name, reason, cause)
  }
}

/** A name that no host has will not get one by waiting, nor will a refused password become right. */
function isAway(cause: unknown): boolean {
  return cause instanceof DatabaseError && cause.failure === 'unreachable' && !isUnknownHost(cause.cause)
}

function isUnknownHost(cause: unknown): boolean {
  const { code } = (cause ?? {}) as { code?: unknown }
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN'
}
