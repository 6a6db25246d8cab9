import type { BulkSession, Database, Value } from '../../packages/engine/src/stores/sql/database.ts'
import { migrations } from '../../packages/engine/src/stores/sql/migrate.ts'
import { tables, type Table } from '../../packages/engine/src/stores/sql/schema.ts'
import type { SchemaStep, SchemaWords } from '../../packages/engine/src/stores/sql/tables.ts'

/** Makes tables as an earlier version has, with the rows of `today`: the versions differ in indexes and triggers alone. */
export async function writeOldTables(
  database: Database,
  words: SchemaWords,
  version: number,
  today: Database,
): Promise<void> {
  const { session } = database
  const versions = words.table('schema_version')
  await session.run(`CREATE TABLE ${versions} (version ${words.types.integer} NOT NULL)`)
  for (const steps of migrations.slice(0, version)) for (const step of steps(words)) await take(database, step)
  await session.run(`INSERT INTO ${versions} (version) VALUES (?)`, [version])
  for (const name of Object.keys(tables)) {
    const rows = await rowsOf(today, name)
    await database.transaction((writing) => copy(writing, name, rows))
  }
}

/** The rows of a table, in no order. */
export async function rowsOf({ session }: Database, name: string): Promise<readonly (readonly Value[])[]> {
  return session.rows(`SELECT ${columnsOf(name).join(', ')} FROM @${name}`)
}

async function take({ session }: Database, step: SchemaStep): Promise<void> {
  if (typeof step === 'string') await session.run(step)
  else if ((await session.rows(step.unless)).length === 0) await session.run(step.sql)
}

async function copy(session: BulkSession, name: string, rows: readonly (readonly Value[])[]): Promise<void> {
  // Rows that the migrations make themselves are there already, with other values.
  const isMade = ['audit_head', 'guards', 'revision'].includes(name)
  if (rows.length > 0) await session.insert(name, columnsOf(name), rows, isMade ? 'replace' : undefined)
}

function columnsOf(name: string): readonly string[] {
  return Object.keys((tables as Readonly<Record<string, Table>>)[name]?.columns ?? {})
}
