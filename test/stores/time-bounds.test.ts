import type { TaskRecord } from '@taskloom/engine/store'
import type { TaskStatus } from '@taskloom/protocol'
import { buildRecord } from '@taskloom/testkit'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ExactFilter } from '../../packages/engine/dist/stores/reading/exact-filter.js'
import { measureGroups } from '../../packages/engine/dist/stores/reading/measures.js'
import type { Reads } from '../../packages/engine/dist/stores/reading/reads.js'
import { readCube } from '../../packages/engine/dist/stores/reading/rollups.js'
import { isNothing, RollupChanges, type RollupChange } from '../../packages/engine/dist/stores/rollup-changes.js'
import type { Database } from '../../packages/engine/dist/stores/sql/database.js'
import { applyChanges, foldSome } from '../../packages/engine/dist/stores/sql/rollups.js'
import { sqliteDialect } from '../../packages/engine/dist/stores/sqlite/dialect.js'
import { migrate } from '../../packages/engine/dist/stores/sqlite/migrations.js'
import { Rollups } from '../../packages/engine/dist/stores/sqlite/rollups.js'
import { SqliteSession } from '../../packages/engine/dist/stores/sqlite/session.js'
import { StatementCache } from '../../packages/engine/dist/stores/sqlite/statement-cache.js'
import { noBounds, unknownBounds } from '../../packages/engine/dist/stores/time-bounds.js'
import { useServer } from '../servers/use-server.ts'
import { instanceOn, sqlKinds } from './sql-instances.ts'

const start = Date.UTC(2026, 0, 5, 12)
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const none = { statuses: null, funcNames: null, queues: null, sources: null, since: null, until: null }

function ended(createdAt: number, endTime: number, startTime = endTime - 10): TaskRecord {
  return buildRecord({ createdAt, status: 'success', startTime, endTime, durationMs: 10 })
}

describe('bounds of what is counted', () => {
  const changesOf = (act: (changes: RollupChanges) => void): readonly RollupChange[] => {
    const changes = new RollupChanges()
    act(changes)
    return changes.minutes()
  }
  const record = (status: TaskStatus, startTime: number | null, endTime: number | null = null): TaskRecord =>
    buildRecord({ createdAt: start, status, startTime, endTime })

  it('hold when their tasks began and ended, whichever was first', () => {
    const [change] = changesOf((changes) => {
      changes.add(record('success', start + 5, start + 9))
      changes.add(record('success', start + 2, start - 7))
      changes.add(record('success', null, null))
    })
    expect(change).toMatchObject({ tasks: 3, earliest: start - 7, latest: start + 9 })
  })

  it('are none of tasks that run or wait for the first time, and are not narrowed by one that goes', () => {
    expect(changesOf((changes) => changes.add(record('running', start)))).toMatchObject([noBounds])
    expect(changesOf((changes) => changes.add(record('pending', null)))).toMatchObject([noBounds])
    expect(changesOf((changes) => changes.subtract(record('failed', start, start)))).toMatchObject([noBounds])
    expect(changesOf((changes) => changes.add(record('pending', start + 3)))).toMatchObject([
      { earliest: start + 3, latest: start + 3 },
    ])
  })

  it('change nothing where a task goes on as it was, and do where its times are others', () => {
    const waiting = record('pending', start)
    expect(changesOf((changes) => changes.replace(waiting, waiting)).every(isNothing)).toBe(true)
    const [later] = changesOf((changes) => changes.replace(waiting, { ...waiting, startTime: start + 8 }))
    expect(later).toMatchObject({ tasks: 0, earliest: start + 8, latest: start + 8 })
    expect(isNothing(later as RollupChange)).toBe(false)
  })
})

describe('a list of a window by end', () => {
  let db: Sqlite.Database
  let reads: Reads
  beforeEach(() => {
    db = new Sqlite(':memory:')
    migrate(db)
    const session = new SqliteSession(new StatementCache(db))
    reads = { session, dialect: sqliteDialect, hasChanges: false }
  })
  afterEach(() => db.close())

  /** Ten hours with a thousand tasks in each, every one over after a minute unless `endOf` says otherwise. */
  const count = (
    endOf: (index: number, createdAt: number) => number = (_, createdAt) => createdAt + minuteMs,
    nameOf: (index: number) => string = () => 'work',
  ): void => {
    const rollups = new Rollups(db)
    for (let index = 0; index < 10_000; index += 1) {
      const createdAt = start + index * 3_600
      rollups.add({ ...ended(createdAt, endOf(index, createdAt)), funcName: nameOf(index) })
    }
    rollups.flush()
  }
  const firstHours = { until: start + 3 * hourMs }
  const lastHours = { since: start + 7 * hourMs }
  const walkOf = async (sign: 1 | -1, filter: Partial<ExactFilter>) => {
    const exact = { ...none, ...filter }
    const cube = await readCube(reads, exact, true)
    const groups = await measureGroups(reads, 'end_time', sign, { exact, cube, residual: null })
    const known = groups.find(({ by }) => typeof by === 'object' && 'column' in by)
    return { isSorted: 'isSorted' in (known?.by as object), params: known?.branches[0]?.params.slice(0, 2) }
  }

  it('is read along the ends from the bounds of the window, wherever it lies', async () => {
    count()
    const lastOfFirst = start + 2_999 * 3_600 + minuteMs
    const firstOfLast = start + 7_000 * 3_600 + minuteMs - 10
    expect(await walkOf(-1, firstHours)).toEqual({ isSorted: false, params: [start + minuteMs - 10, lastOfFirst] })
    expect(await walkOf(1, firstHours)).toMatchObject({ isSorted: false })
    expect(await walkOf(1, lastHours)).toMatchObject({ isSorted: false, params: [firstOfLast, expect.any(Number)] })
    expect(await walkOf(-1, lastHours)).toMatchObject({ isSorted: false })
  })

  it('of a function that has not run for long begins where that was over', async () => {
    count(undefined, (index) => (index < 2_500 ? 'retired' : 'work'))
    const lastOfIt = start + 2_499 * 3_600 + minuteMs
    expect(await walkOf(-1, { funcNames: new Set(['retired']) })).toMatchObject({
      params: [expect.any(Number), lastOfIt],
    })
  })

  it('is gathered and sorted where one that ended long after makes the walk longer', async () => {
    count((index, createdAt) => createdAt + (index === 40 ? 9 * hourMs : minuteMs))
    expect(await walkOf(-1, firstHours)).toMatchObject({ isSorted: true })
    expect(await walkOf(1, lastHours)).toMatchObject({ isSorted: false })
  })

  it('is gathered and sorted where more that waited from before the window were over within it', async () => {
    count((_, createdAt) => Math.max(createdAt, start + 8 * hourMs) + minuteMs)
    expect(await walkOf(1, lastHours)).toMatchObject({ isSorted: true })
  })

  it('is read along the ends in spite of clocks that are behind, and from where they say', async () => {
    count((index, createdAt) => createdAt + (index === 9_000 ? -8 * hourMs : minuteMs))
    const params = [start + 9_000 * 3_600 - 8 * hourMs - 10, expect.any(Number)]
    expect(await walkOf(-1, lastHours)).toMatchObject({ isSorted: false, params })
    expect(await walkOf(1, lastHours)).toMatchObject({ isSorted: true })
  })

  it('is gathered and sorted where nobody knows the bounds', async () => {
    count()
    db.prepare('UPDATE rollups SET earliest = ?, latest = ?').run(unknownBounds.earliest, unknownBounds.latest)
    expect(await walkOf(-1, firstHours)).toMatchObject({ isSorted: true })
    expect(await walkOf(1, lastHours)).toMatchObject({ isSorted: true })
  })
})

describe.each(sqlKinds)('bounds on %s', (_, { starts, open }) => {
  const server = useServer(starts)
  const opened: Database[] = []
  const fresh = async (): Promise<Database> => {
    const database = await open(await server.database())
    opened.push(database)
    return database
  }
  const kept = async ({ session }: Database) =>
    (await session.rows('SELECT level, tasks, earliest, latest FROM @rollups ORDER BY level DESC')).map((row) =>
      row.map(Number),
    )
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close()
  })

  it('are folded with the counts of every length, and wait with them until then', async () => {
    const database = await fresh()
    const { tasks, writer } = instanceOn(database)
    const records = [ended(start, start + 5_000), ended(start + 1, start - 90_000), ended(start + 2, start + 7)]
    await tasks.write(records.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
    await tasks.close()
    await foldSome(writer)
    const bounds = [3, start - 90_010, start + 5_000]
    const levels = [720 * minuteMs, 180 * minuteMs, 30 * minuteMs, 5 * minuteMs, minuteMs, 0]
    expect(await kept(database)).toEqual(levels.map((level) => [level, ...bounds]))
  })

  it('stay where nothing is counted while not all that changed is folded', async () => {
    const database = await fresh()
    const level = minuteMs
    const apply = (which: 'some' | 'all', act: (changes: RollupChanges) => void) =>
      database.transaction(async (session) => {
        const changes = new RollupChanges()
        act(changes)
        const folded = changes.minutes().map((change) => ({ level, change }))
        await applyChanges(session, database.dialect, folded, which)
      })
    const [one, other] = [ended(start, start + 5), ended(start, start + 900)]
    await apply('all', (changes) => changes.add(one))
    // The other one goes before it came.
    await apply('some', (changes) => changes.subtract(other))
    expect(await kept(database)).toEqual([[level, 0, start - 5, start + 5]])
    await apply('all', (changes) => changes.add(other))
    expect(await kept(database)).toEqual([[level, 1, start - 5, start + 900]])
    await apply('all', (changes) => changes.subtract(one))
    expect(await kept(database)).toEqual([])
  })

  it('are of nobody’s knowledge where an earlier version counts, which folds no more', async () => {
    const database = await fresh()
    const { session } = database
    await session.run(`INSERT INTO @rollup_changes
        (id, bucket, func_name, queue, source, status, tasks, duration_count, duration_sum, wait_count, wait_sum)
      VALUES ('old', ${start}, 'work', 'default', 'manual', 'success', 1, 0, 0, 0, 0)`)
    const hasChanges = true
    const [cell] = await readCube(
      { session, dialect: database.dialect, hasChanges },
      { since: null, until: null },
      true,
    )
    expect(cell).toMatchObject({ tasks: 1, ...unknownBounds })
    expect(await session.rows('SELECT id FROM @guards WHERE id = 1')).toEqual([])
  })
})
