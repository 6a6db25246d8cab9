import { MysqlDatabase } from '../../packages/engine/dist/stores/mysql/connection.js'
import { mysqlWords } from '../../packages/engine/dist/stores/mysql/dialect.js'
import { PostgresDatabase } from '../../packages/engine/dist/stores/postgres/connection.js'
import { postgresWords } from '../../packages/engine/dist/stores/postgres/dialect.js'
import { sqlAudit } from '../../packages/engine/dist/stores/sql/audit.js'
import { DatabaseError, type Database } from '../../packages/engine/dist/stores/sql/database.js'
import { migrate } from '../../packages/engine/dist/stores/sql/migrate.js'
import { sqlOperations } from '../../packages/engine/dist/stores/sql/operations.js'
import { sqlOutbox } from '../../packages/engine/dist/stores/sql/outbox.js'
import { sqlQueueControls } from '../../packages/engine/dist/stores/sql/queue-controls.js'
import { sqlSchedules } from '../../packages/engine/dist/stores/sql/schedules.js'
import { sqlSecrets } from '../../packages/engine/dist/stores/sql/secrets.js'
import { sqlSessions } from '../../packages/engine/dist/stores/sql/sessions.js'
import { SqlTasks } from '../../packages/engine/dist/stores/sql/tasks.js'
import { sqlUpkeep } from '../../packages/engine/dist/stores/sql/upkeep.js'
import { Writer } from '../../packages/engine/dist/stores/sql/writer.js'
import { startMariadb } from '../servers/mariadb.ts'
import { startPostgres } from '../servers/postgres.ts'
import type { StartsServer } from '../servers/server.ts'

const limits = { connectMs: 5_000, statementMs: 5_000 }

/** A kind of server that keeps tasks in tables. */
export interface SqlKind {
  readonly starts: StartsServer
  /** Opens a database over connections of its own and makes its tables. */
  open(url: string): Promise<Database>
}

export const sqlKinds: readonly (readonly [string, SqlKind])[] = [
  [
    'PostgreSQL',
    {
      starts: startPostgres,
      async open(url) {
        const words = postgresWords(null, 't_')
        const database = new PostgresDatabase({
          pool: null,
          url,
          connections: 4,
          limits,
          table: words.table,
          isPooled: false,
        })
        await database.open()
        await migrate(database, words)
        return database
      },
    },
  ],
  [
    'MariaDB',
    {
      starts: startMariadb,
      async open(url) {
        const database = new MysqlDatabase({ pool: null, url, connections: 4, limits, prefix: 't_' })
        await database.open()
        await migrate(database, mysqlWords('t_', database.collation))
        return database
      },
    },
  ],
]

/** What one process keeps on a server. */
export type SqlInstance = ReturnType<typeof instanceOn>

export function instanceOn(database: Database) {
  const writer = new Writer({ database, onCommitted: () => undefined, patienceMs: 15_000, chance: Math.random })
  const tasks = new SqlTasks(writer)
  return {
    database,
    writer,
    tasks,
    audit: sqlAudit(writer),
    operations: sqlOperations(writer),
    outbox: sqlOutbox(writer),
    queueControls: sqlQueueControls(writer),
    schedules: sqlSchedules(writer),
    secrets: sqlSecrets(writer),
    sessions: sqlSessions(writer),
    upkeep: sqlUpkeep(writer),
    async close(): Promise<void> {
      await tasks.close()
      await database.close()
    },
  }
}

/**
 * The same database, whose first answer to a COMMIT is lost on its way; `isCommitted` says whether the COMMIT came through.
 * `meanwhile` is done before anybody looks again.
 */
export function losingAnAnswer(
  database: Database,
  isCommitted: boolean,
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
): Database {
  let isLost = false
  const lossy = Object.create(database) as { -readonly [Name in keyof Database]: Database[Name] }
  lossy.session = database.session
  lossy.transaction = async (act) => {
    if (isLost) return database.transaction(act)
    isLost = true
    const lost = new DatabaseError('unanswered', 'The connection was lost')
    await database
      .transaction(async (session) => {
        await act(session)
        if (!isCommitted) throw lost
      })
      .catch((error: unknown) => {
        if (error !== lost) throw error
      })
    await meanwhile()
    throw lost
  }
  return lossy
}
