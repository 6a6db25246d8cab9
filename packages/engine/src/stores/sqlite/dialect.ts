import type { Dialect } from '../sql/database.ts'
import { stepwise } from '../sql/steps.ts'

/** What SQLite says in its own words. */
export const sqliteDialect: Dialect = {
  name: 'sqlite',
  among: (column) => `${column} IN (SELECT value FROM json_each(?))`,
  notAmong: (column) => `${column} NOT IN (SELECT value FROM json_each(?))`,
  along: (index) => `INDEXED BY ${index}`,
  locked: '',
  same: (column) => `${column} IS ?`,
  beyond: (columns, sign) => ({
    sql: columns.length === 1 ? `${columns.join()} ${sign} ?` : `(${columns.join(', ')}) ${sign} (${places(columns)})`,
    places: columns.map((_, place) => place),
  }),
  position: (column) => `instr(${column}, ?)`,
  sumWhere: (value, condition) => `coalesce(sum(${value}) FILTER (WHERE ${condition}), 0)`,
  joined: (text, separator) => `group_concat(${text}, '${separator}')`,
  concat: (...parts) => parts.join(' || '),
  // It takes no parentheses around the parts.
  union: (selects) => selects.map((select) => `SELECT * FROM (${select})`).join(' UNION ALL '),
  distinct: stepwise,
  hasNarrowIds: true,
  hasPartialIndexes: true,
  leavesOutRunning: false,
  fileSize: '(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())',
}

function places(columns: readonly string[]): string {
  return columns.map(() => '?').join(', ')
}
