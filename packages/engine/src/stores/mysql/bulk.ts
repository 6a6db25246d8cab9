import type { Guard, OnConflict, Value } from '../sql/database.ts'
import { keyOf, typeOf } from '../sql/tables.ts'
import { literal } from './literal.ts'

type Rows = readonly (readonly Value[])[]

/** What rows are written to, and how. */
export interface BulkPlace {
  /** The full name of a table. */
  readonly table: (name: string) => string
  /** That of the tables: a literal has the collation of its connection. */
  readonly collation: string
  /** How long a statement may be, in characters, as far as its rows let it. */
  readonly maxLength: number
}

const rowsAtOnce = 500

/** The statements that add all rows. */
export function inserts(
  { table: fullName, maxLength }: BulkPlace,
  table: string,
  columns: readonly string[],
  rows: Rows,
  onConflict: OnConflict,
): readonly string[] {
  const head = `INSERT INTO ${fullName(table)} (${columns.join(', ')}) VALUES `
  const tail = conflict(table, columns, onConflict)
  return portions(rows, maxLength).map((portion) => `${head}${portion.map(inBrackets).join(', ')}${tail}`)
}

export function updates(
  { table: fullName, collation, maxLength }: BulkPlace,
  table: string,
  keys: readonly string[],
  columns: readonly string[],
  rows: Rows,
  guard: Guard = [],
): readonly string[] {
  const set = columns.map((column) => `kept.${column} = changed.${column}`).join(', ')
  const same = keys.map((key) => `kept.${key} = changed.${key}`).join(' AND ')
  const conditions = guard.map(
    ([column, value]) => `kept.${column} ${value === null ? 'IS NULL' : `= ${literal(value)}`}`,
  )
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const collated = keys.map((key) => (isText(table, key) ? ` COLLATE ${collation}` : ''))
  // The first row names the columns and says how they compare.
  const first = (row: readonly string[]) =>
    row.map((value, place) => `${value}${collated[place] ?? ''} AS ${[...keys, ...columns][place]}`)
  return portions(rows, maxLength).map((portion) => {
    const selects = portion.map((row, place) => `SELECT ${(place === 0 ? first(row) : row).join(', ')}`)
    return `UPDATE ${fullName(table)} kept JOIN (${selects.join(' UNION ALL ')}) changed ON ${same} SET ${set}${where}`
  })
}

export function removals(
  { table: fullName, maxLength }: BulkPlace,
  table: string,
  keys: readonly string[],
  rows: Rows,
): readonly string[] {
  return portions(rows, maxLength).map(
    (portion) => `DELETE FROM ${fullName(table)} WHERE (${keys.join(', ')}) IN (${portion.map(inBrackets).join(', ')})`,
  )
}

/** Rows as literals, as many together as go with one statement. */
function portions(rows: Rows, maxLength: number): readonly (readonly (readonly string[])[])[] {
  const all: (readonly string[])[][] = []
  let length = Infinity
  for (const row of rows) {
    const literals = row.map(literal)
    const rowLength = literals.reduce((sum, text) => sum + text.length + 16, 0)
    const last = all.at(-1)
    if (!last || last.length >= rowsAtOnce || length + rowLength > maxLength) {
      all.push([literals])
      length = rowLength
    } else {
      last.push(literals)
      length += rowLength
    }
  }
  return all
}

/** `INSERT IGNORE` would also cut off texts that are too long. */
function conflict(table: string, columns: readonly string[], onConflict: OnConflict): string {
  if (onConflict === 'fail') return ''
  const keys = keyOf(table)
  const others = columns.filter((column) => !keys.includes(column))
  const set =
    onConflict === 'keep' || others.length === 0
      ? keys.slice(0, 1).map((key) => `${key} = ${key}`)
      : others.map((column) => `${column} = VALUES(${column})`)
  return ` ON DUPLICATE KEY UPDATE ${set.join(', ')}`
}

function inBrackets(row: readonly string[]): string {
  return `(${row.join(', ')})`
}

function isText(table: string, column: string): boolean {
  return !['instant', 'integer', 'real'].includes(typeOf(table, column))
}
