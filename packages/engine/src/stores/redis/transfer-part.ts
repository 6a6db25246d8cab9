import type { TransferKind, TransferRows, TransferSlice } from '../transfer/port.ts'
import type { Connection } from './connection.ts'
import { bare, type KeyChanges } from './key-changes.ts'
import type { Keys } from './keys.ts'

/** How the rows of one kind are read and written. */
export interface Part<K extends TransferKind> {
  read(connection: Connection, after: string | null, limit: number): Promise<TransferSlice<K>>
  /** Says what to commit so that those which are not there are. */
  propose(connection: Connection, changes: KeyChanges, rows: readonly TransferRows[K][]): Promise<void>
  count(connection: Connection): Promise<number>
}

/** A register, or another hash, with a field for each row. */
export interface RegisterShape<R> {
  readonly key: (keys: Keys) => string
  readonly field: (row: R) => string
  readonly encode: (row: R) => string | number
  readonly decode: (field: string, text: string) => R
  /** What is written beside the field. */
  readonly also?: (changes: KeyChanges, row: R) => void
}

/** A kind of which there is so little that the names of all fields are read at once. */
export function registerPart<K extends TransferKind>(shape: RegisterShape<TransferRows[K]>): Part<K> {
  const { key, field, encode, decode, also } = shape
  return {
    async read(connection, after, limit) {
      const { fields, next } = await fieldsAfter(connection, key(connection.keys), after, limit)
      const texts = await readFields(connection, key(connection.keys), fields)
      const rows = fields.flatMap((name) => {
        const text = texts.get(name) ?? null
        return text === null ? [] : [decode(name, text)]
      })
      return { rows, next }
    },
    async propose(connection, changes, rows) {
      const missing = await guardedMissing(connection, changes, key, rows.map(field))
      for (const row of rows) {
        if (!missing.has(field(row))) continue
        changes.put(key(bare), field(row), encode(row))
        also?.(changes, row)
      }
    },
    count: async (connection) => Number(await connection.command('HLEN', key(connection.keys))),
  }
}

/** Some names of fields in order, and where to read on. */
export async function fieldsAfter(
  connection: Connection,
  key: string,
  after: string | null,
  limit: number,
): Promise<{ readonly fields: readonly string[]; readonly next: string | null }> {
  const all = ((await connection.command('HKEYS', key)) as readonly string[]).filter(
    (field) => after === null || field > after,
  )
  const fields = all.sort((a, b) => (a < b ? -1 : 1)).slice(0, limit)
  return { fields, next: fields.length < all.length ? (fields.at(-1) ?? null) : null }
}

/** Fields of a hash; null for those that are not there. */
export async function readFields(
  connection: Connection,
  key: string,
  fields: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  if (fields.length === 0) return new Map()
  const texts = (await connection.command('HMGET', key, ...fields)) as readonly (string | null)[]
  return new Map(fields.map((field, index) => [field, texts[index] ?? null]))
}

/** Which fields are not there; what is committed depends on it. */
export async function guardedMissing(
  connection: Connection,
  changes: KeyChanges,
  key: (keys: Keys) => string,
  fields: readonly string[],
): Promise<ReadonlySet<string>> {
  const texts = await readFields(connection, key(connection.keys), fields)
  const missing = new Set(fields.filter((field) => (texts.get(field) ?? null) === null))
  for (const field of missing) changes.guard({ key: key(bare), field, expected: null })
  return missing
}

/** Ids of a set in order of ids, after one of them. */
export async function idsAfter(
  connection: Connection,
  key: string,
  after: string | null,
  limit: number,
): Promise<readonly string[]> {
  const from = after === null ? '-' : `(${after}`
  return (await connection.command('ZRANGEBYLEX', key, from, '+', 'LIMIT', 0, limit)) as readonly string[]
}
