import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LiveText } from '../../packages/testkit/src/adapter-suite/wire.ts'
import { findNginx, startNginx, type Nginx } from './nginx.ts'

const program = findNginx()
const password = 'correct horse battery staple'

describe.skipIf(program === null)('behind nginx that takes a prefix away', () => {
  const tasks = new TaskManager()
  const work = tasks.define('work', (count: number) => count)
  const server = createServer()
  let nginx: Nginx
  let base: string
  let own: string
  let cookie: string

  beforeAll(async () => {
    mount(server, tasks, { trustProxy: 1, auth: { users: [{ username: 'ann', password }] } })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    nginx = await startNginx(program ?? '', port)
    base = `${nginx.origin}/ops/tasks`
    own = `http://127.0.0.1:${port}/tasks`
    await tasks.start()
    for (let index = 0; index < 700; index += 1) await work.enqueue(index)
    await tasks.idle()
    cookie = await signIn()
  }, 60_000)
  afterAll(async () => {
    await nginx.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const get = (url: string, init: RequestInit = {}) => fetch(url, { ...init, headers: { cookie, ...init.headers } })

  /** As the page's own form would, from the origin that the browser sees. */
  async function signIn(): Promise<string> {
    const headers = { 'content-type': 'application/json', origin: nginx.origin }
    const body = JSON.stringify({ username: 'ann', password })
    const response = await fetch(`${base}/auth/login`, { method: 'POST', headers, body })
    expect(response.status).toBe(200)
    const set = response.headers.get('set-cookie') ?? ''
    expect(set).toContain('Path=/ops/tasks;')
    return set.split(';')[0] ?? ''
  }

  it('leads to the login, whatever the prefix, and takes nobody else for its own', async () => {
    const page = await fetch(`${base}/dashboard`, { redirect: 'manual' })
    expect(page.status).toBe(303)
    const login = new URL(page.headers.get('location') ?? '', page.url)
    expect(login.pathname).toBe('/ops/tasks/auth/login')
    expect((await fetch(login)).headers.get('content-type')).toContain('text/html')
    expect((await fetch(base)).status).toBe(401)
    const foreign = { origin: 'http://evil.test', 'content-type': 'application/json' }
    expect(
      (await get(`${base}/bulk-retry`, { method: 'POST', headers: foreign, body: '{"task_ids":[]}' })).status,
    ).toBe(403)
    const same = { origin: nginx.origin, 'content-type': 'application/json' }
    expect((await get(`${base}/bulk-retry`, { method: 'POST', headers: same, body: '{"task_ids":[]}' })).status).toBe(
      200,
    )
  })

  it('gives the page and all that it loads, compressed', async () => {
    const page = await get(`${base}/dashboard`)
    const html = await page.text()
    const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => new URL(path, page.url))
    expect(addresses.map(({ pathname }) => pathname)).toContain('/ops/tasks/dashboard/assets/task-dashboard.js')
    for (const address of addresses) expect((await get(String(address))).status, address.pathname).toBe(200)
    const script = await get(`${base}/dashboard/assets/task-dashboard.js`)
    expect(script.headers.get('content-encoding')).toBe('gzip')
    expect((await script.text()).length).toBeGreaterThan(100_000)
  })

  it('exports every row', async () => {
    for (const path of ['/export.csv', '/export.json?sort=task_id&order=asc']) {
      const [through, direct] = await Promise.all([get(base + path), get(own + path)])
      const text = await through.text()
      expect(text).toBe(await direct.text())
      expect(text.match(/\bwork\b/g)).toHaveLength(700)
    }
  })

  it('streams at once, and for longer than the connection may be idle', async () => {
    const openedAt = performance.now()
    const gone = new AbortController()
    const live = new LiveText(await get(`${base}/stream`, { signal: gone.signal }))
    await live.until('event: hello')
    const first = await work.enqueue(1)
    expect(await live.until(first.id)).toContain('event: tasks')
    await live.until(': ping')
    await expect.poll(() => performance.now() - openedAt, { timeout: 20_000, interval: 200 }).toBeGreaterThan(17_000)
    const second = await work.enqueue(2)
    expect(await live.until(second.id)).toContain(second.id)
    expect(live.isDone).toBe(false)
    gone.abort()
  }, 40_000)

  it('would lose a stream without heartbeats', async () => {
    const response = await get(`${nginx.origin}/hasty/tasks/stream`)
    await expect(response.text()).rejects.toThrow()
  }, 20_000)
})
