import type { Bound, Dialect } from '../sql/database.ts'
import type { ColumnType } from '../sql/schema.ts'
import { addition, type SchemaWords } from '../sql/tables.ts'

/** What MySQL and MariaDB say in their own words. */
export const mysqlDialect: Dialect = {
  name: 'mysql',
  among: (column) => `${column} IN (?)`,
  // An empty list is written as NULL.
  notAmong: (column) => `coalesce(${column} NOT IN (?), TRUE)`,
  along: (index) => ` FORCE INDEX (${index === 'tasks_id' ? 'PRIMARY' : index})`,
  locked: 'FOR UPDATE',
  same: (column) => `${column} <=> ?`,
  beyond,
  position: (column) => `locate(?, ${column})`,
  sumWhere: (value, condition) => `coalesce(sum(CASE WHEN ${condition} THEN ${value} ELSE 0 END), 0)`,
  joined: (text, separator) => `group_concat(${text} SEPARATOR '${separator}')`,
  concat: (...parts) => `concat_ws('', ${parts.join(', ')})`,
  union: (selects) => selects.map((select) => `(${select})`).join(' UNION ALL '),
  // It steps along the index by itself; minima beyond one another it looks for among all rows.
  distinct: (column, from) => `SELECT DISTINCT ${column} ${from}`,
  hasNarrowIds: false,
  hasPartialIndexes: false,
  leavesOutRunning: false,
  fileSize: null,
}

/** Comparing rows would not be read along an index. */
function beyond(columns: readonly string[], sign: '>' | '<'): Bound {
  const [column = '', ...rest] = columns
  if (rest.length === 0) return { sql: `${column} ${sign} ?`, places: [0] }
  const next = beyond(rest, sign)
  return {
    sql: `(${column} ${sign} ? OR (${column} = ? AND ${next.sql}))`,
    places: [0, 0, ...next.places.map((place) => place + 1)],
  }
}

const types: Readonly<Record<ColumnType, string>> = {
  id: 'varchar(64)',
  name: 'varchar(200)',
  key: 'varchar(300)',
  text: 'longtext',
  instant: 'bigint',
  integer: 'bigint',
  real: 'double',
}

/** `collation` compares by bytes and tells texts with and without spaces at the end apart. */
export function mysqlWords(prefix: string, collation: string): SchemaWords {
  return {
    types,
    hasPartialIndexes: false,
    tableEnd: ` ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`,
    table: mysqlTable(prefix),
    // They are named within their table.
    index: (name) => name,
    leavesOutRunning: false,
    replaceIndex: (table, old, name, { columns }) => [
      {
        sql: `ALTER TABLE ${mysqlTable(prefix)(table)} ADD KEY ${name} (${columns.join(', ')}), DROP KEY ${old}`,
        unless: `SELECT 1 FROM information_schema.statistics
          WHERE table_schema = database() AND table_name = '${prefix}${table}' AND index_name = '${name}' LIMIT 1`,
      },
    ],
    addColumns: (table, columns) => [
      {
        sql: `ALTER TABLE ${mysqlTable(prefix)(table)} ${columns.map((column) => `ADD COLUMN ${addition({ types }, column)}`).join(', ')}`,
        unless: `SELECT 1 FROM information_schema.columns
          WHERE table_schema = database() AND table_name = '${prefix}${table}' AND column_name = '${columns[0]?.name}' LIMIT 1`,
      },
    ],
    appendOnly: (table) => appendOnly(prefix, table),
  }
}

/** A server with a binary log may keep triggers for administrators. */
function appendOnly(prefix: string, table: string): readonly string[] {
  const place = mysqlTable(prefix)
  return ['update', 'delete'].flatMap((verb) => {
    const trigger = place(`${table}_no_${verb}`)
    return [
      `DROP TRIGGER IF EXISTS ${trigger}`,
      `CREATE TRIGGER ${trigger} BEFORE ${verb.toUpperCase()} ON ${place(table)} FOR EACH ROW
         SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'rows of this table are only added'`,
    ]
  })
}

export function mysqlTable(prefix: string): (name: string) => string {
  return (name) => `\`${prefix}${name}\``
}
