import type { TransferKind, TransferRows, TransferSlice } from '../transfer/port.ts'
import { SlicePace } from '../transfer/pace.ts'
import type { TableShape } from '../transfer/shapes.ts'
import type { BulkSession, Dialect, Row, Session, Value } from './database.ts'

/** How the rows of one kind are read and written. */
export interface Part<K extends TransferKind> {
  read(session: Session, after: string | null, limit: number): Promise<TransferSlice<K>>
  /** In the transaction that is open. */
  write(session: BulkSession, rows: readonly TransferRows[K][]): Promise<void>
  count(session: Session): Promise<number>
}

interface TableOptions {
  /** Which rows there are; all by default. */
  readonly where?: string
  /** Columns that have another name here. */
  readonly names?: Readonly<Record<string, string>>
}

/** A kind whose rows are those of one table. */
export function tablePart<K extends TransferKind>(
  dialect: Dialect,
  { table, key, rest, toRow, fromRow }: TableShape<TransferRows[K]>,
  { where, names = {} }: TableOptions = {},
): Part<K> {
  const named = (columns: readonly string[]): readonly string[] => columns.map((column) => names[column] ?? column)
  const columns = named([...key, ...rest])
  const reader = new KeyedReader(dialect, { table, key: named(key), columns, where })
  return {
    async read(session, after, limit) {
      const { rows, next } = await reader.read(session, after, limit)
      return { rows: rows.map(fromRow), next }
    },
    async write(session, rows) {
      await session.insert(table, columns, rows.map(toRow), 'keep')
    },
    count: (session) => reader.count(session),
  }
}

interface Reading {
  readonly table: string
  /** The first of the columns. */
  readonly key: readonly string[]
  readonly columns: readonly string[]
  readonly where?: string | undefined
}

/** Reads rows in the order of their keys. */
export class KeyedReader {
  readonly #pace = new SlicePace()

  constructor(
    private readonly dialect: Dialect,
    private readonly reading: Reading,
  ) {}

  async read(
    session: Session,
    after: string | null,
    limit: number,
  ): Promise<{ readonly rows: readonly Row[]; readonly next: string | null }> {
    const { table, key, columns, where } = this.reading
    const bound = this.dialect.beyond(key, '>')
    const place = after === null ? [] : (JSON.parse(after) as Value[])
    const conditions = [...(after === null ? [] : [bound.sql]), ...(where === undefined ? [] : [where])]
    const filter = conditions.length === 0 ? '' : `WHERE ${conditions.map((each) => `(${each})`).join(' AND ')}`
    const params = after === null ? [] : bound.places.map((index) => place[index] ?? null)
    const most = this.#pace.rows(limit)
    const rows = await session.rows(
      `SELECT ${columns.join(', ')} FROM @${table} ${filter} ORDER BY ${key.join(', ')} LIMIT ?`,
      [...params, most],
    )
    this.#pace.saw(rows.length, lengthOf(rows))
    return { rows, next: rows.length < most ? null : JSON.stringify(rows.at(-1)?.slice(0, key.length)) }
  }

  async count(session: Session): Promise<number> {
    const { table, where } = this.reading
    const filter = where === undefined ? '' : `WHERE ${where}`
    const [row] = await session.rows(`SELECT count(*) FROM @${table} ${filter}`)
    return Number(row?.[0] ?? 0)
  }
}

function lengthOf(rows: readonly Row[]): number {
  let length = 0
  for (const row of rows) for (const value of row) if (typeof value === 'string') length += value.length
  return length
}
