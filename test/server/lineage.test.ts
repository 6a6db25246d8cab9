import type { TaskManager } from '@taskloom/engine'
import { lineage } from '@taskloom/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler } from '../../packages/engine/src/server/handler.ts'
import { openManager } from '../engine/open-manager.ts'
import { ask, codeOf } from './request.ts'

let tasks: TaskManager
let handler: Handler
let ids: readonly string[]

const users: Record<string, object> = {
  boss: { name: 'boss', role: 'admin' },
  mailer: { name: 'mailer', role: 'viewer', queues: ['mail'] },
  acme: { name: 'acme', role: 'viewer', tags: { customer: 'acme' } },
}
const get = (path: string, user = 'boss') => ask(handler, path, { headers: { 'x-user': user } })
const read = async (taskId: string, user?: string) =>
  lineage.decode(await (await get(`/${taskId}/lineage`, user)).json())

beforeEach(async () => {
  tasks = openManager()
  const send = tasks.define('send', { queue: 'mail', retries: 0 }, () => Promise.reject(new Error('password=S3CR3T')))
  await tasks.start()
  const chain = [(await tasks.enqueue(send, [], { tags: { customer: 'acme' } })).id]
  for (let index = 0; index < 2; index += 1) {
    await tasks.wait(chain.at(-1) ?? '')
    chain.push((await tasks.retry(chain.at(-1) ?? '')).taskId)
  }
  await tasks.wait(chain.at(-1) ?? '')
  ids = chain
  handler = createHandler(tasks.source, {
    auth: (request: Request) => (users[request.headers.get('x-user') ?? ''] ?? null) as never,
  })
})

describe('GET {task_id}/lineage', () => {
  it('gives what a task was retried from and what was retried from it, as lists show them', async () => {
    for (const id of ids) {
      const { tasks: found, truncated } = await read(id)
      expect([found.map(({ taskId }) => taskId), truncated]).toEqual([ids, false])
      expect(JSON.stringify(found)).not.toContain('S3CR3T')
    }
    expect(await codeOf(get('/unknown/lineage'))).toBe('404 unknown_task')
  })

  it('only to those who may see the task, and of others nothing', async () => {
    expect((await read(ids[1] ?? '', 'mailer')).tasks).toHaveLength(3)
    expect((await read(ids[1] ?? '', 'acme')).tasks).toHaveLength(3)
    const { id } = await tasks.enqueue('send')
    await tasks.wait(id)
    expect(await codeOf(get(`/${id}/lineage`, 'acme'))).toBe('404 unknown_task')
    expect((await get(`/${ids[0]}/lineage`, 'nobody')).status).toBe(401)
  })
})
