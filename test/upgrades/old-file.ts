import { sqlite } from '@taskloom/engine/store'
import Database from 'better-sqlite3'
import { migrations } from '../../packages/engine/src/stores/sqlite/migrations.ts'
import { writeFullHistory } from '../../packages/testkit/src/store-suite/full-history.ts'

/** Columns whose names were others before a version. */
const renamed: readonly { readonly table: string; readonly from: string; readonly to: string }[] = [
  { table: 'task_tags', from: 'key', to: 'tag_key' },
  { table: 'task_tags', from: 'value', to: 'tag_value' },
]

/** A file of today with something of every kind in it; its tasks are in each status. */
export async function writeToday(path: string): Promise<void> {
  const store = sqlite(path)
  await store.open()
  await writeFullHistory(store)
  await store.close()
}

/**
 * A file as a process of an earlier version has left it: made by the migrations up to that one, with the rows of `today` as
 * far as that version had their tables and columns.
 */
export function writeOld(path: string, version: number, today: string): void {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  for (const statements of migrations.slice(0, version)) db.exec(statements)
  db.exec(`CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (${version})`)
  db.prepare('ATTACH ? AS today').run(today)
  for (const table of tablesOf(db)) {
    if (table === 'schema_version') continue
    // The one row that a migration has made itself: its guard lets it only grow.
    const insert = table === 'audit_head' ? moveHead : copyRows(db, table)
    db.exec(insert)
  }
  db.exec('DETACH today')
  db.close()
}

const moveHead = `UPDATE audit_head SET entries = (SELECT entries FROM today.audit_head), hash = (SELECT hash FROM today.audit_head)`

function copyRows(db: Database.Database, table: string): string {
  const known = columnsOf(db, table, 'today')
  const places = columnsOf(db, table, 'main').map((column) => {
    const name = renamed.find((entry) => entry.table === table && entry.from === column)?.to ?? column
    if (!known.includes(name)) throw new Error(`${table}.${column} is nowhere today`)
    return { column, name }
  })
  const columns = places.map(({ column }) => column).join(', ')
  return `INSERT INTO main.${table} (${columns}) SELECT ${places.map(({ name }) => name).join(', ')} FROM today.${table}`
}

/** Everything in a file: its schema, and the rows of every table. */
export function contentsOf(path: string): unknown {
  const db = new Database(path, { readonly: true })
  const schema = db.prepare('SELECT type, name, sql FROM sqlite_master ORDER BY type, name').all()
  const rows = tablesOf(db).map((table) => [table, db.prepare(`SELECT * FROM ${table}`).raw().all()])
  db.close()
  return { schema, rows }
}

/** What the schema of a file is, column by column and index by index, however its statements were written. */
export function shapeOf(path: string): unknown {
  const db = new Database(path, { readonly: true })
  const tables = tablesOf(db).map((table) => ({
    table,
    columns: db.prepare('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)').all(table),
  }))
  const others = db.prepare("SELECT type, name, sql FROM sqlite_master WHERE type <> 'table' ORDER BY type, name").all()
  db.close()
  return { tables, others }
}

function tablesOf(db: Database.Database): readonly string[] {
  const tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
  return db.prepare<[], string>(tables).pluck().all()
}

function columnsOf(db: Database.Database, table: string, schema: string): readonly string[] {
  const columns = 'SELECT name FROM pragma_table_info(?, ?)'
  return db.prepare<[string, string], string>(columns).pluck().all(table, schema)
}
