import { TaskError } from '../../core/errors.ts'
import type { Row } from '../sql/database.ts'
import type { Limits } from '../sql/limits.ts'

/** Too long a text or a number too great is an error, and backslashes in texts mean what they usually do. */
const sqlMode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'
/** What a list of texts of one group may come to; longer ones are cut off, and the default of MySQL is 1,024. */
const longestGroup = 16_777_216

/** Statements that a connection of our own begins with. */
export function ownSettings(isMariadb: boolean, { statementMs }: Limits): readonly string[] {
  // Locks are waited for shorter than the statement: then the server itself says what was in the way.
  const lockSeconds = Math.max(1, Math.floor((0.8 * statementMs) / 1_000))
  // A transaction whose client is silent, because the network is gone, lets its locks go; MySQL cannot be told that.
  const seconds = statementMs / 1_000
  const longest = isMariadb
    ? `max_statement_time = ${seconds}, idle_transaction_timeout = ${Math.ceil(seconds)}`
    : `max_execution_time = ${statementMs}`
  return [
    `SET SESSION sql_mode = '${sqlMode}', autocommit = 1, group_concat_max_len = ${longestGroup},
       innodb_lock_wait_timeout = ${lockSeconds}, lock_wait_timeout = ${lockSeconds}, ${longest}`,
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  ]
}

/** How a connection of the host's differs from what we need. */
export interface HostSettings {
  /** Once: does the host no harm. */
  readonly atFirst: readonly string[]
  /** Each time it is borrowed, and each time it is given back. */
  readonly onBorrow: readonly string[]
  readonly onReturn: readonly string[]
}

export const askSettings =
  'SELECT @@character_set_client, @@sql_mode, @@autocommit, @@group_concat_max_len, @@character_set_connection'

/** Throws `store_failed` when texts would not arrive as they are. */
export function hostSettings(row: Row | undefined): HostSettings {
  const [charset, mode, autocommit, group, connectionCharset] = row ?? []
  if (charset !== 'utf8mb4' || connectionCharset !== 'utf8mb4') {
    const message = `mysql() needs a pool with charset utf8mb4; this one has ${String(charset)}`
    throw new TaskError('store_failed', { message })
  }
  const fits = isStrict(String(mode)) && Number(autocommit) === 1
  const hosts = `sql_mode = '${String(mode).replaceAll("'", "''")}', autocommit = ${Number(autocommit)}`
  return {
    atFirst: Number(group) >= longestGroup ? [] : [`SET SESSION group_concat_max_len = ${longestGroup}`],
    onBorrow: fits ? [] : [`SET SESSION sql_mode = '${sqlMode}', autocommit = 1`],
    onReturn: fits ? [] : [`SET SESSION ${hosts}`],
  }
}

function isStrict(mode: string): boolean {
  const modes = mode.split(',')
  const unfit = ['NO_BACKSLASH_ESCAPES', 'PAD_CHAR_TO_FULL_LENGTH', 'ONLY_FULL_GROUP_BY', 'NO_UNSIGNED_SUBTRACTION']
  return (
    (modes.includes('STRICT_TRANS_TABLES') || modes.includes('STRICT_ALL_TABLES')) &&
    !unfit.some((name) => modes.includes(name))
  )
}
