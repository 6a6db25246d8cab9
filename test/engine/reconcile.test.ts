import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '@taskloom/engine'
import { insertTask } from '@taskloom/engine/store'
import { anyTask } from '@taskloom/protocol'
import Database from 'better-sqlite3'
import { afterAll, expect, it } from 'vitest'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { randomHistory } from '../../packages/testkit/src/store-suite/sample.ts'
import { openManager, withCode } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-reconcile-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function openHistory(name: string) {
  const file = join(folder, name)
  const store = sqlite(file)
  const tasks = openManager({ store })
  await tasks.list()
  await Promise.all(randomHistory(400, 7).map((record) => insertTask(store.tasks, record)))
  const db = new Database(file)
  const dump = () =>
    db
      .prepare('SELECT * FROM rollups ORDER BY level, bucket, status, func_name, queue, source')
      .all()
      .map((row) => ({ ...(row as object), duration_sum: 0, wait_sum: 0 }))
  return { tasks, store, db, dump }
}

it('finds nothing where nothing is wrong', async () => {
  const { tasks, dump, db } = await openHistory('right.db')
  const before = dump()
  const report = await tasks.reconcile()
  expect(report).toMatchObject({ differing: 0, mended: 0, examples: [] })
  expect(report.checked).toBeGreaterThan(100)
  expect(dump()).toEqual(before)
  db.close()
})

it('says what differs, and puts it right', async () => {
  const { tasks, dump, db } = await openHistory('wrong.db')
  const right = await tasks.source.metrics(anyTask)
  const before = dump()
  db.exec('UPDATE rollups SET tasks = tasks + 5 WHERE level = 0')
  db.exec(`DELETE FROM rollups WHERE level = 60000 AND bucket = (SELECT max(bucket) FROM rollups WHERE level = 60000);
    UPDATE rollups SET duration_bins = NULL WHERE level = 300000;
    UPDATE rollups SET earliest = latest - 1 WHERE level = 1800000 AND status = 'success';
    INSERT INTO rollups VALUES (60000, 60000, 'ghost', 'default', 'manual', 'success', 3, 0, 0, NULL, 0, 0, NULL, 1, 2);`)
  const wrong = dump()
  expect((await tasks.source.metrics(anyTask)).total).not.toBe(right.total)

  const looked = await tasks.reconcile({ dryRun: true })
  expect(looked.mended).toBe(0)
  expect(looked.examples[0]).toEqual({
    ...{ bucketMs: 60_000, since: 60_000, funcName: 'ghost', queue: 'default', source: 'manual', status: 'success' },
    ...{ kept: 3, counted: 0 },
  })
  expect(dump()).toEqual(wrong)

  const mended = await tasks.reconcile()
  expect(mended.mended).toBe(mended.differing)
  expect(mended.differing).toBeGreaterThan(3)
  expect(mended.examples.length).toBeLessThanOrEqual(100)
  expect(dump()).toEqual(before)
  expect(await tasks.source.metrics(anyTask)).toEqual(right)
  expect(await tasks.reconcile()).toMatchObject({ differing: 0 })
  db.close()
})

it('is not misled by what is written meanwhile', async () => {
  const { tasks, store, db } = await openHistory('busy.db')
  let isOver = false
  const writing = (async () => {
    while (!isOver) {
      await Promise.all(Array.from({ length: 20 }, () => insertTask(store.tasks, buildRecord({ status: 'success' }))))
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  const report = await tasks.reconcile()
  isOver = true
  await writing
  expect(report).toMatchObject({ differing: 0 })
  db.close()
})

it('reads its options at the door', async () => {
  const tasks = openManager()
  await expect(tasks.reconcile({ dry: true } as never)).rejects.toEqual(withCode('bad_option'))
  expect(await tasks.reconcile()).toMatchObject({ checked: 0, differing: 0, mended: 0 })
})
