import type { Database } from '../packages/engine/src/stores/sql/database.ts'
import type { TableName } from '../packages/engine/src/stores/sql/schema.ts'
import { columnsOf } from '../packages/engine/src/stores/sql/tables.ts'
import Sqlite from 'better-sqlite3'

/** What a history has rows of. */
const copied: readonly TableName[] = [
  'tasks',
  'attempts',
  'task_tags',
  'rollups',
  'retry_counts',
  'error_groups',
  'error_counts',
]
/** What SQLite keeps otherwise, and a history has none of. */
const without: Readonly<Record<string, string>> = { held_key: 'NULL', log_lines: '0' }
const rowsAtOnce = 10_000

/** Copies a history that was written to a SQLite file into the empty tables of a server. */
export async function copyHistory(path: string, database: Database): Promise<void> {
  const file = new Sqlite(path, { readonly: true })
  try {
    for (const table of copied) await copyTable(file, database, table)
  } finally {
    file.close()
  }
}

async function copyTable(file: Sqlite.Database, database: Database, table: TableName): Promise<void> {
  const columns = columnsOf(table)
  const sources = columns.map((column) => (table === 'tasks' ? (without[column] ?? column) : column))
  const rows = file.prepare<unknown[], (string | number | null)[]>(`SELECT ${sources.join(', ')} FROM ${table}`).raw()
  let portion: (string | number | null)[][] = []
  const write = async (): Promise<void> => {
    const some = portion
    portion = []
    if (some.length > 0) await database.transaction((session) => session.insert(table, columns, some))
  }
  for (const row of rows.iterate()) {
    if (portion.push(row) === rowsAtOnce) await write()
  }
  await write()
}
