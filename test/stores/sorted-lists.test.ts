import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite, type ListQuestion, type TaskRecord } from '@taskloom/engine/store'
import { anyTask, taskStatuses, type TaskFilter, type TaskStatus } from '@taskloom/protocol'
import { buildRecord } from '@taskloom/testkit'
import Sqlite from 'better-sqlite3'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { sqlViews, viewsOf } from '../../packages/engine/dist/stores/reading/views.js'
import type { Database, Session } from '../../packages/engine/dist/stores/sql/database.js'
import { schemaVersion } from '../../packages/engine/dist/stores/sql/migrate.js'
import { useServer } from '../servers/use-server.ts'
import { instanceOn, sqlKinds } from './sql-instances.ts'

const page = { filter: anyTask, sort: 'duration', order: 'desc', limit: 30, cursor: null } as const
const asked = (changes: Partial<TaskFilter>, others: Partial<ListQuestion> = {}): ListQuestion => ({
  ...page,
  ...others,
  filter: { ...anyTask, ...changes },
})

const historyStart = Date.UTC(2026, 0, 5, 12)

/** What one function does is always over before the other's; what failed, before what went well. */
function layeredHistory(): readonly TaskRecord[] {
  const layers = [
    ...[{ funcName: 'quick', status: 'failed', fromMs: 1 } as const],
    ...[{ funcName: 'quick', status: 'success', fromMs: 10_000 } as const],
    ...[{ funcName: 'slow', status: 'failed', fromMs: 20_000 } as const],
    ...[{ funcName: 'slow', status: 'success', fromMs: 30_000 } as const],
  ]
  return layers.flatMap(({ funcName, status, fromMs }, layer) =>
    Array.from({ length: 2_100 }, (_, index) => {
      const createdAt = historyStart + index * 1_000 + layer
      const times = { startTime: createdAt, endTime: createdAt + 1, durationMs: fromMs + index }
      return buildRecord({ createdAt, funcName, status, attempt: 1, ...times })
    }),
  )
}

function ofEachStatus(): readonly TaskRecord[] {
  return taskStatuses.flatMap((status, index) => {
    const isOver = !['pending', 'running'].includes(status)
    const endTime = isOver ? 2_000 : null
    return [3, 1].map((least) =>
      buildRecord({ status, createdAt: 1_000 + index, endTime, durationMs: isOver ? least + index : null }),
    )
  })
}

const creations = (records: readonly TaskRecord[]) =>
  records.map((next) => ({ previous: null, next, attempt: null, logs: [] }))

const longestFirst = (records: readonly TaskRecord[]): string[] =>
  [...records]
    .sort((a, b) => (b.durationMs ?? -1) - (a.durationMs ?? -1) || (b.taskId < a.taskId ? -1 : 1))
    .map(({ taskId }) => taskId)

describe.each(sqlKinds)('sorted lists on %s', (name, { starts, open }) => {
  const server = useServer(starts)
  const opened: Database[] = []
  const fresh = async (url: string): Promise<Database> => {
    const database = await open(url)
    opened.push(database)
    return database
  }
  const write = async (database: Database, records: readonly TaskRecord[]): Promise<void> => {
    const { tasks } = instanceOn(database)
    await tasks.write(creations(records))
    await tasks.close()
  }
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close()
  })

  it('reads hardly more than a page, wherever the tasks of a filter lie', { timeout: 60_000 }, async () => {
    const database = await fresh(await server.database())
    await write(database, layeredHistory())
    if (name === 'PostgreSQL') await database.session.rows('ANALYZE')
    const read = async (question: ListQuestion): Promise<number> => {
      let count = 0
      const views = viewsOf((act) =>
        database.snapshot(async (session) => {
          const before = await rowsRead(name, session)
          const answer = await act({ session, dialect: database.dialect, hasChanges: true })
          count = (await rowsRead(name, session)) - before
          return answer
        }),
      )
      expect((await views.list(question)).tasks).toHaveLength(30)
      // What is shown was read: the server does count.
      expect(count).toBeGreaterThanOrEqual(30)
      return count
    }
    const failed: readonly TaskStatus[] = ['failed']
    for (const order of ['asc', 'desc'] as const) {
      for (const filter of [{ funcNames: ['quick'] }, { funcNames: ['slow'] }, { statuses: failed }]) {
        expect(await read(asked(filter, { order })), `${order} ${JSON.stringify(filter)}`).toBeLessThan(1_000)
      }
      expect(await read(asked({ funcNames: ['quick'], statuses: failed }, { order }))).toBeLessThan(1_000)
    }
    // Each of the windows has more tasks than are read whole, and more outside than within.
    for (const sort of ['start_time', 'end_time'] as const) {
      const since = historyStart + 1_500_000
      const until = historyStart + 600_000
      expect(await read(asked({ until }, { sort, order: 'desc' })), `first by ${sort}`).toBeLessThan(1_000)
      expect(await read(asked({ since }, { sort, order: 'asc' })), `last by ${sort}`).toBeLessThan(1_000)
    }
  })

  it('are the same after a migration from the first version, also of one that was cut off', async () => {
    const url = await server.database()
    const records = ofEachStatus()
    const first = await fresh(url)
    await write(first, records)
    const ids = async (database: Database) =>
      (await sqlViews(database).list(page)).tasks.map(({ taskId }: { readonly taskId: string }) => taskId)
    for (const statement of firstVersion(name)) await first.session.rows(statement)
    expect(await indexesOf(name, first)).toContain('tasks_duration')

    const migrated = await fresh(url)
    expect(await migrated.session.rows('SELECT version FROM @schema_version')).toEqual([[schemaVersion]])
    const indexes = await indexesOf(name, migrated)
    expect(indexes).toContain('tasks_kind_duration')
    expect(indexes).not.toContain('tasks_duration')
    expect(await ids(migrated)).toEqual(longestFirst(records))

    await migrated.session.run('UPDATE @schema_version SET version = 2')
    expect(await ids(await fresh(url))).toEqual(longestFirst(records))
    expect(await indexesOf(name, migrated)).toEqual(indexes)
  })
})

describe('sorted lists on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskloom-sorted-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('are the same after a migration from the version before', async () => {
    const path = join(folder, 'tasks.db')
    const records = ofEachStatus()
    const ids = async () => {
      const store = sqlite(path)
      await store.open()
      if ((await store.views.metrics(anyTask)).total === 0) await store.tasks.write(creations(records))
      const { tasks } = await store.views.list(page)
      await store.close()
      return tasks.map(({ taskId }) => taskId)
    }
    expect(await ids()).toEqual(longestFirst(records))
    const db = new Sqlite(path)
    db.exec(`DROP INDEX tasks_kind_duration; UPDATE schema_version SET version = 15;
      ALTER TABLE rollups DROP COLUMN earliest; ALTER TABLE rollups DROP COLUMN latest;
      CREATE INDEX tasks_duration ON tasks (duration_ms, id) WHERE duration_ms IS NOT NULL`)
    db.close()
    expect(await ids()).toEqual(longestFirst(records))
    const after = new Sqlite(path, { readonly: true })
    const names = after.prepare("SELECT name FROM sqlite_master WHERE type = 'index'").pluck().all()
    expect(names).toContain('tasks_kind_duration')
    expect(names).not.toContain('tasks_duration')
    after.close()
  })
})

/** How many rows and entries of indexes this connection has read of the table of tasks, or at all. */
async function rowsRead(name: string, session: Session): Promise<number> {
  const rows =
    name === 'PostgreSQL'
      ? await session.rows(`SELECT 'read', sum(pg_stat_get_xact_tuples_returned(of)) FROM (
          SELECT 't_tasks'::regclass::oid AS of UNION ALL
          SELECT indexrelid FROM pg_index WHERE indrelid = 't_tasks'::regclass) relations`)
      : await session.rows("SHOW SESSION STATUS LIKE 'Handler_read%'")
  return rows.reduce((sum, [, count]) => sum + Number(count), 0)
}

function firstVersion(name: string): readonly string[] {
  return name === 'PostgreSQL'
    ? [
        'DROP INDEX t_tasks_kind_duration',
        'CREATE INDEX t_tasks_duration ON @tasks (duration_ms, id) WHERE duration_ms IS NOT NULL',
        'DROP TRIGGER append_only ON @audit',
        'UPDATE @schema_version SET version = 1',
      ]
    : [
        'ALTER TABLE @tasks DROP KEY tasks_kind_duration, ADD KEY tasks_duration (duration_ms, id)',
        'DROP TRIGGER t_audit_no_update',
        'UPDATE @schema_version SET version = 1',
      ]
}

async function indexesOf(name: string, { session }: Database): Promise<readonly string[]> {
  const rows =
    name === 'PostgreSQL'
      ? await session.rows("SELECT substr(indexname, 3) FROM pg_indexes WHERE tablename = 't_tasks'")
      : await session.rows(`SELECT DISTINCT index_name FROM information_schema.statistics
          WHERE table_schema = database() AND table_name = 't_tasks'`)
  return rows.map(([index]) => String(index)).sort()
}
