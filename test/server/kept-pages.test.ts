import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { mount, type Mount, type MountOptions } from '@taskloom/engine/node'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

let folder: string
let tasks: TaskManager
let server: Server
let mounted: Mount

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskloom-pages-'))
})
afterEach(async () => {
  await mounted.close()
  server.closeAllConnections()
  await new Promise<void>((resolve) => void server.close(() => resolve()))
  await rm(folder, { recursive: true, force: true })
})

async function open(
  options: MountOptions = {},
): Promise<(query?: string, headers?: Record<string, string>) => Promise<Response>> {
  tasks = new TaskManager({ store: join(folder, 'tasks.db') })
  tasks.define('later', () => undefined)
  server = createServer((_, response) => response.end('host'))
  mounted = mount(server, tasks, options)
  await tasks.open()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return (query = '', headers = {}) => fetch(`http://127.0.0.1:${port}/tasks${query}`, { headers })
}

const enqueue = (of: TaskManager) => of.enqueue('later', [], { delay: '1h' })
const totalOf = async (response: Response) => ((await response.json()) as { total: number }).total
const headersOf = ({ headers }: Response) => [...headers].filter(([name]) => name !== 'date')

describe('a list page', () => {
  it('is the same to the byte, and not asked of the store again, until something is stored', async () => {
    const get = await open()
    await enqueue(tasks)
    const asked = vi.spyOn(tasks.source, 'list')
    const [first, second] = [await get('?limit=5'), await get('?limit=5')]
    expect(headersOf(second)).toEqual(headersOf(first))
    expect(await second.text()).toBe(await first.text())
    expect(asked).toHaveBeenCalledTimes(1)
    await enqueue(tasks)
    expect(await totalOf(await get('?limit=5'))).toBe(2)
    const [{ taskId = '' } = {}] = (await tasks.list()).tasks
    await tasks.cancel(taskId)
    expect(await (await get('?limit=5')).text()).toContain('"status":"cancelled"')
  })

  it('is made anew when another process has stored something', async () => {
    const get = await open()
    await enqueue(tasks)
    expect(await totalOf(await get())).toBe(1)
    const other = new TaskManager({ store: join(folder, 'tasks.db') })
    other.define('later', () => undefined)
    await enqueue(other)
    await expect.poll(async () => totalOf(await get()), { interval: 5 }).toBe(2)
    await other.shutdown()
  })

  it('is kept for nobody who may not see it', async () => {
    const get = await open({
      auth: (request) => {
        const name = request.headers.get('x-user')
        if (name === 'some') return { name, role: 'viewer', queues: ['mail'] }
        return name === null ? null : { name, role: 'viewer' }
      },
    })
    await enqueue(tasks)
    for (let round = 0; round < 2; round += 1) {
      expect(await totalOf(await get('', { 'x-user': 'all' }))).toBe(1)
      expect(await totalOf(await get('', { 'x-user': 'some' }))).toBe(0)
      expect((await get()).status).toBe(401)
    }
  })

  it('whose window slides is made each time', async () => {
    const get = await open()
    const asked = vi.spyOn(tasks.source, 'list')
    for (let round = 0; round < 3; round += 1) expect((await get('?window=15m')).status).toBe(200)
    expect(asked).toHaveBeenCalledTimes(3)
  })

  it('is refused when the store is closed', async () => {
    const get = await open()
    expect((await get()).status).toBe(200)
    await tasks.shutdown()
    expect((await get()).status).toBe(503)
  })
})
