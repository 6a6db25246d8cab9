import type { Database } from './driver/port.ts'
import { TaskError } from '../../core/errors.ts'
import type { HostConnection, HostTransactions, NewTaskWrite } from '../host-transactions.ts'
import type { Written } from '../store.ts'
import { isBusy } from './connection.ts'
import { GroupCommit } from './group-commit.ts'
import { forOurStatements, requireSameFile, requireTransaction, schemaCheck } from './host-connection.ts'
import { SqliteLocks } from './locks.ts'
import { Rollups } from './rollups.ts'
import { SqliteTasks } from './tasks.ts'

/** Writes with the same code as our own connection does, on statements that are prepared once for each of the host's. */
export class SqliteHostTransactions implements HostTransactions {
  readonly #guests = new WeakMap<HostConnection, Guest>()

  constructor(private readonly path: string) {}

  write(connection: HostConnection, write: NewTaskWrite): Written {
    requireTransaction(connection)
    try {
      return this.#guestOn(connection).write(write)
    } catch (error) {
      throw refusal(error)
    }
  }

  #guestOn(connection: HostConnection): Guest {
    const known = this.#guests.get(connection)
    if (known) return known
    requireSameFile(connection, this.path)
    const guest = new Guest(connection)
    this.#guests.set(connection, guest)
    return guest
  }
}

/** Our statements on one connection of the host. */
class Guest {
  readonly #checkSchema: () => void
  readonly #tasks: SqliteTasks
  readonly #rollups: Rollups
  readonly #save
  readonly #undo
  readonly #release

  constructor(private readonly connection: HostConnection) {
    const db: Database = forOurStatements(connection)
    this.#checkSchema = schemaCheck(db)
    this.#checkSchema()
    this.#rollups = new Rollups(db)
    this.#tasks = new SqliteTasks(db, new GroupCommit(db, this.#rollups), this.#rollups, new SqliteLocks(db))
    this.#save = db.prepare('SAVEPOINT taskloom')
    this.#undo = db.prepare('ROLLBACK TO taskloom')
    this.#release = db.prepare('RELEASE taskloom')
  }

  /** In a savepoint: a host that catches the error and commits must not keep half a task. */
  write(write: NewTaskWrite): Written {
    this.#save.run()
    try {
      this.#checkSchema()
      const written = this.#tasks.writeNow(write)
      this.#rollups.flush()
      this.#release.run()
      return written
    } catch (error) {
      this.#abandon()
      throw error
    }
  }

  /** Some errors, such as a full disk, have ended the whole transaction by themselves. */
  #abandon(): void {
    this.#rollups.reset()
    if (!this.connection.inTransaction) return
    this.#undo.run()
    this.#release.run()
  }
}

function refusal(cause: unknown): TaskError {
  if (cause instanceof TaskError) return cause
  const words = cause instanceof Error ? cause.message : 'unknown reason'
  const advice =
    'another process is writing, or has written since this transaction began to read; begin with .immediate()'
  const message = `The store refused a write: ${isBusy(cause) ? `${words}: ${advice}` : words}`
  return new TaskError('store_failed', { message }, { cause })
}
