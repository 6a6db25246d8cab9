import { routes } from '@taskloom/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Handler } from '../../packages/engine/src/server/handler.ts'
import type { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { mount } from './mounted.ts'
import { ask, codeOf, command } from './request.ts'

let source: ScriptedSource
let handler: Handler

beforeEach(() => {
  ;({ source, handler } = mount())
})

describe('paths', () => {
  it.each([
    ['/metrics/', '404 not_found'],
    ['//metrics', '404 not_found'],
    ['/../metrics', '404 not_found'],
    ['/x/../metrics', '404 not_found'],
    ['/%2e%2e/metrics', '404 not_found'],
    ['/.', '404 not_found'],
    ['/a%2fb', '404 not_found'],
    ['/a%5Cb', '404 not_found'],
    ['/a%00', '404 not_found'],
    ['/%zz', '400 bad_query'],
    ['/%c3%28', '400 bad_query'],
    ['/metrics/deep/er', '404 not_found'],
    ['/no-such-task', '404 unknown_task'],
    ['/constructor', '404 unknown_task'],
    ['/__proto__/logs', '404 unknown_task'],
    [`/${'x'.repeat(301)}`, '404 not_found'],
  ])('%s is %s', async (path, expected) => {
    expect(await codeOf(ask(handler, path))).toBe(expected)
  })

  it('reads the path of the request itself where no raw path is given', async () => {
    const get = (url: string, basePath: string) => handler(new Request(url), { basePath })
    expect((await get('http://h/tasks/livez', '/tasks')).status).toBe(200)
    expect((await get('http://h/livez', '')).status).toBe(200)
    expect((await get('http://h/tasksevil/livez', '/tasks')).status).toBe(404)
    expect((await get('http://h/Tasks/livez', '/tasks')).status).toBe(404)
  })

  it('answers the list with and without a trailing slash', async () => {
    expect((await ask(handler, '')).status).toBe(200)
    expect((await ask(handler, '/')).status).toBe(200)
  })
})

describe('methods', () => {
  it('names what is allowed', async () => {
    const response = await ask(handler, '/metrics', { method: 'DELETE' })
    // `DELETE {task_id}` fits the path, so deleting is a question of the task, not of the method.
    expect(response.status).toBe(403)
    const cancel = await ask(handler, '/some-task/cancel')
    expect(cancel.status).toBe(405)
    expect(cancel.headers.get('allow')).toBe('POST')
    const root = await ask(handler, '', { method: 'POST' })
    expect(root.headers.get('allow')).toBe('GET, HEAD')
  })

  it.each(['PUT', 'PATCH', 'OPTIONS'])('%s is never allowed and shares nothing with other origins', async (method) => {
    const response = await ask(handler, '/metrics', { method, headers: { origin: 'https://evil.test' } })
    expect(await codeOf(response.clone())).toBe('405 method_not_allowed')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('ignores method overrides', async () => {
    const task = await source.add({ status: 'success' })
    const headers = { 'x-http-method-override': 'DELETE' }
    expect((await ask(handler, `/${task.taskId}`, { headers })).status).toBe(200)
    expect(source.acts).toEqual([])
  })

  it('HEAD has the headers of GET and no body', async () => {
    for (const path of ['', '/livez', '/dashboard', '/stream', '/openapi.json']) {
      const response = await ask(handler, path, { method: 'HEAD' })
      expect(response.status).toBe(200)
      expect(await response.text()).toBe('')
    }
    expect(source.listenerCount).toBe(0)
    const [head, get] = [await ask(handler, '', { method: 'HEAD' }), await ask(handler, '')]
    expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength))
  })
})

describe('headers', () => {
  it.each(['', '/livez', '/dashboard', '/dashboard/assets/page.css', '/nothing', '/%zz', '/stream'])(
    'of %s keep the answer to ourselves',
    async (path) => {
      const response = await ask(handler, path)
      await response.body?.cancel()
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('referrer-policy')).toBe('same-origin')
      expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(response.headers.get('cache-control')).toMatch(/no-store|no-cache/)
    },
  )
})

it('has an action for every route of the table', async () => {
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replace(/\{\w+\}/g, 'nobody').replace('*', 'page.css')
    const asked = route.method === 'GET' ? {} : { ...command(), method: route.method }
    const response = await ask(handler, path === '' ? '' : `/${path}`, asked)
    expect(response.status === 501 || response.status < 500, name).toBe(true)
    await response.body?.cancel()
  }
})
