import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { TaskError } from '../../core/errors.ts'
import { cannotOpen } from '../opening.ts'
import type {
  AuditStore,
  ErrorMarkStore,
  HostTransactions,
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
import { sqliteAudit } from './audit.ts'
import { Checkpoints } from './checkpoints.ts'
import { isBusy, openWriter, type Durability } from './connection.ts'
import { driverNames, loadDriver } from './driver/index.ts'
import type { Database, SqliteDriver, Statement } from './driver/port.ts'
import { FileWatch } from './file-watch.ts'
import { GroupCommit } from './group-commit.ts'
import { SqliteHostTransactions } from './host-transactions.ts'
import { SqliteLocks } from './locks.ts'
import { migrate } from './migrations.ts'
import { sqliteOperations } from './operations.ts'
import { explain } from './own-file.ts'
import { sqliteOutbox } from './outbox.ts'
import { sqliteErrorMarks } from './error-marks.ts'
import { sqliteQueueControls } from './queue-controls.ts'
import { sqliteSchedules, sqliteWorkers } from './registers.ts'
import { Rollups } from './rollups.ts'
import { sqliteSecrets } from './secrets.ts'
import { sqliteSessions } from './sessions.ts'
import { SqliteTasks } from './tasks.ts'
import { SqliteTransfer } from './transfer.ts'
import { sqliteUpkeep } from './upkeep.ts'
import { ReaderViews } from './views.ts'

/** How long opening waits for another process's lock, and how long between two tries. */
const openPatienceMs = 15_000
const openPauseMs = 20
/** How long it is taken for granted that nobody else has written. */
const seenMs = 10

/** How a file is kept. */
export interface SqliteOptions {
  /**
   * `normal` (default): what has resolved survives the death of the process. `full`: also a loss of power, at some cost
   * per transaction.
   */
  readonly durability?: Durability
  /**
   * What opens the file: the package `better-sqlite3`, or `node`, the SQLite that Node 22.13 and newer bring. By default
   * better-sqlite3 where it is installed, else Node's.
   */
  readonly driver?: SqliteDriver
}

/**
 * Keeps everything in one SQLite file, which several processes of one machine may share. Needs better-sqlite3, or Node 22.13
 * or newer: without both it does not open (`store_failed`, `details.reason` is `driver_missing`). Throws `bad_option`.
 */
export function sqlite(path: string, options: SqliteOptions = {}): Store {
  if (path === ':memory:' || path === '') {
    throw new TaskError('bad_option', { message: 'sqlite() needs a file; use memory() to keep nothing' })
  }
  const { durability = 'normal', driver = null } = options
  if (driver !== null && !driverNames.includes(driver)) {
    throw new TaskError('bad_option', { message: `driver: expected ${driverNames.join(' or ')}`, option: 'driver' })
  }
  return new SqliteStore(resolve(path), durability, driver)
}

interface Opened {
  readonly db: Database
  readonly dataVersion: Statement<[], number>
  /** Rows that this connection has written so far. */
  readonly ownChanges: Statement<[], number>
  readonly commit: GroupCommit
  readonly file: FileWatch
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
  readonly hostTransactions: HostTransactions
  readonly transfer: TransferStore
  readonly views: ReaderViews
  readonly checkpoints: Checkpoints
}

class SqliteStore implements Store {
  readonly name = 'sqlite'
  readonly supports = { persistence: true, sharing: true, hostTransactions: true, transfer: true }
  #opened: Opened | null = null
  #seen: { readonly atMs: number; readonly version: number } | null = null
  #closing: Promise<void> | null = null

  constructor(
    private readonly path: string,
    private readonly durability: Durability,
    private readonly driver: SqliteDriver | null,
  ) {}

  /** Another process may be making or migrating the same file: what is locked is asked for again for a while. */
  async open(): Promise<void> {
    const endMs = performance.now() + openPatienceMs
    for (;;) {
      try {
        return await this.#open()
      } catch (cause) {
        if (!isBusy(cause) || performance.now() > endMs) this.#refuse(cause)
      }
      await setTimeout(openPauseMs)
    }
  }

  async #open(): Promise<void> {
    const driver = await loadDriver(this.driver)
    const db = openWriter(driver, this.path, this.durability)
    try {
      migrate(db)
      const rollups = new Rollups(db)
      const locks = new SqliteLocks(db)
      const file = { path: this.path, driver: driver.name }
      const commit = new GroupCommit(db, rollups, () => checkpoints.committed())
      const checkpoints = new Checkpoints(file, commit)
      const views = new ReaderViews(file)
      this.#opened = {
        db,
        dataVersion: db.prepare<[], number>('PRAGMA data_version').pluck(),
        ownChanges: db.prepare<[], number>('SELECT total_changes()').pluck(),
        commit,
        file: new FileWatch(this.path),
        tasks: new SqliteTasks(db, commit, rollups, locks, checkpoints),
        locks,
        upkeep: sqliteUpkeep(db, commit, rollups),
        outbox: sqliteOutbox(db, commit),
        sessions: sqliteSessions(db, commit),
        secrets: sqliteSecrets(db, commit),
        operations: sqliteOperations(db, commit),
        audit: sqliteAudit(db, commit, views),
        queueControls: sqliteQueueControls(db, commit),
        errorMarks: sqliteErrorMarks(db, commit),
        hostTransactions: new SqliteHostTransactions(this.path),
        transfer: new SqliteTransfer(db, commit, rollups),
        schedules: sqliteSchedules(db, commit),
        workers: sqliteWorkers(db, commit),
        views,
        checkpoints,
      }
    } catch (cause) {
      db.close()
      throw cause
    }
  }

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

  get hostTransactions(): HostTransactions {
    return this.#need().hostTransactions
  }

  get transfer(): TransferStore {
    return this.#need().transfer
  }

  get upkeep(): UpkeepStore {
    return this.#need().upkeep
  }

  get views(): TaskViews {
    return this.#need().views
  }

  foreignVersion(): number {
    return this.#need().dataVersion.get() ?? 0
  }

  version(): string {
    const { ownChanges } = this.#need()
    return `${ownChanges.get()}-${this.#seenVersion()}`
  }

  /** Of what others wrote it is told within {@link seenMs}: asking costs more than all else of an answer that is kept. */
  #seenVersion(): number {
    const nowMs = performance.now()
    if (this.#seen === null || nowMs - this.#seen.atMs >= seenMs)
      this.#seen = { atMs: nowMs, version: this.foreignVersion() }
    return this.#seen.version
  }

  async #close(): Promise<void> {
    if (!this.#opened) return
    const { db, commit, checkpoints, views } = this.#opened
    await commit.close()
    await checkpoints.close()
    await views.close()
    try {
      db.close()
    } catch {
      // Closing must not throw: what was acknowledged is in the write-ahead log and is read from there at the next start.
    }
  }

  #need(): Opened {
    if (!this.#opened) throw new TaskError('not_open', { message: 'The store is not open yet' })
    this.#opened.file.require()
    return this.#opened
  }

  #refuse(cause: unknown): never {
    throw cannotOpen(this.path, explain(cause), cause)
  }
}
