/**
 * A pool of connections, such as a `Pool` of pg. Only its shape is told here: the host's version of the driver need not be
 * ours.
 */
export interface PostgresPool {
  /** Lends a connection. */
  connect(): Promise<PostgresClient>
  /** Ends all connections; asked of our own pool only. Absent where the pool is ended otherwise. */
  end?(): Promise<void>
  /** Hears of connections that are lost while nobody uses them; absent where the pool does not tell. */
  on?(event: 'error' | 'connect', listener: (what: unknown) => void): unknown
  /** Hears no more; absent where `on` is. */
  off?(event: 'error', listener: (what: unknown) => void): unknown
}

/** A connection of a pool. */
export interface PostgresClient {
  /** Asks one statement. */
  query(query: PostgresQuery): Promise<PostgresResult>
  /** Gives it back; with `true` or an error it is thrown away. */
  release(destroy?: boolean | Error): void
  /** Lets the process end although it is connected; absent where that cannot be said. */
  unref?(): void
  /** What is below it, to be cut off when nobody answers; absent where it is not told. */
  readonly connection?: PostgresWire
  /** Hears what happens to it; absent where it does not tell. */
  on?(event: 'error' | 'notification' | 'end', listener: (what: unknown) => void): unknown
  /** Hears no more; absent where `on` is. */
  off?(event: 'error' | 'notification' | 'end', listener: (what: unknown) => void): unknown
}

/** A statement, and how its answer is read. */
export interface PostgresQuery {
  /** The statement. */
  readonly text: string
  /** What stands for `$1`, `$2` and so on; nothing by default. */
  readonly values?: readonly unknown[]
  /** Rows come as arrays; as objects by default. */
  readonly rowMode?: 'array'
  /** How values are read; as the driver is told by default. */
  readonly types?: PostgresTypes
}

/** Readers of values by their type. */
export interface PostgresTypes {
  /** The reader of a type, by the number that the server gives it. */
  getTypeParser(oid: number, format?: string): (text: string) => unknown
}

/** The network connection below a connection. */
export interface PostgresWire {
  /** Its socket; absent before there is one. */
  readonly stream?: PostgresSocket
}

/** A socket. */
export interface PostgresSocket {
  /** Cuts it off; absent where it ends by itself. */
  destroy?(): unknown
}

/** What a statement came to. */
export interface PostgresResult {
  /** The rows that were read. */
  readonly rows: readonly unknown[]
  /** How many rows were read or written; null where there is nothing to count. */
  readonly rowCount: number | null
}

const int8 = 20
const numeric = 1700
const floats = [700, 701]
const integers = [21, 23]

/** Every number of ours is below 2^53: none comes as text. */
export const numberParsers = {
  getTypeParser(oid: number): (text: string) => unknown {
    const isNumber = oid === int8 || oid === numeric || floats.includes(oid) || integers.includes(oid)
    return isNumber ? Number : (text) => text
  },
}
