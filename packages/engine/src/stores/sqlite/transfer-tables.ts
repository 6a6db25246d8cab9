import type { Database } from './driver/port.ts'
import type { TransferKind, TransferRows, TransferSlice } from '../transfer/port.ts'
import type { TableShape } from '../transfer/shapes.ts'
import type { Row, Value } from '../sql/database.ts'

/** So much text ends a slice early: a task may be more than a megabyte. */
const sliceLength = 4_194_304

/** How the rows of one kind are read and written. */
export interface Part<K extends TransferKind> {
  read(after: string | null, limit: number): TransferSlice<K>
  /** Inside the transaction that is open. */
  write(rows: readonly TransferRows[K][]): void
  count(): number
}

/** A kind whose rows are those of one table, as far as they meet a condition. */
export function tablePart<K extends TransferKind>(
  db: Database,
  shape: TableShape<TransferRows[K]>,
  where?: string,
): Part<K> {
  const columns = [...shape.key, ...shape.rest]
  const reader = new KeyedReader(db, { ...shape, columns, where })
  const insert = db.prepare<Value[]>(
    `INSERT INTO ${shape.table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
     ON CONFLICT (${shape.key.join(', ')}) DO NOTHING`,
  )
  return {
    read: (after, limit) => {
      const { rows, next } = reader.read(after, limit)
      return { rows: rows.map(shape.fromRow), next }
    },
    write: (rows) => {
      for (const row of rows) insert.run(...shape.toRow(row))
    },
    count: () => reader.count(),
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
  readonly #first
  readonly #after
  readonly #count
  readonly #keys: number

  constructor(db: Database, { table, key, columns, where }: Reading) {
    const select = (...conditions: readonly (string | undefined)[]): string => {
      const said = conditions.filter((condition) => condition !== undefined)
      const filter = said.length === 0 ? '' : `WHERE ${said.join(' AND ')}`
      return `SELECT ${columns.join(', ')} FROM ${table} ${filter} ORDER BY ${key.join(', ')} LIMIT ?`
    }
    const isAfter = `(${key.join(', ')}) > (${key.map(() => '?').join(', ')})`
    this.#keys = key.length
    this.#first = db.prepare<unknown[], Row>(select(where)).raw()
    this.#after = db.prepare<unknown[], Row>(select(isAfter, where)).raw()
    this.#count = db.prepare<unknown[], number>(`SELECT count(*) FROM ${table} WHERE ${where ?? '1'}`).pluck()
  }

  read(after: string | null, limit: number): { readonly rows: readonly Row[]; readonly next: string | null } {
    const found =
      after === null ? this.#first.iterate(limit) : this.#after.iterate(...(JSON.parse(after) as Value[]), limit)
    const rows: Row[] = []
    let length = 0
    for (const row of found) {
      rows.push(row)
      for (const value of row) if (typeof value === 'string') length += value.length
      if (length > sliceLength) break
    }
    const isLast = rows.length < limit && length <= sliceLength
    return { rows, next: isLast ? null : JSON.stringify(rows.at(-1)?.slice(0, this.#keys)) }
  }

  count(): number {
    return this.#count.get() ?? 0
  }
}
