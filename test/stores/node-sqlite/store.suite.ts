// Runs on a Node that brings SQLite: see store.test.ts.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { insertTask, sqlite, type Store } from '@taskloom/engine/store'
import { anyTask } from '@taskloom/protocol'
import { buildRecord, describeStore } from '@taskloom/testkit'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { loadDriver } from '../../../packages/engine/dist/stores/sqlite/driver/index.js'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-node-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const nextFile = () => join(folder, `${(files += 1)}.db`)

describeStore('sqlite of Node', () => sqlite(nextFile(), { driver: 'node' }))

describe('sqlite of Node alone', () => {
  const opened: Store[] = []
  const open = async (path: string): Promise<Store> => {
    const store = sqlite(path, { driver: 'node' })
    opened.push(store)
    await store.open()
    return store
  }
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  it('has everything after it was closed and opened again', async () => {
    const path = nextFile()
    const first = await open(path)
    const record = buildRecord({ status: 'failed', tags: { env: 'prod' }, durationMs: 5, endTime: 9 })
    await insertTask(first.tasks, record)
    await first.close()
    const second = await open(path)
    expect(await second.tasks.get(record.taskId)).toEqual(record)
    expect(await second.views.metrics(anyTask)).toMatchObject({ total: 1, failed: 1, avgDurationMs: 5 })
  })

  it('keeps texts whole: a NUL, at which a text would end when it is read, is U+FFFD', async () => {
    const store = await open(nextFile())
    const record = buildRecord({ userLabel: 'a\0b' })
    await insertTask(store.tasks, record)
    expect((await store.tasks.get(record.taskId))?.userLabel).toBe('a\ufffdb')
  })

  it('says that nothing else is bound as null', async () => {
    const db = (await loadDriver('node')).open(':memory:', 'create')
    expect(db.prepare('SELECT ? IS NULL, ? IS NULL').raw().get(undefined, null)).toEqual([1, 1])
    expect(() => db.prepare('SELECT ?').get(true)).toThrow()
    db.close()
  })

  it('gives rows as objects, arrays and single values, also one by one', async () => {
    const db = (await loadDriver('node')).open(':memory:', 'create')
    const sql = "SELECT 'x', 7, 8 AS name, value AS name, value + 0.5 FROM json_each('[1,2,3]') ORDER BY value DESC"
    const rows = [
      ['x', 7, 8, 3, 3.5],
      ['x', 7, 8, 2, 2.5],
      ['x', 7, 8, 1, 1.5],
    ]
    expect(db.prepare(sql).raw().all()).toEqual(rows)
    expect([...db.prepare(sql).raw().iterate()]).toEqual(rows)
    expect(db.prepare(sql).raw().get()).toEqual(rows[0])
    expect(db.prepare("SELECT value FROM json_each('[3,2]')").pluck().all()).toEqual([3, 2])
    expect(db.prepare("SELECT 'x'").pluck().get()).toBe('x')
    expect(db.prepare("SELECT 1 AS a, 'ü' AS b").all()).toStrictEqual([{ a: 1, b: 'ü' }])
    expect(db.prepare('SELECT 1 WHERE 0').raw().get()).toBeUndefined()
    db.close()
  })

  it('leaves a loop over rows early, and can write then', async () => {
    const db = (await loadDriver('node')).open(nextFile(), 'create')
    db.exec("CREATE TABLE t (n); INSERT INTO t SELECT value FROM json_each('[1,2,3]')")
    for (const n of db.prepare<[], number>('SELECT n FROM t').pluck().iterate()) if (n === 1) break
    db.exec('DROP TABLE t')
    expect(db.inTransaction).toBe(false)
    db.exec('BEGIN')
    expect(db.inTransaction).toBe(true)
    db.exec('ROLLBACK')
    expect(db.inTransaction).toBe(false)
    db.close()
  })

  it('waits for another process’s lock', async () => {
    const path = nextFile()
    const store = await open(path)
    const other = (await loadDriver('node')).open(path, 'write')
    other.exec('BEGIN IMMEDIATE')
    let isSettled = false
    const inserted = insertTask(store.tasks, buildRecord()).finally(() => (isSettled = true))
    for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(isSettled).toBe(false)
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
  })

  it('says that a file is no database, and makes none where it is only to read or write', async () => {
    const path = nextFile()
    writeFileSync(path, 'no database at all, but longer than its header would be. '.repeat(20))
    await expect(open(path)).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('no SQLite database') as string,
    })
    const driver = await loadDriver('node')
    expect(() => driver.open(nextFile(), 'write')).toThrow()
    expect(() => driver.open(nextFile(), 'read')).toThrow()
  })

  it('carries what many tasks have written from the log into the file', async () => {
    const path = nextFile()
    const store = await open(path)
    const args = JSON.stringify(['x'.repeat(25_600)])
    const records = Array.from({ length: 400 }, () => buildRecord({ args }))
    await store.tasks.write(records.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
    const other = (await loadDriver('node')).open(path, 'read')
    const carried = () => other.prepare<[], number>('SELECT page_count FROM pragma_page_count()').pluck().get()
    await expect.poll(carried).toBeGreaterThan(1_000)
    other.close()
    expect((await store.views.metrics(anyTask)).total).toBe(400)
  })
})
