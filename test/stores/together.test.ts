import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TaskManager, webhooks, type EngineFault, type Store } from '@taskloom/engine'
import { mysql } from '@taskloom/engine/mysql'
import { postgres } from '@taskloom/engine/postgres'
import { anyTask } from '@taskloom/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { startMariadb } from '../servers/mariadb.ts'
import { startPostgres } from '../servers/postgres.ts'
import type { StartsServer } from '../servers/server.ts'
import { useServer } from '../servers/use-server.ts'

const kinds: readonly (readonly [string, StartsServer, (url: string) => Store])[] = [
  ['PostgreSQL', startPostgres, postgres],
  ['MariaDB', startMariadb, mysql],
]
const act = { actor: 'ann', reason: null }
const tasksEach = 30

describe.each(kinds)('three instances on %s', { timeout: 60_000 }, (_, starts, make) => {
  const server = useServer(starts)
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  it('tell each end once, run each slot once, work an operation off once and keep one chain', async () => {
    const { url, told } = await listening()
    ends.push(async () => told.close())
    const faults: EngineFault[] = []
    const all = await Promise.all(
      [1, 2, 3].map(async () => {
        const tasks = new TaskManager({
          store: make(server.url),
          observers: [webhooks({ url, secret: 'a secret of twenty-three', events: ['complete'] })],
        })
        ends.push(() => tasks.shutdown({ timeoutMs: 2_000 }))
        tasks.on('error', (fault) => faults.push(fault))
        tasks.define('work', () => 1)
        tasks.define('later', { queue: 'later' }, () => 1)
        tasks.schedule('tick', { every: '1s', overlap: 'skip' }, () => null)
        await tasks.start()
        return tasks
      }),
    )
    const [first, second, third] = all as [TaskManager, TaskManager, TaskManager]
    for (const tasks of all) {
      for (let index = 0; index < tasksEach; index += 1) {
        await tasks.enqueue('work')
        await tasks.enqueue('later', [], { delay: '1h' })
      }
    }

    const filter = { ...anyTask, queues: ['later'] }
    const { operationId } = await second.source.operations.begin({ action: 'cancel', target: { filter } }, act)
    const status = async () => (await third.source.operations.get(operationId)).status
    await expect.poll(status, { timeout: 20_000 }).toBe('done')
    const operation = await first.source.operations.get(operationId)
    expect(operation).toMatchObject({ total: 3 * tasksEach, succeeded: 3 * tasksEach, skipped: 0, failed: 0 })

    const isTold = async () => {
      const { tasks } = await first.list({ limit: 500, filter: { ...anyTask, statuses: ['success'] } })
      const ended = new Set(tasks.map(({ taskId }) => taskId))
      return ended.size >= 3 * tasksEach + 3 && [...ended].every((taskId) => told.of(taskId) > 0)
    }
    await expect.poll(isTold, { timeout: 20_000 }).toBe(true)
    expect(told.twice()).toEqual([])
    const { tasks: ticks } = await third.list({ limit: 500, filter: { ...anyTask, funcNames: ['tick'] } })
    const slots = await Promise.all(ticks.map(async ({ taskId }) => (await third.get(taskId))?.slotAt))
    expect(new Set(slots).size).toBe(slots.length)
    expect(await second.source.schedules()).toMatchObject([{ missed: 0 }])
    expect(await third.verifyAudit()).toMatchObject({ entries: 2, broken: null })
    expect(faults).toEqual([])
  })
})

/** An endpoint that remembers what it was told of each task. */
async function listening() {
  const counts = new Map<string, number>()
  const server = createServer((request, response) => {
    void request
      .setEncoding('utf8')
      .toArray()
      .then((chunks) => {
        const { task } = JSON.parse(chunks.join('')) as { task: { task_id: string } }
        counts.set(task.task_id, (counts.get(task.task_id) ?? 0) + 1)
        response.writeHead(204).end()
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    told: {
      of: (taskId: string) => counts.get(taskId) ?? 0,
      twice: () => [...counts].filter(([, count]) => count > 1),
      close: () => void server.close(),
    },
  }
}
