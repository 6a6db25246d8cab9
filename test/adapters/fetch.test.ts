import { createAdaptorServer } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { createFetch, type FetchMount } from '@taskloom/engine/fetch'
import { Hono } from 'hono'
import type { Server } from 'node:http'
import { describe, expect, it } from 'vitest'
import { describeAdapter, listen } from '../../packages/testkit/src/adapter-suite.ts'
import { mountable, ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'

const traits = { readsUrls: true }

async function start(fetchTasks: FetchMount, server: unknown, base = '/tasks') {
  const host = await listen(server as Server, base)
  const close = async () => {
    await Promise.all([fetchTasks.close(), host.close()])
  }
  return { ...host, close }
}

describeAdapter(
  'fetch, on hono',
  (tasks) => {
    const fetchTasks = createFetch(tasks)
    const app = new Hono()
    app.all('/tasks/*', (c) => {
      const { address } = getConnInfo(c).remote
      return fetchTasks(c.req.raw, { native: c, ...(address ? { remoteAddress: address } : {}) })
    })
    app.all('*', (c) => c.text('host'))
    return start(fetchTasks, createAdaptorServer({ fetch: app.fetch }))
  },
  traits,
)

describeAdapter(
  'fetch, on a server of requests and responses alone, deep',
  (tasks) => {
    const fetchTasks = createFetch(tasks, { path: '/a/b/tasks/' })
    const answer = (request: Request) => {
      const { pathname } = new URL(request.url)
      return /^\/a\/b\/tasks(\/|$)/.test(pathname) ? fetchTasks(request) : new Response('host')
    }
    return start(fetchTasks, createAdaptorServer({ fetch: answer }), '/a/b/tasks')
  },
  traits,
)

describe('createFetch', () => {
  it('answers requests that no server carries', async () => {
    const tasks = mountable(new ScriptedSource())
    const fetchTasks = createFetch(tasks)
    expect(fetchTasks.path).toBe('/tasks')
    const answer = async (path: string) => (await fetchTasks(new Request(`http://shop.test${path}`))).status
    expect(await answer('/tasks/livez')).toBe(200)
    expect(await answer('/tasks')).toBe(200)
    expect(await answer('/tasksevil')).toBe(404)
    expect(await answer('/')).toBe(404)
    await Promise.all([fetchTasks.close(), fetchTasks.close()])
    expect(await answer('/tasks/livez')).toBe(404)
    expect([tasks.starts, tasks.shutdowns]).toEqual([1, 1])
  })

  it('ends its streams when it is closed', async () => {
    const fetchTasks = createFetch(mountable(new ScriptedSource()), { path: '/' })
    const response = await fetchTasks(new Request('http://shop.test/stream'))
    await fetchTasks.close()
    expect(await response.text()).toContain('event: bye')
  })

  it.each([[{ autoInstall: false }], [{ path: 'tasks' }], [{ wirte: false }]])('refuses the options %j', (options) => {
    const tasks = mountable(new ScriptedSource())
    expect(() => createFetch(tasks, options as object)).toThrowError(
      expect.objectContaining({ name: 'TaskError', code: 'bad_option' }) as Error,
    )
    expect(tasks.starts).toBe(0)
  })
})
