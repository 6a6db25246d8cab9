/** What a column holds and gives: booleans are 0 and 1, instants epoch milliseconds. */
export type Value = string | number | null
/** Values in the order of the columns that were asked for. */
export type Row = readonly Value[]
/** A value, or a list of them where the statement says `among`. */
export type Param = Value | readonly Value[]

/**
 * Asks one database. Statements are written once for all of them: `?` stands for a parameter, `@name` for a table of ours
 * (with its schema or prefix), and what differs comes from the {@link Dialect}.
 */
export interface Session {
  /** The rows, each as an array. */
  rows(sql: string, params?: readonly Param[]): Promise<readonly Row[]>
  /** How many rows were written. */
  run(sql: string, params?: readonly Param[]): Promise<number>
}

/** A statement that gives rows, with its parameters. */
export interface Query {
  readonly sql: string
  readonly params: readonly Param[]
}

/** How one kind of database says what others say in other words. */
export interface Dialect {
  readonly name: 'postgres' | 'mysql' | 'sqlite'
  /** `column` is one of the values of a parameter that is a list; no row when the list is empty. */
  among(column: string): string
  /** `column` is none of them; every row when the list is empty. */
  notAmong(column: string): string
  /** What follows the table in FROM so that rows are read along an index, where the database has to be told. */
  along(index: string): string
  /** The end of a SELECT whose rows nobody else may change until the transaction ends; empty where nobody could. */
  readonly locked: string
  /**
   * Equal, where null equals null: `column` and a parameter.
   */
  same(column: string): string
  /** The condition that a row comes after (`>`) or before (`<`) a place in an order; the parameters follow {@link Bound}. */
  beyond(columns: readonly string[], sign: '>' | '<'): Bound
  /** The number of places of the first occurrence of a parameter in a column, from 1; 0 when it is not there. */
  position(column: string): string
  /** A conditional sum: of `value` over the rows where the condition holds. */
  sumWhere(value: string, condition: string): string
  /** All texts of a group, put together with a separator, in no order; null when there are none. */
  joined(text: string, separator: string): string
  /** Text parts put together. */
  concat(...parts: readonly string[]): string
  /** All rows of several SELECTs of the same columns, each of which may have an order and a limit of its own. */
  union(selects: readonly string[]): string
  /**
   * A SELECT put with several lists of parameters at once: its rows, each with the place of its list behind; null when their
   * values are of too many kinds. Absent where {@link union} is as quick; it is not where each part is planned for itself.
   */
  readonly each?: (select: string, lists: readonly (readonly Param[])[]) => Query | null
  /** A SELECT of the different values of an indexed column, each found by one step; `from` is FROM with its WHERE. */
  distinct(column: string, from: string): string
  /** Whether an index of ids alone is read faster than one that begins with something else: not where rows lie in it whole. */
  readonly hasNarrowIds: boolean
  /** Whether indexes can leave rows out. */
  readonly hasPartialIndexes: boolean
  /** Whether the indexes of names and of starts leave out tasks that run, of which there are few. */
  readonly leavesOutRunning: boolean
  /** An expression for what all this takes up on a disk of ours, bytes; null where it is on a disk of somebody else. */
  readonly fileSize: string | null
}

/** A condition with the places of an order that its parameters are, such as `[0, 0, 1]` for `a > ? OR (a = ? AND b > ?)`. */
export interface Bound {
  readonly sql: string
  readonly places: readonly number[]
}

/** One of several writes that are done at once; the rows of an update are of different keys. */
export type BulkWrite =
  | {
      readonly kind: 'insert'
      readonly table: string
      readonly columns: readonly string[]
      readonly rows: readonly (readonly Value[])[]
    }
  | {
      readonly kind: 'update'
      readonly table: string
      readonly keys: readonly string[]
      readonly columns: readonly string[]
      readonly rows: readonly (readonly Value[])[]
      readonly guard: Guard
    }

/** What happens to a row that is there already. */
export type OnConflict = 'fail' | 'keep' | 'replace'

/** Values that columns must have; null where they must be empty. */
export type Guard = readonly (readonly [column: string, value: Value])[]

/** Writes many rows in few statements. */
export interface BulkSession extends Session {
  /** Adds rows; all have the same columns. `replace` overwrites a row of the same primary key, `keep` leaves it: then the count says nothing. */
  insert(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
    onConflict?: OnConflict,
  ): Promise<number>
  /**
   * Sets columns of rows that are there, found by their key columns, which come first in each row; with a guard only of those
   * that are so.
   */
  update(
    table: string,
    keys: readonly string[],
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
    guard?: Guard,
  ): Promise<number>
  /** Deletes rows by their key columns. */
  remove(table: string, keys: readonly string[], rows: readonly (readonly Value[])[]): Promise<number>
}

/**
 * One database on a server, with connections that are taken and given back. Each call is bounded in time, and what fails
 * does so with a {@link DatabaseError}.
 */
export interface Database {
  readonly dialect: Dialect
  /** Connects for the first time, makes sure that the server can do what is needed. */
  open(): Promise<void>
  /** Lets go of everything that is its own. Never throws. */
  close(): Promise<void>
  /** One statement, on any connection. */
  readonly session: Session
  /**
   * One transaction, read committed, on one connection; committed when `act` resolves and rolled back when it rejects. What
   * others made impossible (a deadlock, a clash of unique keys) is a {@link DatabaseError} of that kind: whoever asked begins
   * anew. When the answer to COMMIT does not come the kind is `unanswered`.
   */
  transaction<T>(act: (session: BulkSession) => Promise<T>): Promise<T>
  /**
   * Does all of the writes in one round trip, or none: it is a `conflict` when an update does not find all its rows as the guard
   * says. When no answer comes the kind is `unanswered`. Absent where a database cannot.
   */
  atOnce?(writes: readonly BulkWrite[]): Promise<void>
  /** The same for reading only: all that is read is of one moment. */
  snapshot<T>(act: (session: Session) => Promise<T>): Promise<T>
  /** Runs `act` while nobody else is inside a section of this name, on any process; waits for them, bounded. */
  exclusively<T>(name: string, act: () => Promise<T>): Promise<T>
}

/** How a statement or transaction failed. */
export type DatabaseFailure =
  /** Another transaction was in the way: doing it again may succeed. */
  | 'conflict'
  /** A unique key is taken. */
  | 'duplicate'
  /** The server could not be asked, or did not answer in time; nothing is committed. */
  | 'unreachable'
  /** COMMIT was sent and not answered: it may be committed. */
  | 'unanswered'
  /** The statement or a value is not what the database takes. */
  | 'refused'

/** Why the database did not do what it was asked for. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'

  constructor(
    readonly failure: DatabaseFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
