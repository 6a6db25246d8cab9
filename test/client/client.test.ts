import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { anyTask, describeProblem, metrics, taskPage, type Codec } from '@taskloom/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { createClient, type Client } from '../../packages/client/src/client.ts'
import { ClientError, type ClientOptions } from '../../packages/client/src/http.ts'
import { makeMetrics, makePage, makeTask, taskIdOf } from './builders.ts'

interface Seen {
  readonly line: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
interface Reply {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serve(reply: Reply | null, options: Partial<ClientOptions> & { readonly mount?: string } = {}) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      seen.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
      if (!reply) return
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
      response.end(reply.body ?? '{}')
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = createClient({ src: `${origin}${options.mount ?? '/a/tasks'}`, ...options })
  return { client, seen, origin }
}

function bodyOf<T>(codec: Codec<T>, value: T): string {
  return JSON.stringify(codec.encode(value))
}

async function failureOf(call: Promise<unknown>): Promise<ClientError> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ClientError)
  return error as ClientError
}

describe('addresses', () => {
  const id = taskIdOf(1)
  it.each<[string, (client: Client) => Promise<unknown>]>([
    ['GET /a/tasks', (client) => client.list()],
    [
      'GET /a/tasks?status=failed&q=mail&sort=duration&order=asc&limit=5',
      (client) =>
        client.list({
          filter: { ...anyTask, statuses: ['failed'], search: [{ kind: 'word', text: 'mail', negated: false }] },
          sort: 'duration',
          order: 'asc',
          limit: 5,
        }),
    ],
    ['GET /a/tasks/metrics?queue=mail', (client) => client.metrics({ queues: ['mail'] })],
    ['GET /a/tasks/timeline?hours=6&group=queue', (client) => client.timeline({ hours: 6, group: 'queue' })],
    ['GET /a/tasks/functions', (client) => client.functions()],
    ['GET /a/tasks/types', (client) => client.types()],
    ['GET /a/tasks/queues', (client) => client.queues()],
    ['GET /a/tasks/schedules', (client) => client.schedules()],
    ['GET /a/tasks/health', (client) => client.health()],
    ['GET /a/tasks/capabilities', (client) => client.capabilities()],
    [`GET /a/tasks/${id}`, (client) => client.detail(id)],
    [
      `GET /a/tasks/${id}/logs?after=5&level=error&q=x&limit=9`,
      (client) => client.logs(id, { after: 5, minLevel: 'error', text: 'x', limit: 9 }),
    ],
    [`GET /a/tasks/${id}/progress`, (client) => client.progress(id)],
    [`POST /a/tasks/${id}/retry`, (client) => client.retry(id, { reason: 'why' })],
    [`POST /a/tasks/${id}/cancel`, (client) => client.cancel(id)],
    [`POST /a/tasks/${id}/run-now`, (client) => client.runNow(id)],
    [`DELETE /a/tasks/${id}`, (client) => client.delete(id)],
    ['POST /a/tasks/bulk-retry', (client) => client.bulkRetry([id])],
    [
      'POST /a/tasks/retry-failed?since=6h&func_name=f&again=true',
      (client) => client.retryFailed({ since: '6h', funcName: 'f', again: true }),
    ],
    [
      'DELETE /a/tasks/history?value=2&unit=day&status=interrupted',
      (client) => client.clearHistory({ value: 2, unit: 'day', statuses: ['interrupted'] }),
    ],
    ['POST /a/tasks/schedules/a%2Fb%3Fc/run', (client) => client.runSchedule('a/b?c')],
    ['POST /a/tasks/schedules/x/pause', (client) => client.pauseSchedule('x')],
    ['POST /a/tasks/schedules/x/resume', (client) => client.resumeSchedule('x')],
  ])('%s', async (line, call) => {
    const { client, seen } = await serve({ status: 500 })
    await failureOf(call(client))
    expect(seen.map((request) => request.line)).toEqual([line])
  })

  it.each(['', '.', '..'])('does not leave the mount for a task named %j', async (name) => {
    const { client, seen } = await serve({})
    expect((await failureOf(client.delete(name))).problem.code).toBe('not_found')
    expect((await failureOf(client.runSchedule(name))).problem.code).toBe('not_found')
    expect(seen).toEqual([])
  })

  it.each([
    ['/tasks/', 'GET /tasks/'],
    ['/tasks', 'GET /tasks'],
    ['/', 'GET /'],
    ['/tasks?token=x#y', 'GET /tasks'],
  ])('keeps the spelling of a mount at %s', async (mount, line) => {
    const { client, seen } = await serve({ body: bodyOf(taskPage, makePage([])) }, { mount })
    await client.list()
    await failureOf(client.metrics())
    expect(seen.map((request) => request.line)).toEqual([line, `${line.replace(/\/$/, '')}/metrics`])
  })
})

describe('requests', () => {
  it('decodes an answer', async () => {
    const page = makePage([makeTask(1, { durationMs: 1_500 })], { nextCursor: 'c' })
    const { client } = await serve({ body: bodyOf(taskPage, page) })
    expect(await client.list()).toEqual(page)
  })

  it('proves with a command that it comes from the page, and says why', async () => {
    const { client, seen } = await serve(
      { status: 500 },
      { headers: () => Promise.resolve({ authorization: 'Bearer t' }) },
    )
    await failureOf(client.bulkRetry(['a', 'b'], { again: true, reason: 'mails were down' }))
    await failureOf(client.metrics())
    expect(seen[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-requested-with': 'taskloom',
      authorization: 'Bearer t',
    })
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ task_ids: ['a', 'b'], again: true, reason: 'mails were down' })
    expect(seen[1]?.headers).toMatchObject({ accept: 'application/json', authorization: 'Bearer t' })
    expect(seen[1]?.headers).not.toHaveProperty('x-requested-with')
  })

  it('opens the stream for a filter, a task and a place', async () => {
    const { client, seen } = await serve({ headers: { 'content-type': 'text/event-stream' }, body: ': ping\n\n' })
    const response = await client.openStream({ filter: { statuses: ['failed'] }, taskId: 'x', lastEventId: 'a-1' })
    expect(await response.text()).toBe(': ping\n\n')
    expect(seen[0]?.line).toBe('GET /a/tasks/stream?status=failed&task_id=x')
    expect(seen[0]?.headers).toMatchObject({ accept: 'text/event-stream', 'last-event-id': 'a-1' })
  })
})

describe('failures', () => {
  it('speaks with the words of the server', async () => {
    const problem = describeProblem('bad_query', 'The search has a quote that is not closed', {
      parameter: 'q',
      position: 3,
    })
    const { client } = await serve({
      status: 400,
      headers: { 'content-type': 'application/problem+json' },
      body: JSON.stringify(problem),
    })
    const error = await failureOf(client.list())
    expect(error.problem).toEqual(problem)
    expect(error.message).toBe('The search has a quote that is not closed')
  })

  it.each<[string, Reply, string, number]>([
    ['a status alone', { status: 502, body: '<html>', headers: { 'content-type': 'text/html' } }, 'status', 502],
    ['a foreign 401', { status: 401, body: '{"message":"no"}' }, 'unauthenticated', 401],
    ['a redirect to a sign-in page', { status: 302, headers: { location: '/login' } }, 'unauthenticated', 401],
    ['no JSON', { body: '<html>' }, 'bad_answer', 0],
    ['JSON of another shape', { body: '{"total":"many"}' }, 'bad_answer', 0],
  ])('understands %s', async (_, reply, code, status) => {
    const { client, seen } = await serve(reply)
    expect((await failureOf(client.metrics())).problem).toMatchObject({ code, status })
    expect(seen).toHaveLength(1)
  })

  it('tells how long a busy server wants to be left alone', async () => {
    const { client } = await serve({ status: 429, headers: { 'retry-after': '7' } })
    expect((await failureOf(client.list())).retryAfterMs).toBe(7_000)
  })

  it('names a server that is not there', async () => {
    const { client, origin } = await serve({ body: bodyOf(metrics, makeMetrics()) })
    expect(origin).toContain('127.0.0.1')
    await client.metrics()
    const server = servers.pop() as Server
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    expect((await failureOf(client.metrics())).problem.code).toBe('network')
  })

  it('names an answer that does not come in time', async () => {
    const { client } = await serve(null, { timeoutMs: 20 })
    expect((await failureOf(client.metrics())).problem.code).toBe('timeout')
  })

  it.each(['before', 'while it waits'])('is called off %s', async (moment) => {
    const { client, seen } = await serve(null)
    const controller = new AbortController()
    if (moment === 'before') controller.abort()
    const failure = failureOf(client.metrics({}, { signal: controller.signal }))
    if (moment !== 'before') await expect.poll(() => seen.length).toBe(1)
    controller.abort()
    expect((await failure).problem.code).toBe('aborted')
  })
})
