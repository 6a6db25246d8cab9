import type { BulkWrite, Guard, OnConflict, Value } from '../sql/database.ts'
import { keyOf, typeOf } from '../sql/tables.ts'
import { arrayTypes } from './dialect.ts'

/** So many rows go with one statement. */
export const rowsAtOnce = 1_000

type Rows = readonly (readonly Value[])[]

/** A statement and the values for it. */
export interface Bulk {
  readonly sql: string
  readonly params: readonly Value[]
}

export function insertion(table: string, columns: readonly string[], rows: Rows, onConflict: OnConflict): Bulk {
  const from = arraysOf(table, columns, rows, keyOf(table), onConflict !== 'replace')
  const sql = `INSERT INTO @${table} (${from.columns.join(', ')}) SELECT ${from.values.join(', ')} FROM ${from.arrays}${conflict(table, columns, onConflict)}`
  return { sql, params: from.params }
}

export function change(
  table: string,
  keys: readonly string[],
  columns: readonly string[],
  rows: Rows,
  guard: Guard,
): Bulk {
  const from = arraysOf(table, [...keys, ...columns], rows, keys)
  const set = columns.map((column, index) => `${column} = ${from.values[keys.length + index]}`).join(', ')
  const conditions = guard.map(([column, value]) => `kept.${column} ${value === null ? 'IS NULL' : '= ?'}`)
  // The ids come out of a subquery because the planner looks for few of them then, by their index. Given as they are, it reads
  // the whole table for some hundred of them while that is small, and weighs each by the statistics when it is large.
  const among = `kept.${keys[0]} = ANY(ARRAY(SELECT unnest(?::${arrayTypes[typeOf(table, keys[0] ?? '')]})))`
  const sql = `UPDATE @${table} kept SET ${set} FROM ${from.arrays} WHERE ${same(keys)} AND ${among}${guarded(conditions)}`
  const values = guard.flatMap(([, value]) => (value === null ? [] : [value]))
  return { sql, params: [...from.params, arrayLiteral(rows, 0), ...values] }
}

/**
 * Conditions that the planner does not look into: it would find the rows by their status, of which an index has many dead
 * entries, or take them to be one at most when a worker is new, and go through the whole table for each.
 */
function guarded(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` AND CASE WHEN ${conditions.join(' AND ')} THEN true ELSE false END`
}

export function removal(table: string, keys: readonly string[], rows: Rows): Bulk {
  const from = arraysOf(table, keys, rows, keys)
  return { sql: `DELETE FROM @${table} kept USING ${from.arrays} WHERE ${same(keys)}`, params: from.params }
}

/** What stands for an update that did not find all its rows: it makes the whole statement fail. */
export const missing = '22012'

/** All of the writes as one statement, which is done whole or not at all. */
export function together(writes: readonly BulkWrite[]): Bulk {
  const parts = writes.map((write) =>
    write.kind === 'insert'
      ? insertion(write.table, write.columns, write.rows, 'fail')
      : change(write.table, write.keys, write.columns, write.rows, write.guard),
  )
  const steps = parts.map(({ sql }, index) => `step_${index} AS (${sql} RETURNING 1)`)
  const found = writes.flatMap(({ kind }, index) => (kind === 'update' ? `(SELECT count(*) FROM step_${index})` : []))
  const wanted = writes.reduce((sum, { kind, rows }) => (kind === 'update' ? sum + rows.length : sum), 0)
  const sql = `WITH ${steps.join(', ')} SELECT 1 / CASE WHEN ${['0', ...found].join(' + ')} = ?::bigint THEN 1 ELSE 0 END`
  return { sql, params: [...parts.flatMap(({ params }) => params), wanted] }
}

interface Arrays {
  /** All columns but those that may be left out. */
  readonly columns: readonly string[]
  /** What stands for each column: of `changed`, or a parameter. */
  readonly values: readonly string[]
  readonly arrays: string
  /** In the order in which the statement names them: single values first for a list of `values` before `arrays`. */
  readonly params: readonly Value[]
}

/**
 * One array for each column, so that the text is the same however many rows there are; a column that has the same value in
 * many rows is sent once, because reading arrays is much of what adding rows costs. Of new rows one that is null in all of them
 * need not be named at all: most columns of most tasks are.
 */
function arraysOf(
  table: string,
  columns: readonly string[],
  rows: Rows,
  keys: readonly string[],
  leavesOutNulls = false,
): Arrays {
  const named: string[] = []
  const values: string[] = []
  const single: Value[] = []
  const arrays: string[] = []
  const varying: string[] = []
  const types: string[] = []
  for (const [index, column] of columns.entries()) {
    const type = arrayTypes[typeOf(table, column)]
    if (rows.length >= manyRows && !keys.includes(column) && isUniform(rows, index)) {
      if (leavesOutNulls && isNull(rows[0]?.[index])) continue
      named.push(column)
      values.push(`?::${type.slice(0, -2)}`)
      single.push(rows[0]?.[index] ?? null)
      continue
    }
    named.push(column)
    values.push(`changed.${column}`)
    varying.push(column)
    types.push(`?::${type}`)
    arrays.push(arrayLiteral(rows, index))
  }
  return {
    columns: named,
    values,
    arrays: `unnest(${types.join(', ')}) AS changed (${varying.join(', ')})`,
    params: [...single, ...arrays],
  }
}

function isNull(value: Value | undefined): boolean {
  return value === null || value === undefined
}

/** Fewer rows are not looked at: their statements should be few. */
const manyRows = 20

function isUniform(rows: Rows, index: number): boolean {
  const first = rows[0]?.[index]
  for (const row of rows) if (row[index] !== first) return false
  return true
}

/** As PostgreSQL writes arrays: written here it takes a fraction of what the driver takes. */
function arrayLiteral(rows: Rows, index: number): string {
  let text = '{'
  for (let place = 0; place < rows.length; place += 1) {
    const value = rows[place]?.[index] ?? null
    if (place > 0) text += ','
    if (value === null) text += 'NULL'
    else if (typeof value === 'number') text += value
    else text += quotes.test(value) ? `"${value.replace(allQuotes, '\\$&')}"` : `"${value}"`
  }
  return `${text}}`
}

const quotes = /["\\]/
const allQuotes = /["\\]/g

/** Of rows with the same key the last: one statement cannot write a row twice. */
export function lastOfEach(
  rows: readonly (readonly Value[])[],
  columns: readonly string[],
  keys: readonly string[],
): readonly (readonly Value[])[] {
  const places = keys.map((key) => columns.indexOf(key))
  const last = new Map(rows.map((row) => [JSON.stringify(places.map((place) => row[place])), row]))
  return last.size === rows.length ? rows : [...last.values()]
}

function conflict(table: string, columns: readonly string[], onConflict: OnConflict): string {
  if (onConflict === 'fail') return ''
  const keys = keyOf(table)
  const others = columns.filter((column) => !keys.includes(column))
  if (onConflict === 'keep' || others.length === 0) return ' ON CONFLICT DO NOTHING'
  const set = others.map((column) => `${column} = excluded.${column}`).join(', ')
  return ` ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${set}`
}

function same(keys: readonly string[]): string {
  return keys.map((key) => `kept.${key} = changed.${key}`).join(' AND ')
}
