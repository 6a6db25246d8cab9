import { mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, sqlite, type Store } from '@taskloom/engine'
import { insertTask } from '@taskloom/engine/store'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { openManager, withCode } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-cleanup-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const nothing = { found: 0, mended: 0 }

describe('cleanup', () => {
  it('finds rows without a task, and leaves those with one alone', async () => {
    const file = join(folder, 'rows.db')
    const store = sqlite(file)
    const tasks = openManager({ store })
    await tasks.list()
    const kept = buildRecord({ tags: { env: 'prod' }, locks: ['Book:1'] })
    await insertTask(store.tasks, kept)
    await store.tasks.appendLogs(kept.taskId, [{ at: 1, level: 'info', message: 'hi', attempt: 1, extra: null }])
    const ended = buildRecord({ status: 'success' })
    await insertTask(store.tasks, ended)
    const db = new Database(file)
    db.exec(`INSERT INTO locks VALUES ('Book:2', 'gone', 'gone', 1), ('Book:3', '${ended.taskId}', 'x', 1);
      INSERT INTO logs VALUES ('gone', 1, 1, 'info', 'a', 1, NULL), ('gone', 2, 1, 'info', 'b', 1, NULL);
      INSERT INTO attempts VALUES ('gone', 1, 1, NULL, NULL, NULL, NULL, NULL);`)
    const insertTag = db.prepare('INSERT INTO task_tags VALUES (?, ?, ?)')
    for (let index = 0; index < 450; index += 1) insertTag.run('env', 'prod', `gone-${index}`)
    const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
    const counts = () => ['locks', 'logs', 'attempts', 'task_tags'].map(count)
    const before = counts()

    const looked = await tasks.cleanup({ dryRun: true })
    expect(looked).toMatchObject({ dryRun: true, workers: nothing, orphans: nothing })
    expect(looked).toMatchObject({ locks: { found: 2, mended: 0 }, logs: { found: 2, mended: 0 } })
    expect(looked).toMatchObject({ attempts: { found: 1, mended: 0 }, tags: { found: 450, mended: 0 } })
    expect(counts()).toEqual(before)

    const mended = await tasks.cleanup()
    expect(mended).toMatchObject({ dryRun: false, locks: { found: 2, mended: 2 }, logs: { found: 2, mended: 2 } })
    expect(mended).toMatchObject({ attempts: { found: 1, mended: 1 }, tags: { found: 450, mended: 450 } })
    expect(counts()).toEqual([1, 1, 0, 1])
    expect(await tasks.cleanup()).toMatchObject({ locks: nothing, logs: nothing, attempts: nothing, tags: nothing })
    expect(await tasks.locks()).toMatchObject([{ key: 'Book:1', taskId: kept.taskId }])
    db.close()
  })

  it.each<[string, () => Store]>([
    ['memory', memory],
    ['sqlite', () => sqlite(join(folder, 'workers.db'))],
  ])('takes care of what dead processes left in %s', async (_, makeStore) => {
    const store = makeStore()
    const tasks = openManager({ store })
    await tasks.list()
    const now = Date.now()
    const worker = { hostname: hostname(), startedAt: now, heartbeatAt: now, leaseUntil: now + 60_000 }
    await store.workers.beat({ ...worker, workerId: 'dead', pid: 4_194_303 })
    await store.workers.beat({ ...worker, workerId: 'alive', pid: process.ppid })
    const running = { status: 'running', attempt: 1, startTime: 1 } as const
    const orphan = buildRecord({ ...running, workerId: 'dead', locks: ['Book:1'] })
    const other = buildRecord({ ...running, workerId: 'alive' })
    await insertTask(store.tasks, orphan)
    await insertTask(store.tasks, other)
    const looked = await tasks.cleanup({ dryRun: true })
    expect(looked).toMatchObject({ workers: { found: 1, mended: 0 }, orphans: { found: 1, mended: 0 } })
    expect((await tasks.get(orphan.taskId))?.status).toBe('running')
    const mended = await tasks.cleanup()
    expect(mended).toMatchObject({ workers: { found: 1, mended: 1 }, orphans: { found: 1, mended: 1 }, locks: nothing })
    expect((await tasks.get(orphan.taskId))?.status).toBe('interrupted')
    expect((await tasks.get(other.taskId))?.status).toBe('running')
    expect(await tasks.locks()).toEqual([])
    expect((await store.workers.list()).map(({ workerId }) => workerId)).toEqual(['alive'])
  })

  it('reads its options at the door, and stops with the process', async () => {
    const tasks = openManager()
    await expect(tasks.cleanup({ dry: true } as never)).rejects.toEqual(withCode('bad_option'))
    await expect(tasks.cleanup({ dryRun: 1 } as never)).rejects.toEqual(withCode('bad_option'))
    await tasks.shutdown()
    await expect(tasks.cleanup()).rejects.toEqual(withCode('shut_down'))
    await expect(tasks.reconcile()).rejects.toEqual(withCode('shut_down'))
  })
})
