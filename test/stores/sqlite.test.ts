import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  errorKind,
  insertTask,
  saveTask,
  sqlite,
  type Store,
  type TaskRecord,
  transition,
} from '@taskloom/engine/store'
import { anyTask, parseSearch } from '@taskloom/protocol'
import { buildRecord, describeStore } from '@taskloom/testkit'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { ReaderViews } from '../../packages/engine/dist/stores/sqlite/views.js'
import { levels } from '../../packages/engine/src/stores/reading/cube.ts'
import { recordFromRow, toRow } from '../../packages/engine/src/stores/reading/rows.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const nextFile = () => join(folder, `${(files += 1)}.db`)

describeStore('sqlite', () => sqlite(nextFile()))

describe('sqlite alone', () => {
  const opened: Store[] = []
  const open = async (path: string): Promise<Store> => {
    const store = sqlite(path)
    opened.push(store)
    await store.open()
    return store
  }
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  it('refuses to keep nothing and says how to', () => {
    expect(() => sqlite(':memory:')).toThrow(/memory\(\)/)
  })

  it('says which file it cannot open', async () => {
    await expect(open(join(folder, 'missing', 'x.db'))).rejects.toMatchObject({ code: 'store_failed' })
  })

  it('has everything after it was closed and opened again', async () => {
    const path = nextFile()
    const first = await open(path)
    const record = buildRecord({ status: 'failed', tags: { env: 'prod' }, durationMs: 5, endTime: 9 })
    await insertTask(first.tasks, record)
    await first.tasks.appendLogs(record.taskId, [{ at: 1, level: 'info', message: 'hi', attempt: 1, extra: null }])
    await first.schedules.put({ name: 's', isPaused: true, lastSlotAt: 7, missed: 1 })
    await first.close()

    const second = await open(path)
    expect(await second.tasks.get(record.taskId)).toEqual({ ...record, hasLogs: true })
    expect(await second.schedules.get('s')).toMatchObject({ isPaused: true, lastSlotAt: 7 })
    expect(await second.views.metrics(anyTask)).toMatchObject({ total: 1, failed: 1, avgDurationMs: 5 })
  })

  it('writes what is queued before it closes, and refuses what comes after', async () => {
    const path = nextFile()
    const store = await open(path)
    const record = buildRecord()
    const inserted = insertTask(store.tasks, record)
    await Promise.all([store.close(), store.close()])
    expect(await inserted).toMatchObject({ deduplicated: false })
    await expect(insertTask(store.tasks, buildRecord())).rejects.toMatchObject({ code: 'store_failed' })
    await expect(store.views.queues()).rejects.toMatchObject({ code: 'store_failed' })
    expect(await (await open(path)).tasks.get(record.taskId)).toEqual(record)
  })

  it('tells that another process has written, and not that it has itself', async () => {
    const path = nextFile()
    const [own, other] = [await open(path), await open(path)]
    const versions = [own.foreignVersion?.()]
    for (let written = 0; written < 50; written += 1) await insertTask(own.tasks, buildRecord())
    versions.push(own.foreignVersion?.())
    await insertTask(other.tasks, buildRecord())
    versions.push(own.foreignVersion?.(), own.foreignVersion?.())
    await other.views.queues()
    versions.push(own.foreignVersion?.())
    expect(versions.map((version) => version === versions[0])).toEqual([true, true, false, false, false])
    expect(new Set(versions.slice(2)).size).toBe(1)
  })

  it('refuses a file of a newer version and leaves it as it is', async () => {
    const path = nextFile()
    await (await open(path)).close()
    const db = new Database(path)
    db.prepare('UPDATE schema_version SET version = 999').run()
    db.close()
    await expect(open(path)).rejects.toThrow(/newer version \(schema 999/)
    const after = new Database(path, { readonly: true })
    expect(after.prepare('SELECT version FROM schema_version').pluck().get()).toBe(999)
    after.close()
  })

  it('lets one of two connections take each task', async () => {
    const path = nextFile()
    const [a, b] = [await open(path), await open(path)]
    const records = Array.from({ length: 100 }, () => buildRecord())
    await Promise.all(records.map((record) => insertTask(a.tasks, record)))
    const take = (store: Store, workerId: string) =>
      records.map((record) => saveTask(store.tasks, transition(record, { status: 'running', attempt: 1, workerId })))
    const [byA, byB] = await Promise.all([Promise.all(take(a, 'a')), Promise.all(take(b, 'b'))])
    expect(records.filter((_, index) => byA[index] === byB[index])).toEqual([])
    expect(await b.views.metrics(anyTask)).toMatchObject({ total: 100, running: 100, pending: 0 })
  })

  it('mints one task for a key or slot that two connections ask for at once', async () => {
    const path = nextFile()
    const stores = [await open(path), await open(path)]
    const changes = [{ idempotencyKey: 'k' }, { schedule: 's', slotAt: 5 }]
    for (const change of changes) {
      const answers = await Promise.all(stores.map(({ tasks }) => insertTask(tasks, buildRecord(change))))
      expect(answers.map(({ deduplicated }) => deduplicated).sort()).toEqual([false, true])
      expect(answers[0]?.record).toEqual(answers[1]?.record)
    }
  })

  it('waits for another process’s lock without holding the event loop', async () => {
    const path = nextFile()
    const store = await open(path)
    const other = new Database(path)
    other.exec('BEGIN IMMEDIATE')
    let isSettled = false
    const inserted = insertTask(store.tasks, buildRecord()).finally(() => (isSettled = true))
    const longestPauseMs = await longestPauseOf(8)
    expect(isSettled).toBe(false)
    // A blocking wait would take the driver's own five seconds.
    expect(longestPauseMs).toBeLessThan(1_000)
    other.exec('COMMIT')
    other.close()
    expect(await inserted).toMatchObject({ deduplicated: false })
  })

  it('refuses only the guilty one of a batch', async () => {
    const store = await open(nextFile())
    const taken = buildRecord()
    await insertTask(store.tasks, taken)
    const records = [buildRecord(), { ...buildRecord(), taskId: taken.taskId }, buildRecord()]
    const answers = await Promise.allSettled(records.map((record) => insertTask(store.tasks, record)))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(answers[1]).toMatchObject({ reason: { code: 'store_failed' } })
    expect((await store.views.metrics(anyTask)).total).toBe(3)
  })

  it('starts its reader again after it died, and refuses what it owed', async () => {
    const path = nextFile()
    const views = new ReaderViews({ path, driver: 'better-sqlite3' })
    await expect(views.queues()).rejects.toMatchObject({ code: 'store_failed' })
    const store = await open(path)
    await insertTask(store.tasks, buildRecord())
    expect(await views.queues()).toHaveLength(1)
    await views.close()
  })

  it('keeps roll-ups that equal a recount, whatever happened', async () => {
    const step = fc.record({ action: fc.nat(5), which: fc.nat(30), minute: fc.nat(3_000), amount: fc.nat(90_000) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const path = nextFile()
        const store = await open(path)
        await playHistory(store, steps)
        await store.close()
        const db = new Database(path, { readonly: true })
        for (const level of levels) expectRecount(db, level)
        db.close()
      }),
      { numRuns: 12 },
    )
  })

  it(
    'finds a kind of failure by its index, however many others there are; not what an older version has stored',
    { timeout: 60_000 },
    async () => {
      const file = nextFile()
      const store = await open(file)
      const failed = (error: string, count: number) =>
        Array.from({ length: count }, () => buildRecord({ status: 'failed', error, endTime: 9 }))
      const rare = failed('Error: rare', 2)
      const often = failed('Error: often', 2_500)
      const all = [...rare, ...often, ...failed('Error: other', 20_000)]
      await store.tasks.write(all.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
      const of = (error: string) => {
        const { fingerprint } = errorKind({ error, errorCode: null })
        return { ...anyTask, search: parseSearch(`error_group:${fingerprint}`) }
      }
      expect(await store.views.metrics(of('Error: rare'))).toMatchObject({ total: 2, isCapped: false })
      expect(await store.views.metrics(of('Error: often'))).toMatchObject({ failed: 2_500, isCapped: false })
      const page = { sort: 'created_at', limit: 3, cursor: null } as const
      for (const order of ['asc', 'desc'] as const) {
        const ids = often.map(({ taskId }) => taskId).sort()
        const { tasks, total } = await store.views.list({ ...page, order, filter: of('Error: often') })
        expect(total).toBe(2_500)
        expect(tasks.map(({ taskId }) => taskId)).toEqual((order === 'asc' ? ids : ids.reverse()).slice(0, 3))
      }
      const until =
        all
          .map(({ taskId }) => taskId)
          .sort()
          .at(-1) ?? ''
      const slice = await store.views.ids({ filter: of('Error: often'), after: null, until, limit: 5_000 })
      expect(slice.taskIds).toHaveLength(2_500)
      const db = new Database(file)
      db.exec('UPDATE tasks SET error_group = NULL')
      db.close()
      expect(await store.views.metrics(of('Error: rare'))).toMatchObject({ total: 0 })
    },
  )

  it('turns records into rows and back without loss', () => {
    const texts = fc.string({ unit: 'grapheme' })
    const changes = fc.record({
      tags: fc.dictionary(texts, texts),
      locks: fc.array(texts),
      affected: fc.array(texts),
      error: fc.option(texts),
      priority: fc.option(fc.integer()),
      durationMs: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
      hasLogs: fc.boolean(),
      progress: fc.option(fc.record({ percent: fc.option(fc.integer()), message: fc.option(texts) })),
    })
    fc.assert(
      fc.property(changes, (some) => {
        const record = buildRecord(some)
        expect(recordFromRow(toRow(record))).toEqual(record)
      }),
    )
  })
})

interface Step {
  readonly action: number
  readonly which: number
  readonly minute: number
  readonly amount: number
}

async function playHistory({ tasks }: Store, steps: readonly Step[]): Promise<void> {
  const known: string[] = []
  const change = async (which: number, change: (record: TaskRecord) => Partial<TaskRecord>) => {
    const record = await tasks.get(known[which % Math.max(1, known.length)] ?? '')
    if (record) await saveTask(tasks, transition(record, change(record)))
  }
  for (const { action, which, minute, amount } of steps) {
    if (action <= 1) {
      const record = buildRecord({
        createdAt: Date.UTC(2026, 0, 5) + minute * 60_000,
        funcName: `f${which % 3}`,
        queue: `q${which % 2}`,
        ...(action === 1 ? { status: 'running' as const, waitMs: amount } : {}),
      })
      known.push(record.taskId)
      await insertTask(tasks, record)
    } else if (action === 2) await change(which, () => ({ status: 'running', waitMs: amount }))
    else if (action === 3) await change(which, () => ({ status: 'success', durationMs: amount, endTime: amount }))
    else if (action === 4)
      await change(which, ({ retryCount }) => ({ status: 'failed', retryCount: retryCount + 1, endTime: 5 }))
    else if (which % 2) await tasks.delete(known[which % Math.max(1, known.length)] ?? '')
    else await tasks.deleteHistory({ statuses: ['success', 'failed'], endedBefore: amount, limit: 2 })
  }
}

function expectRecount(db: Database.Database, level: number): void {
  const bucket = level === 0 ? '0' : `created_at / ${level} * ${level}`
  const counted = db
    .prepare(
      `SELECT ${bucket} AS bucket, func_name, queue, source, status, count(*) AS tasks,
         count(iif(status IN ('pending', 'running'), NULL, duration_ms)) AS duration_count,
         total(iif(status IN ('pending', 'running'), NULL, duration_ms)) AS duration_sum,
         count(iif(status IN ('pending', 'running'), NULL, wait_ms)) AS wait_count,
         total(iif(status IN ('pending', 'running'), NULL, wait_ms)) AS wait_sum
       FROM tasks GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5`,
    )
    .all()
  const kept = db
    .prepare(
      `SELECT bucket, func_name, queue, source, status, tasks, duration_count, duration_sum, wait_count, wait_sum
       FROM rollups WHERE level = ? ORDER BY 1, 2, 3, 4, 5`,
    )
    .all(level)
  expect({ level, rows: kept }).toEqual({ level, rows: counted })
}

/** The longest time between two of so many turns of the event loop. */
async function longestPauseOf(turns: number): Promise<number> {
  let longestMs = 0
  for (let turn = 0; turn < turns; turn += 1) {
    const startedMs = performance.now()
    await new Promise((resolve) => setImmediate(resolve))
    longestMs = Math.max(longestMs, performance.now() - startedMs)
  }
  return longestMs
}
