import type driver from 'pg'
import { TaskError } from '../../core/errors.ts'
import { driverMissing } from '../opening.ts'
import {
  DatabaseError,
  type BulkSession,
  type BulkWrite,
  type Database,
  type OnConflict,
  type Session,
  type Value,
} from '../sql/database.ts'
import { inTransaction, lend, sessionOf, watched, type Watch } from '../sql/lending.ts'
import type { Limits } from '../sql/limits.ts'
import { within } from '../sql/patience.ts'
import { keyOf } from '../sql/tables.ts'
import { Texts } from '../sql/text.ts'
import { change, insertion, lastOfEach, removal, rowsAtOnce, together, missing, type Bulk } from './bulk.ts'
import type { PostgresClient, PostgresPool } from './client.ts'
import { postgresDialect } from './dialect.ts'
import { failureOf } from './failure.ts'
import { PostgresLink } from './link.ts'

/** The oldest server that is tried. */
const leastVersion = 120_000

export interface PostgresPlace {
  /** The host's own, which is never ended; null to connect to `url`. */
  readonly pool: PostgresPool | null
  readonly url: string | null
  /** How many connections there are at most, when they are ours. */
  readonly connections: number
  readonly limits: Limits
  /** The full name of a table. */
  readonly table: (name: string) => string
  /** Whether it is behind a pooler, which may refuse connections that want settings of their own. */
  readonly isPooled: boolean
}

/** PostgreSQL over pg. */
export class PostgresDatabase implements Database {
  readonly dialect = postgresDialect
  readonly session: Session
  readonly #texts: Texts
  #pool: PostgresPool | null = null

  constructor(private readonly place: PostgresPlace) {
    this.#texts = new Texts(place.table, (index) => `$${index}`)
    this.session = sessionOf((sql, params) => lend(this.connect(), (link) => link.ask(sql, params)))
  }

  async open(): Promise<void> {
    this.#pool = this.place.pool ?? (await ownPool(this.place))
    // A connection that is lost while nobody uses it: the next one who asks gets another. Unheard, it would end the host.
    this.#pool.on?.('error', ignore)
    const [row] = await this.session.rows('SHOW server_version_num')
    if (Number(row?.[0]) >= leastVersion) return
    throw new TaskError('store_failed', { message: 'The store needs PostgreSQL 12 or newer' })
  }

  async close(): Promise<void> {
    const pool = this.#pool
    this.#pool = null
    if (!pool) return
    if (this.place.pool) return void pool.off?.('error', ignore)
    try {
      // Our own is listened to further: its connections may still fail while they end.
      await within(this.place.limits.connectMs, pool.end?.() ?? Promise.resolve())
    } catch {
      // Closing must not throw: what was acknowledged is committed.
    }
  }

  transaction<T>(act: (session: BulkSession) => Promise<T>): Promise<T> {
    return lend(this.connect(), (link) =>
      inTransaction(link, ['BEGIN ISOLATION LEVEL READ COMMITTED'], (watch) => act(bulk(link, watch))),
    )
  }

  async atOnce(writes: readonly BulkWrite[]): Promise<void> {
    if (writes.length === 0) return
    const { sql, params } = together(writes)
    const link = this.connect()
    await link
    try {
      await lend(link, (connected) => connected.ask(sql, params))
    } catch (cause) {
      throw outcomeOf(cause)
    }
  }

  snapshot<T>(act: (session: Session) => Promise<T>): Promise<T> {
    return this.#inside('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY', act)
  }

  exclusively<T>(name: string, act: () => Promise<T>): Promise<T> {
    return this.#inside('BEGIN', async (session) => {
      await session.rows('SELECT pg_advisory_xact_lock(hashtext(?))', [this.place.table(name)])
      return act()
    })
  }

  /** A connection that is kept; the caller releases it. */
  async connect(): Promise<PostgresLink> {
    const pool = this.#pool
    if (!pool) throw new DatabaseError('unreachable', 'The store is closed')
    const asked = pool.connect()
    try {
      const client = await within(this.place.limits.connectMs, asked)
      return new PostgresLink(client, this.#texts, this.place.limits.statementMs)
    } catch (cause) {
      // One that comes too late goes back.
      asked.then((client) => client.release()).catch(ignore)
      throw failureOf(cause)
    }
  }

  #inside<T>(begin: string, act: (session: Session) => Promise<T>): Promise<T> {
    return lend(this.connect(), (link) => inTransaction(link, [begin], (watch) => act(watched(link, watch))))
  }
}

function bulk(link: PostgresLink, watch: Watch): BulkSession {
  const many = async (rows: Rows, statement: (portion: Rows) => Bulk): Promise<number> => {
    let count = 0
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      const { sql, params } = statement(rows.slice(from, from + rowsAtOnce))
      count += (await watch(link.ask(sql, params))).count
    }
    return count
  }
  return {
    ...watched(link, watch),
    insert: (table, columns, rows, onConflict: OnConflict = 'fail') => {
      const distinct = onConflict === 'replace' ? lastOfEach(rows, columns, keyOf(table)) : rows
      return many(distinct, (portion) => insertion(table, columns, portion, onConflict))
    },
    update: (table, keys, columns, rows, guard = []) =>
      many(lastOfEach(rows, [...keys, ...columns], keys), (portion) => change(table, keys, columns, portion, guard)),
    remove: (table, keys, rows) => many(rows, (portion) => removal(table, keys, portion)),
  }
}

/** A statement that commits by itself was perhaps done when no answer came. */
function outcomeOf(cause: unknown): unknown {
  if (!(cause instanceof DatabaseError)) return cause
  if ((cause.cause as { code?: unknown } | undefined)?.code === missing) {
    return new DatabaseError('conflict', 'A row is not what it was', { cause })
  }
  return cause.failure === 'unreachable' ? new DatabaseError('unanswered', cause.message, { cause }) : cause
}

type Rows = readonly (readonly Value[])[]

async function ownPool({ url, connections, limits, isPooled }: PostgresPlace): Promise<PostgresPool> {
  const { default: pg } = await loadDriver()
  const pool = new pg.Pool({
    connectionString: url ?? '',
    max: connections,
    connectionTimeoutMillis: limits.connectMs,
    ...(isPooled ? {} : settings(limits)),
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: 'taskloom',
  }) as unknown as PostgresPool
  // Also while the pool ends, when it does not listen any more.
  pool.on?.('connect', (client) => (client as PostgresClient).on?.('error', ignore))
  return pool
}

/**
 * So that the server gives up, too; it says what was in the way before we do. A transaction whose client is silent, because
 * the network is gone, lets its locks go: the others wait for them.
 */
function settings({ statementMs }: Limits) {
  return {
    statement_timeout: statementMs,
    lock_timeout: Math.round(0.8 * statementMs),
    idle_in_transaction_session_timeout: statementMs,
  }
}

async function loadDriver(): Promise<{ readonly default: typeof driver }> {
  try {
    return await import('pg')
  } catch (cause) {
    throw driverMissing('postgres() needs the package pg: npm install pg', cause)
  }
}

function ignore(): void {
  // Whoever asks next is told.
}
