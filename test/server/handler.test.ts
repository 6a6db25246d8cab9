import { openApiDocument, problemCodes, routes } from '@taskloom/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { TaskError } from '../../packages/engine/src/core/errors.ts'
import { createHandler, type Handler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { ask, command, readJson } from './request.ts'

const now = Date.UTC(2026, 0, 5, 12)
const clock = { now: () => now, after: () => () => undefined }
let source: ScriptedSource
let handler: Handler
let errors: unknown[]

beforeEach(() => {
  source = new ScriptedSource()
  errors = []
  handler = open()
})

function open(options: HandlerOptions = {}): Handler {
  return createHandler(source, { clock, onError: (error) => errors.push(error), ...options })
}

async function codeOf(response: Response | Promise<Response>): Promise<string> {
  const answer = await response
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const problem = await readJson(answer)
  expect(problem['status']).toBe(answer.status)
  expect(problemCodes).toHaveProperty(problem['code'] as string)
  return `${answer.status} ${problem['code'] as string}`
}

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

describe('queries', () => {
  it.each([
    ['?limt=3', 'limt'],
    ['?limit=0', 'limit'],
    ['?limit=501', 'limit'],
    ['?limit=1&limit=9', 'limit'],
    ['?limit=0x10', 'limit'],
    ['?limit=NaN', 'limit'],
    ['?limit=', 'limit'],
    ['?status=done', 'status'],
    ['?sort=created_at;DROP TABLE', 'sort'],
    ['?order=up', 'order'],
    ['?window=5y', 'window'],
    ['?since=yesterday', 'since'],
    ['?q=%00', 'q'],
    ['?q=args..x:1', 'q'],
    ['?__proto__[x]=1', '__proto__[x]'],
    ['/timeline?hours=0', 'hours'],
    ['/timeline?hours=2161', 'hours'],
    ['/timeline?bucket=10s', 'bucket'],
    ['/timeline?hours=2160&bucket=1m', 'bucket'],
    ['/timeline?group=size', 'group'],
    ['/stream?q="', 'q'],
    ['/livez?x=1', 'x'],
  ])('%s names the parameter', async (target, parameter) => {
    const response = await ask(handler, target)
    expect(response.status).toBe(400)
    expect(await readJson(response)).toMatchObject({ code: 'bad_query', parameter })
  })

  it('refuses cursors of another sort, and those that hold no value at all', async () => {
    const cursor = (value: unknown) => Buffer.from(JSON.stringify([1, value, 'x'])).toString('base64url')
    expect(await codeOf(ask(handler, `?cursor=${cursor('text')}`))).toBe('400 bad_cursor')
    expect(await codeOf(ask(handler, `?sort=func_name&cursor=${cursor(5)}`))).toBe('400 bad_cursor')
    const infinite = Buffer.from('[1,1e999,"x"]').toString('base64url')
    expect(await codeOf(ask(handler, `?cursor=${infinite}`))).toBe('400 bad_cursor')
    expect((await ask(handler, `?sort=func_name&cursor=${cursor('work')}`)).status).toBe(200)
  })

  it('pages through every task once', async () => {
    for (let index = 0; index < 25; index += 1) await source.add({ createdAt: now - (index % 3) })
    const seen: string[] = []
    let target = '?limit=10'
    for (;;) {
      const page = (await readJson(await ask(handler, target))) as { tasks: { task_id: string }[]; next_cursor: string }
      seen.push(...page.tasks.map(({ task_id }) => task_id))
      if (page.next_cursor === null) break
      target = `?limit=10&cursor=${page.next_cursor}`
    }
    expect(seen).toHaveLength(25)
    expect(new Set(seen).size).toBe(25)
  })
})

describe('reads', () => {
  it('shows arguments only where the mount allows it', async () => {
    const { taskId } = await source.add({ args: '[{"password":"x"}]' })
    expect(await readJson(await ask(handler, `/${taskId}`))).not.toHaveProperty('args')
    const open_ = open({ displayArgs: true })
    expect(await readJson(await ask(open_, `/${taskId}`))).toHaveProperty('args', [{ password: 'x' }])
  })

  it('reads a log on from a line', async () => {
    const { taskId } = await source.add({ status: 'running' })
    await source.log(taskId, 'one', 'two', 'three')
    const page = await readJson(await ask(handler, `/${taskId}/logs?after=1&limit=1`))
    expect(page).toMatchObject({ logs: [{ line: 2, message: 'two' }] })
  })

  it('answers a time line of nothing when it ends before it begins', async () => {
    const target = '/timeline?since=2026-01-05T12:00:00Z&until=2026-01-04T12:00:00Z'
    expect(await readJson(await ask(handler, target))).toMatchObject({ buckets: [] })
  })

  it('is down with 503', async () => {
    expect((await ask(handler, '/health')).status).toBe(200)
    source.health = async () => ({ status: 'down', checks: [] })
    const response = await ask(handler, '/health')
    expect(response.status).toBe(503)
    expect(await readJson(response)).toEqual({ status: 'down', checks: [] })
  })

  it('describes what the caller can do', async () => {
    const answer = await readJson(await ask(open({ title: 'Shop', environment: 'production' }), '/capabilities'))
    expect(answer).toMatchObject({ title: 'Shop', environment: 'production', display_args: false })
    expect(answer['actions']).toContain('retry')
  })

  it('serves the route table as OpenAPI', async () => {
    expect(await readJson(await ask(handler, '/openapi.json'))).toEqual(openApiDocument('Tasks'))
  })
})

describe('commands', () => {
  it('do what they say and pass the reason on', async () => {
    const { taskId } = await source.add({ status: 'failed' })
    const answer = await readJson(await ask(handler, `/${taskId}/retry`, command({ reason: 'fixed' })))
    expect(answer['task']).toMatchObject({ status: 'pending', retried_from: taskId })
    expect(source.acts).toEqual([{ verb: 'retry', actor: 'anonymous', reason: 'fixed' }])
  })

  it('take their facts from the table of errors', async () => {
    const { taskId } = await source.add({ status: 'success' })
    expect(await codeOf(ask(handler, `/${taskId}/retry`, command()))).toBe('400 wrong_status')
    expect(await codeOf(ask(handler, '/nobody/cancel', command()))).toBe('404 unknown_task')
    expect(await codeOf(ask(handler, '/schedules/none/run', command()))).toBe('404 unknown_schedule')
  })

  it('ignore fields that are not theirs', async () => {
    const { taskId } = await source.add({ status: 'failed' })
    const body = { reason: 'x', status: 'success', actor: 'root', id: '1', __proto__: { admin: true } }
    expect((await ask(handler, `/${taskId}/retry`, command(body))).status).toBe(200)
    expect(source.acts[0]).toMatchObject({ actor: 'anonymous' })
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('are refused when the mount is read-only, and so say the capabilities', async () => {
    const { taskId } = await source.add({ status: 'failed' })
    const readOnly = open({ write: false })
    expect(await codeOf(ask(readOnly, `/${taskId}/retry`, command()))).toBe('403 read_only')
    expect(await readJson(await ask(readOnly, '/capabilities'))).toMatchObject({ actions: [] })
    expect(source.acts).toEqual([])
  })

  it('are unsupported when the source does not offer them', async () => {
    Object.assign(source, { offers: { ...source.offers, actions: ['cancel'] } })
    expect(await codeOf(ask(handler, '/any/retry', command()))).toBe('501 unsupported')
  })

  it.each([
    ['/retry-failed', 'since'],
    ['/retry-failed?since=99999999999999999d', 'since'],
    ['/retry-failed?since=0h', 'since'],
    ['/retry-failed?since=5m', 'since'],
    ['/retry-failed?since=all&again=maybe', 'again'],
  ])('POST %s names the parameter', async (target, parameter) => {
    const response = await ask(handler, target, command())
    expect(await readJson(response)).toMatchObject({ status: 400, code: 'bad_query', parameter })
  })

  it.each([
    ['?value=1', 'unit'],
    ['?unit=day', 'value'],
    ['?value=0&unit=day', 'value'],
    ['?value=-1&unit=day', 'value'],
    ['?value=1e9&unit=day', 'value'],
    ['?value=1&unit=week', 'unit'],
    ['?value=1&unit=day&status=running', 'status'],
    ['?value=1&unit=day&status=pending', 'status'],
  ])('DELETE /history%s names the parameter', async (query, parameter) => {
    const response = await ask(handler, `/history${query}`, { ...command(), method: 'DELETE' })
    expect(await readJson(response)).toMatchObject({ status: 400, code: 'bad_query', parameter })
  })

  it('clear interrupted tasks only when they are named', async () => {
    const endTime = now - 2 * 86_400_000
    for (const status of ['success', 'failed', 'cancelled', 'interrupted', 'running'] as const) {
      await source.add({ status, endTime: status === 'running' ? null : endTime })
    }
    const clear = async (query: string) =>
      readJson(await ask(handler, `/history?value=1&unit=day${query}`, { ...command(), method: 'DELETE' }))
    expect(await clear('')).toEqual({ deleted: 3 })
    expect(await clear('&status=interrupted')).toEqual({ deleted: 1 })
  })

  it('retry at most a thousand ids, each once', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => `id-${index}`)
    expect(await codeOf(ask(handler, '/bulk-retry', command({ task_ids: many })))).toBe('400 bad_body')
    const answer = await readJson(await ask(handler, '/bulk-retry', command({ task_ids: ['a', 'a', 'b'] })))
    expect(answer).toMatchObject({ dispatched: 0, skipped: 2 })
    expect(await codeOf(ask(handler, '/bulk-retry', command({ task_ids: 'a' })))).toBe('400 bad_body')
    expect(await codeOf(ask(handler, '/bulk-retry', command([])))).toBe('400 bad_body')
  })
})

describe('proof of origin', () => {
  const cancel = (headers: Record<string, string>) => ask(handler, '/nobody/cancel', { method: 'POST', headers })
  const json = { 'content-type': 'application/json' }

  it.each([
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ origin: 'http://shop.test' }],
    [{ origin: 'https://shop.test' }],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://behind-a-proxy.test' }],
    [{ 'x-requested-with': 'taskloom' }],
    [json],
  ])('is given by %j', async (headers) => {
    expect((await cancel(headers as Record<string, string>)).status).toBe(404)
  })

  it.each([
    [{}],
    [{ 'content-type': 'text/plain' }],
    [{ 'x-requested-with': 'XMLHttpRequest' }],
    [{ ...json, origin: 'https://evil.test' }],
    [{ ...json, origin: 'null' }],
    [{ ...json, origin: 'null', 'sec-fetch-site': 'same-origin' }],
    [{ ...json, 'sec-fetch-site': 'cross-site' }],
    [{ ...json, 'sec-fetch-site': 'same-site' }],
    [{ ...json, 'sec-fetch-site': 'cross-site', origin: 'http://shop.test' }],
    [{ ...json, origin: 'http://shop.test.evil.test' }],
    [{ ...json, origin: 'http://evilshop.test' }],
    [{ ...json, origin: 'http://shop.test:8080' }],
    [{ ...json, origin: 'http://shop.test/path' }],
    [{ ...json, origin: 'http://user@shop.test' }],
    [{ ...json, origin: 'shop.test' }],
  ])('is not given by %j', async (headers) => {
    expect(await codeOf(cancel(headers as Record<string, string>))).toBe('403 cross_origin')
    expect(source.acts).toEqual([])
  })

  it('is asked of live streams, too', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    expect(await codeOf(ask(handler, '/stream', { headers }))).toBe('403 cross_origin')
  })
})

describe('bodies', () => {
  const send = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
    ask(handler, '/nobody/cancel', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': type },
      body,
    })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/json, text/plain'])(
    'of %s are refused',
    async (type) => expect(await codeOf(send('{}', type))).toBe('415 unsupported_media_type'),
  )

  it.each(['Application/JSON; charset=utf-8', 'application/json;charset="UTF-8"'])('of %s are read', async (type) => {
    expect(await codeOf(send('{}', type))).toBe('404 unknown_task')
  })

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['null', 'null'],
    ['a key twice', '{"reason":"a","reason":"b"}'],
    ['a key twice, once escaped', '{"reason":"a","\\u0072eason":"b"}'],
    ['a key twice deep inside', '{"x":[{"a":1,"b":{"a":1},"a":2}]}'],
    ['a wrong type', '{"reason":5}'],
    ['a NUL', '{"reason":"\\u0000"}'],
    ['a long reason', JSON.stringify({ reason: 'x'.repeat(1_001) })],
    ['deep nesting', `{"x":${'['.repeat(64)}${']'.repeat(64)}}`],
  ])('with %s are refused', async (_, body) => expect(await codeOf(send(body))).toBe('400 bad_body'))

  it('may be as deep as sixty-four, repeat keys in different objects and hold brackets in strings', async () => {
    for (const body of [
      `{"x":${'['.repeat(63)}${']'.repeat(63)}}`,
      '{"a":{"a":1},"b":[{"a":1},{"a":1}]}',
      JSON.stringify({ x: '[{"'.repeat(100) }),
    ]) {
      expect(await codeOf(send(body))).toBe('404 unknown_task')
    }
  })

  it('that are not UTF-8 are refused', async () => {
    expect(await codeOf(send(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('400 bad_body')
  })

  it('of more than a mebibyte are refused, whether they say so or not', async () => {
    const large = JSON.stringify({ reason: 'x'.repeat(1024 * 1024) })
    expect(await codeOf(send(large))).toBe('413 payload_too_large')
    const hostile = `"${'\\"'.repeat(500_000)}`
    expect(await codeOf(send(hostile))).toBe('400 bad_body')
  })

  it('that do not arrive are not waited for', async () => {
    const deadlines: (() => void)[] = []
    const impatient = createHandler(source, {
      clock: {
        now: () => now,
        after(_, callback) {
          deadlines.push(callback)
          return () => undefined
        },
      },
    })
    const body = new ReadableStream<Uint8Array>()
    const headers = { 'sec-fetch-site': 'same-origin' }
    const init = { method: 'POST', headers, body, duplex: 'half' as const }
    const answer = impatient(new Request('http://h/tasks/x/cancel', init), { basePath: '/tasks' })
    await expect.poll(() => deadlines).toHaveLength(1)
    deadlines[0]?.()
    expect(await codeOf(answer)).toBe('400 bad_body')
  })
})

describe('failures', () => {
  it('of the source say nothing but an id, which the host hears, too', async () => {
    const secret = new Error('password=hunter2 at /srv/app.ts')
    source.fail('list', secret)
    const response = await ask(handler, '')
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).toMatch(/"extra":\{"id":"[0-9a-f-]{36}"\}/)
    expect(text).not.toContain('hunter2')
    expect(errors).toEqual([secret])
  })

  it.each([
    [undefined],
    [null],
    ['text'],
    [new Proxy({}, {})],
    [Object.assign(new Error('x'), { name: 'TaskError', code: 'constructor' })],
  ])('may be anything: %s', async (thrown) => {
    source.fail('list', thrown)
    expect(await codeOf(ask(handler, ''))).toBe('500 internal')
  })

  it('of the store are temporary', async () => {
    source.fail('health', new TaskError('store_failed', { message: 'SQLITE_IOERR in /data/tasks.db' }))
    const response = await ask(handler, '/health')
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.clone().text()).not.toContain('/data')
    expect(await codeOf(response)).toBe('503 unavailable')
  })

  it('of the listener do no harm', async () => {
    source.fail('list', new Error('x'))
    const fragile = open({
      onError: () => {
        throw new Error('listener')
      },
    })
    expect((await ask(fragile, '')).status).toBe(500)
  })
})

describe('options', () => {
  it.each([
    [{ wirte: false }],
    [{ write: 'no' }],
    [{ title: 5 }],
    [{ title: 'x'.repeat(201) }],
    [{ onError: 'log' }],
    [{ __proto__x: 1 }],
  ])('%j are refused', (options) => {
    expect(() => createHandler(source, options as HandlerOptions)).toThrowError(
      expect.objectContaining({ name: 'TaskError', code: 'bad_option' }) as Error,
    )
  })
})

it('has an action for every route of the table', async () => {
  for (const [name, route] of Object.entries(routes)) {
    const path = route.path.replace(/\{\w+\}/g, 'nobody').replace('*', 'page.css')
    const asked = route.method === 'GET' ? {} : { ...command(), method: route.method }
    const response = await ask(handler, path === '' ? '' : `/${path}`, asked)
    expect(response.status, name).toBeLessThan(500)
    await response.body?.cancel()
  }
})
