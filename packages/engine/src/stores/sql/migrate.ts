import { newerSchema } from '../opening.ts'
import { DatabaseError, type BulkSession, type Database } from './database.ts'
import { unknownBounds } from '../time-bounds.ts'
import { firstGuardIds, moveOfFold } from './guards.ts'
import { resting } from './schema.ts'
import { creation, type SchemaStep, type SchemaWords } from './tables.ts'

/** Takes the schema one version further. Where statements of the schema commit by themselves it may be done again. */
type Migration = (words: SchemaWords) => readonly SchemaStep[]

/** Entries are never changed once released, only added. */
export const migrations: readonly Migration[] = [
  (words) => [
    ...creation(words),
    `INSERT INTO ${words.table('audit_head')} (id, entries, hash)
       SELECT one.id, 0, '' FROM (SELECT 1 AS id) one
       WHERE NOT EXISTS (SELECT 1 FROM ${words.table('audit_head')})`,
    `INSERT INTO ${words.table('revision')} (id, revision, writer)
       SELECT one.id, 0, NULL FROM (SELECT 1 AS id) one WHERE NOT EXISTS (SELECT 1 FROM ${words.table('revision')})`,
    ...firstGuardIds.map(
      (id) => `INSERT INTO ${words.table('guards')} (id)
       SELECT one.id FROM (SELECT ${id} AS id) one
       WHERE NOT EXISTS (SELECT 1 FROM ${words.table('guards')} known WHERE known.id = ${id})`,
    ),
  ],
  (words) => ['audit', 'audit_about'].flatMap((table) => words.appendOnly?.(table) ?? []),
  // Along all durations those of one function may come last: see `reading/measures.ts`.
  (words) =>
    words.replaceIndex('tasks', 'tasks_duration', 'tasks_kind_duration', {
      columns: ['func_name', 'status', 'duration_ms', 'id'],
      where: 'duration_ms IS NOT NULL',
    }),
  // Of each index that does not change when a task starts one entry less is written for each of its states.
  (words) =>
    words.leavesOutRunning
      ? [
          ...words.replaceIndex('tasks', 'tasks_name', 'tasks_resting_name', {
            columns: ['func_name', 'queue', 'id'],
            where: resting,
          }),
          ...words.replaceIndex('tasks', 'tasks_start_time', 'tasks_resting_start', {
            columns: ['start_time', 'id'],
            where: `start_time IS NOT NULL AND ${resting}`,
          }),
        ]
      : [],
  // What is there, and what an earlier version adds that still runs, has bounds that nobody knows.
  (words) =>
    ['rollups', 'rollup_changes'].flatMap((table) =>
      words.addColumns(table, [
        { name: 'earliest', type: 'instant', preset: unknownBounds.earliest },
        { name: 'latest', type: 'instant', preset: unknownBounds.latest },
      ]),
    ),
  // It would also fold without the bounds: it is left without the guard that it folds under. Not in one version with the columns,
  // which wait for whoever holds it.
  (words) => moveOfFold(words),
]

/** Those that leave it as it is where the server refuses their statements, such as triggers. */
const optionalVersions: ReadonlySet<number> = new Set([2])

export const schemaVersion = migrations.length

/**
 * Brings the schema up to date while no other process does, step by step; refuses one that a newer version has made.
 * `before` makes what tables need to be made in.
 */
export async function migrate(database: Database, words: SchemaWords, before: readonly string[] = []): Promise<void> {
  const found = await versionOf(database, words)
  if (found !== null && found >= schemaVersion) return refuseNewer(found)
  await database.exclusively('migrate', async () => {
    for (const statement of before) await database.session.run(statement)
    const table = words.table('schema_version')
    await database.session.run(`CREATE TABLE IF NOT EXISTS ${table} (version ${words.types.integer} NOT NULL)`)
    for (;;) {
      const version = (await versionOf(database, words)) ?? 0
      refuseNewer(version)
      const next = migrations[version]
      if (!next) return
      await step(database, next(words), table, version + 1)
    }
  })
}

async function step(
  database: Database,
  statements: readonly SchemaStep[],
  table: string,
  version: number,
): Promise<void> {
  try {
    await database.transaction((session) => apply(session, statements, table, version))
  } catch (error) {
    const isRefused = error instanceof DatabaseError && error.failure === 'refused'
    if (!isRefused || !optionalVersions.has(version)) throw error
    await database.transaction((session) => apply(session, [], table, version))
  }
}

async function apply(
  session: BulkSession,
  steps: readonly SchemaStep[],
  table: string,
  version: number,
): Promise<void> {
  for (const step of steps) {
    if (typeof step === 'string') await session.run(step)
    else if ((await session.rows(step.unless)).length === 0) await session.run(step.sql)
  }
  await session.run(`DELETE FROM ${table}`)
  await session.run(`INSERT INTO ${table} (version) VALUES (?)`, [version])
}

/** Null when there is no schema of ours yet. */
async function versionOf(database: Database, words: SchemaWords): Promise<number | null> {
  try {
    const [row] = await database.session.rows(`SELECT version FROM ${words.table('schema_version')}`)
    return Number(row?.[0] ?? 0)
  } catch (error) {
    if (await isReachable(database)) return null
    throw error
  }
}

async function isReachable(database: Database): Promise<boolean> {
  try {
    await database.session.rows('SELECT 1')
    return true
  } catch {
    return false
  }
}

function refuseNewer(version: number): void {
  if (version > schemaVersion) throw newerSchema(version, schemaVersion)
}
