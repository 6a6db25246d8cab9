import type { Dialect, Param, Query } from '../sql/database.ts'
import type { ColumnType } from '../sql/schema.ts'
import { stepwise } from '../sql/steps.ts'
import { addition, createIndex, type SchemaWords } from '../sql/tables.ts'

/** What PostgreSQL says in its own words. */
export const postgresDialect: Dialect = {
  name: 'postgres',
  among: (column) => `${column} = ANY(?)`,
  notAmong: (column) => `${column} <> ALL(?)`,
  along: () => '',
  locked: 'FOR UPDATE',
  same: (column) => `${column} IS NOT DISTINCT FROM ?`,
  beyond: (columns, sign) => ({
    sql: `(${columns.join(', ')}) ${sign} (${columns.map(() => '?').join(', ')})`,
    places: columns.map((_, place) => place),
  }),
  position: (column) => `strpos(${column}, ?)`,
  sumWhere: (value, condition) => `coalesce(sum(${value}) FILTER (WHERE ${condition}), 0)`,
  joined: (text, separator) => `string_agg(${text}, '${separator}')`,
  concat: (...parts) => `concat(${parts.join(', ')})`,
  union: (selects) => selects.map((select) => `(${select})`).join(' UNION ALL '),
  each: lateral,
  distinct: stepwise,
  hasNarrowIds: true,
  hasPartialIndexes: true,
  leavesOutRunning: true,
  fileSize: null,
}

/** Parameters that are the same in all lists stay as they are; the others become columns. */
function lateral(select: string, lists: readonly (readonly Param[])[]): Query | null {
  const [first = []] = lists
  const places = first.map((_, place) => place)
  const differing = places.filter((place) => lists.some((list) => list[place] !== first[place]))
  const type = (at: number) => typeof first[at]
  const isPlain = (at: number) =>
    ['string', 'number'].includes(type(at)) && lists.every((list) => typeof list[at] === type(at))
  if (!differing.every(isPlain)) return null
  const columns = [...differing.map((place) => `value_${place}`), 'place']
  const values = lists.map((_, place) => `(${[...differing.map((at) => typed(first[at])), place].join(', ')})`)
  let at = -1
  const each = select.replaceAll('?', () => {
    at += 1
    return differing.includes(at) ? `list.value_${at}` : '?'
  })
  return {
    sql: `SELECT found.*, list.place FROM (VALUES ${values.join(', ')}) AS list (${columns.join(', ')})
      CROSS JOIN LATERAL (${each}) found`,
    params: [
      ...lists.flatMap((list) => differing.map((place) => list[place] ?? null)),
      ...first.filter((_, place) => !differing.includes(place)),
    ],
  }
}

/** A column of values has to be of a type; that of a text is compared by its bytes, like what it is compared with. */
function typed(value: Param | undefined): string {
  return typeof value === 'number' ? '?::double precision' : '?::text COLLATE "C"'
}

/** By their bytes, as every other store sorts. */
const bytewise = 'text COLLATE "C"'

const types: Readonly<Record<ColumnType, string>> = {
  id: bytewise,
  name: bytewise,
  key: bytewise,
  text: 'text',
  instant: 'bigint',
  integer: 'bigint',
  real: 'double precision',
}

/** The type of an array of values of a column. */
export const arrayTypes: Readonly<Record<ColumnType, string>> = {
  id: 'text[]',
  name: 'text[]',
  key: 'text[]',
  text: 'text[]',
  instant: 'bigint[]',
  integer: 'bigint[]',
  real: 'double precision[]',
}

/** `schema` null leaves it to the connection's search path. */
export function postgresWords(schema: string | null, prefix: string): SchemaWords {
  const place = schema === null ? '' : `${quoted(schema)}.`
  const table = (name: string) => `${place}${quoted(prefix + name)}`
  const index = (name: string) => quoted(prefix + name)
  return {
    types,
    hasPartialIndexes: true,
    tableEnd: '',
    table,
    index,
    // An index lies where its table does.
    leavesOutRunning: true,
    replaceIndex: (of, old, name, made) => [
      createIndex({ table, index }, of, [name, made]),
      `DROP INDEX IF EXISTS ${table(old)}`,
    ],
    addColumns: (of, columns) => [
      `ALTER TABLE ${table(of)} ${columns.map((column) => `ADD COLUMN IF NOT EXISTS ${addition({ types }, column)}`).join(', ')}`,
    ],
    appendOnly: (table) =>
      appendOnly(`${place}${quoted(prefix + table)}`, `${place}${quoted(`${prefix}refuse_change`)}`),
  }
}

function appendOnly(table: string, refusal: string): readonly string[] {
  return [
    `CREATE OR REPLACE FUNCTION ${refusal}() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME; END $$`,
    `DROP TRIGGER IF EXISTS append_only ON ${table}`,
    `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
       FOR EACH STATEMENT EXECUTE FUNCTION ${refusal}()`,
  ]
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
