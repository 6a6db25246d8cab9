import { createHash } from 'node:crypto'
import type driver from 'mysql2/promise'
import { driverMissing } from '../opening.ts'
import { DatabaseError, type BulkSession, type Database, type Session } from '../sql/database.ts'
import { inTransaction, lend, sessionOf, watched, type Watch } from '../sql/lending.ts'
import type { Limits } from '../sql/limits.ts'
import { within } from '../sql/patience.ts'
import { Texts } from '../sql/text.ts'
import { inserts, removals, updates, type BulkPlace } from './bulk.ts'
import type { MysqlConnection, MysqlPool } from './client.ts'
import { mysqlDialect, mysqlTable } from './dialect.ts'
import { failureOf } from './failure.ts'
import type { MysqlLink } from './link.ts'
import { linked } from './link.ts'
import { recognised, type MysqlServer } from './server.ts'

/** No statement of many rows is longer, however long the server would let it be. */
const longestStatement = 2_097_152

export interface MysqlPlace {
  /** The host's own, which is never ended; null to connect to `url`. */
  readonly pool: MysqlPool | null
  readonly url: string | null
  /** How many connections there are at most, when they are ours. */
  readonly connections: number
  readonly limits: Limits
  readonly prefix: string
}

/** MySQL and MariaDB over mysql2. */
export class MysqlDatabase implements Database {
  readonly dialect = mysqlDialect
  readonly session: Session
  readonly #texts: Texts
  readonly #table: (name: string) => string
  #pool: MysqlPool | null = null
  #server: MysqlServer | null = null

  constructor(private readonly place: MysqlPlace) {
    this.#table = mysqlTable(place.prefix)
    this.#texts = new Texts(this.#table, () => '?')
    this.session = sessionOf((sql, params) => lend(this.#borrow(), (link) => link.ask(sql, params)))
  }

  /** Of the tables; known once it is open. */
  get collation(): string {
    return this.#server?.collation ?? ''
  }

  async open(): Promise<void> {
    this.#pool = this.place.pool ?? (await ownPool(this.place))
    this.#server = await recognised(this.session)
  }

  async close(): Promise<void> {
    const pool = this.#pool
    this.#pool = null
    if (!pool || this.place.pool) return
    try {
      await within(this.place.limits.connectMs, pool.end?.() ?? Promise.resolve())
    } catch {
      // Closing must not throw: what was acknowledged is committed.
    }
  }

  transaction<T>(act: (session: BulkSession) => Promise<T>): Promise<T> {
    return lend(this.#borrow(), (link) => {
      // Connections of our own are so already.
      const level = this.place.pool ? ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED'] : []
      return inTransaction(link, [...level, 'START TRANSACTION'], (watch) => act(this.#bulk(link, watch)))
    })
  }

  snapshot<T>(act: (session: Session) => Promise<T>): Promise<T> {
    const begin = [
      'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
      'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
    ]
    return lend(this.#borrow(), (link) => inTransaction(link, begin, (watch) => act(watched(link, watch))))
  }

  exclusively<T>(name: string, act: () => Promise<T>): Promise<T> {
    return lend(this.#borrow(), async (link) => {
      const lock = this.#lockName(name)
      const seconds = Math.max(1, Math.floor((0.8 * this.place.limits.statementMs) / 1_000))
      const { rows } = await link.ask('SELECT get_lock(?, ?)', [lock, seconds])
      if (rows[0]?.[0] !== 1) throw new DatabaseError('conflict', `Others were busy with ${name} for ${seconds} s`)
      try {
        return await act()
      } finally {
        await link.ask('SELECT release_lock(?)', [lock])
      }
    })
  }

  /** Locks are of the whole server and have short names. */
  #lockName(name: string): string {
    const place = `${this.#server?.database} ${this.#table(name)}`
    return `taskloom ${createHash('sha256').update(place).digest('hex').slice(0, 40)}`
  }

  async #borrow(): Promise<MysqlLink> {
    const pool = this.#pool
    if (!pool) throw new DatabaseError('unreachable', 'The store is closed')
    const { limits } = this.place
    const asked = pool.getConnection()
    let connection: MysqlConnection
    try {
      connection = await within(limits.connectMs, asked)
    } catch (cause) {
      // One that comes too late goes back.
      asked.then((late) => late.release()).catch(() => undefined)
      throw failureOf(cause)
    }
    const maxBytes = this.#server?.maxPacketBytes ?? Infinity
    return linked(connection, { texts: this.#texts, limits, maxBytes, isHosts: this.place.pool !== null })
  }

  #bulk(link: MysqlLink, watch: Watch): BulkSession {
    const place: BulkPlace = {
      table: this.#table,
      collation: this.collation,
      // A character may be four bytes.
      maxLength: Math.min(longestStatement, (this.#server?.maxPacketBytes ?? longestStatement) / 4),
    }
    const all = async (statements: readonly string[]): Promise<number> => {
      let count = 0
      for (const statement of statements) count += await watch(link.tell(statement))
      return count
    }
    return {
      ...watched(link, watch),
      insert: (table, columns, rows, onConflict = 'fail') => all(inserts(place, table, columns, rows, onConflict)),
      update: (table, keys, columns, rows, guard) => all(updates(place, table, keys, columns, rows, guard)),
      remove: (table, keys, rows) => all(removals(place, table, keys, rows)),
    }
  }
}

async function ownPool({ url, connections, limits }: MysqlPlace): Promise<MysqlPool> {
  const { createPool } = await loadDriver()
  return createPool({
    uri: (url ?? '').replace(/^mariadb:/, 'mysql:'),
    connectionLimit: connections,
    maxIdle: connections,
    idleTimeout: 30_000,
    connectTimeout: limits.connectMs,
    enableKeepAlive: true,
    charset: 'utf8mb4',
    trace: false,
  })
}

async function loadDriver(): Promise<typeof driver> {
  try {
    const { default: loaded } = await import('mysql2/promise')
    return loaded
  } catch (cause) {
    throw driverMissing('mysql() needs the package mysql2: npm install mysql2', cause)
  }
}
