import { memory } from '@taskloom/engine'
import { expect, it } from 'vitest'
import { createHandler } from '../../packages/engine/src/server/handler.ts'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { openManager } from '../engine/open-manager.ts'
import { ask, command, readJson } from './request.ts'

it('names the task that holds the lock, so that a page can lead there', async () => {
  const store = memory()
  const tasks = openManager({ store })
  tasks.define('work', () => undefined)
  await tasks.start()
  const failed = buildRecord({ status: 'failed', funcName: 'work', locks: ['Book:1'], createdAt: Date.now() })
  await store.tasks.write([{ previous: null, next: failed, attempt: null, logs: [] }])
  const { id } = await tasks.enqueue('work', [], { locks: ['Book:1'], delay: '1h' })
  const response = await ask(createHandler(tasks.source, {}), `/${failed.taskId}/retry`, command({}))
  expect(response.status).toBe(409)
  expect(await readJson(response)).toMatchObject({ code: 'conflict', extra: { task_id: id } })
})
