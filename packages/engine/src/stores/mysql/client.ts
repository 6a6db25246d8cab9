/**
 * A pool of connections, such as one of mysql2/promise. Only its shape is told here: the host's version of the driver need
 * not be ours.
 */
export interface MysqlPool {
  /** Lends a connection. */
  getConnection(): Promise<MysqlConnection>
  /** Ends all connections; asked of our own pool only. Absent where the pool is ended otherwise. */
  end?(): Promise<void>
}

/** A pool of mysql2 that calls back. */
export interface MysqlCallbackPool {
  /** The same pool with promises. */
  promise(): MysqlPool
}

/** A connection of a pool. */
export interface MysqlConnection {
  /** Asks one statement. */
  query(query: MysqlQuery): Promise<readonly [unknown, ...unknown[]]>
  /** Gives it back. */
  release(): void
  /** Throws it away. */
  destroy(): void
  /** What the promises are put around: the same object however often it is borrowed. Absent where nothing is below. */
  readonly connection?: object
  /** Hears that it is lost; absent where it does not tell. */
  on?(event: 'error', listener: (error: Error) => void): unknown
  /** Hears no more; absent where `on` is. */
  off?(event: 'error', listener: (error: Error) => void): unknown
}

/** A statement, and how its answer is read whatever the pool was told. */
export interface MysqlQuery {
  /** The statement, with its values. */
  readonly sql: string
  /** Rows come as arrays. */
  readonly rowsAsArray: true
  /** Columns are not put under their tables. */
  readonly nestTables: false
  /** Reads a value. */
  typeCast(field: MysqlField): string | number | null
}

/** A value as the driver has it. */
export interface MysqlField {
  /** Its type, such as `LONGLONG`. */
  readonly type: string
  /** The value as text. */
  string(): string | null
}

const numbers = new Set(['TINY', 'SHORT', 'INT24', 'LONG', 'LONGLONG', 'FLOAT', 'DOUBLE', 'DECIMAL', 'NEWDECIMAL'])

/** How answers are read for us. */
export const plainAnswers = {
  rowsAsArray: true,
  nestTables: false,
  /** Every number of ours is below 2^53: none comes as text. */
  typeCast(field: MysqlField): string | number | null {
    const text = field.string()
    return text !== null && numbers.has(field.type) ? Number(text) : text
  },
} as const

/** A pool with promises. */
export function asPool(pool: MysqlPool | MysqlCallbackPool): MysqlPool {
  return 'promise' in pool ? pool.promise() : pool
}

/** How many rows a statement wrote. */
export function countOf(answer: unknown): number {
  const count = (answer as { affectedRows?: unknown } | null)?.affectedRows
  return typeof count === 'number' ? count : 0
}

/** The socket below a connection, which may be half-open: ending it in order would wait for an answer that never comes. */
export function cutOff(connection: MysqlConnection): void {
  connection.destroy()
  const stream = (connection.connection as { stream?: { destroy?: () => void } } | undefined)?.stream
  stream?.destroy?.()
}
