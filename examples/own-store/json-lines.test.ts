import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { taskLog, TaskManager, type Store } from '@taskloom/engine'
import { describeStore } from '@taskloom/testkit'
import { afterAll, expect, it } from 'vitest'
import { jsonLines } from './json-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'json-lines-'))
let files = 0

afterAll(() => rmSync(folder, { recursive: true }))

describeStore('json-lines', () => jsonLines(join(folder, `${(files += 1)}.jsonl`)))

// The suite asks what a store does; that it remembers is ours to show.
it('has everything again when the file is opened again', async () => {
  const path = join(folder, 'kept.jsonl')
  const look = async (store: Store, id: string) => ({
    detail: await store.views.detail(id),
    logs: await store.views.logs({ taskId: id, after: 0, minLevel: null, text: null, limit: 100 }),
    queues: await store.views.queues(),
    paused: await store.queueControls.paused(),
  })

  const store = jsonLines(path)
  const tasks = new TaskManager({ store })
  const divide = tasks.define('divide', { retries: 1, delay: 0 }, (a: number, b: number) => {
    taskLog(`${a} by ${b}`)
    if (b === 0) throw new Error('by zero')
    return a / b
  })
  await tasks.start()
  const { id } = await divide.with({ tags: { shop: 'nord' } }).enqueue(1, 0)
  await tasks.wait(id)
  await tasks.wait((await divide.enqueue(6, 3)).id)
  await store.queueControls.pause({ queue: 'mail', since: Date.now(), by: 'ann' })
  const before = await look(store, id)
  expect(before.detail?.record).toMatchObject({ status: 'failed', attempt: 2, tags: { shop: 'nord' } })
  expect(before.logs.logs.filter(({ message }) => message === '1 by 0')).toHaveLength(2)
  await tasks.shutdown()

  const again = jsonLines(path)
  await again.open()
  expect(await look(again, id)).toEqual(before)
  await again.close()
})
