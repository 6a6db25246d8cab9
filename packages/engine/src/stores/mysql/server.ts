import { TaskError } from '../../core/errors.ts'
import type { Session } from '../sql/database.ts'

/** What is to be known of a server. */
export interface MysqlServer {
  readonly isMariadb: boolean
  /** Compares texts by their bytes, spaces at the end included. */
  readonly collation: string
  readonly database: string
  /** The longest statement that it takes, in bytes. */
  readonly maxPacketBytes: number
}

/** Asks a server what it is; rejects with `store_failed` when it is too old, or when no database was named. */
export async function recognised(session: Session): Promise<MysqlServer> {
  const [row] = await session.rows('SELECT version(), database(), @@max_allowed_packet')
  const [version, database, packet] = row ?? []
  const isMariadb = String(version).includes('MariaDB')
  const least = isMariadb ? [10, 6, 0] : [8, 0, 17]
  if (!isAtLeast(String(version), least)) {
    throw refusal(`The store needs MySQL 8.0.17, MariaDB 10.6 or newer; this server is ${version}`)
  }
  if (typeof database !== 'string' || database === '')
    throw refusal('The connection names no database to keep tasks in')
  const collation = isMariadb ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'
  return { isMariadb, collation, database, maxPacketBytes: Number(packet) }
}

function isAtLeast(version: string, least: readonly number[]): boolean {
  // MariaDB may call itself 5.5.5 first, for clients that are older than its name.
  const [, ...numbers] = /^(?:5\.5\.5-)?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []
  for (const [place, number] of least.entries()) {
    const found = Number(numbers[place] ?? 0)
    if (found !== number) return found > number
  }
  return true
}

function refusal(message: string): TaskError {
  return new TaskError('store_failed', { message })
}
