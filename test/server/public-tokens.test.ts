import { memory, progress, taskLog, type PublicTokenOptions, type TaskManager } from '@taskloom/engine'
import { sqlite } from '@taskloom/engine/store'
import { routes, type Route } from '@taskloom/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { nextFile } from '../faults/temporary.ts'
import { openManager, withCode } from '../engine/open-manager.ts'
import { asBearer, cookieOf, secretKey, signIn, users } from './identity-scene.ts'
import { LiveReader } from './live-reader.ts'
import { ask, codeOf, command, readJson } from './request.ts'

/** Stands in everything that an end user must not see; each place has a number of its own. */
const canary = 'C4N4RY'
const now = Date.UTC(2026, 0, 5)
const authModes: Record<string, () => Promise<HandlerOptions>> = {
  'auth off': async () => ({}),
  users: async () => ({ auth: await users(), secretKey }),
  'a key': async () => ({ apiKey: 'a-key-that-is-long-enough' }),
  'the host’s login': async () => ({ auth: () => ({ name: 'boss', role: 'admin' }) }),
}

interface Shop {
  readonly tasks: TaskManager
  readonly handler: Handler
  /** Failed, with a secret in each field. */
  readonly mine: string
  /** Succeeded. */
  readonly done: string
  readonly other: string
  readonly errors: unknown[]
}

async function openShop(options: HandlerOptions = {}): Promise<Shop> {
  const tasks = openManager({ store: memory() })
  tasks.define('pay', { retries: 0 }, (_card: string) => {
    progress({ percent: 40, message: 'half way', note: `${canary}-payload` })
    taskLog(`${canary}-log`)
    throw Object.assign(new Error(`${canary}-error`), { code: `${canary}_code` })
  })
  tasks.define('count', { retries: 0 }, () => {
    taskLog(`${canary}-log`)
    return { total: 42, note: `${canary}-result` }
  })
  tasks.define('others', { retries: 0 }, () => Promise.reject(new Error(`${canary}-other`)))
  tasks.panel({ id: 'sales', title: `${canary}-panel`, render: () => ({ kind: 'text', text: canary }) as never })
  await tasks.start()
  const { id: mine } = await tasks.enqueue('pay', [`${canary}-args`], {
    ...{ tags: { customer: `${canary}-tag` }, user: `${canary}-user`, affected: [`${canary}-affected`] },
    ...{ locks: [`${canary}-lock`], idempotencyKey: `${canary}-key` },
  })
  const { id: done } = await tasks.enqueue('count')
  const { id: other } = await tasks.enqueue('others')
  await Promise.all([mine, done, other].map((id) => tasks.wait(id)))
  const errors: unknown[] = []
  const settings = { displayArgs: true, title: 'Orders', environment: `${canary}-environment`, ...options }
  return {
    tasks,
    mine,
    done,
    other,
    errors,
    handler: createHandler(tasks.source, { ...settings, onError: (error) => errors.push(error) }),
  }
}

const as = (token: string, more: Record<string, string> = {}) => ({ headers: { ...asBearer(token), ...more } })

describe.each(Object.keys(authModes))('a token for end users beside %s', (mode) => {
  let shop: Shop
  let token: string
  const get = (path: string, by = token) => ask(shop.handler, path, as(by))
  beforeEach(async () => {
    shop = await openShop(await authModes[mode]?.())
    token = await shop.tasks.publicToken([shop.mine, shop.done])
  })

  it('lists its tasks alone, and of them how they are', async () => {
    // What everybody may see is kept for the next one who asks the same.
    await ask(shop.handler, '/')
    const page = await readJson(await get('/'))
    expect(page).toMatchObject({ total: 2, total_is_capped: false, next_cursor: null })
    const [first, second] = page['tasks'] as Record<string, unknown>[]
    expect(new Set([first?.['task_id'], second?.['task_id']])).toEqual(new Set([shop.mine, shop.done]))
    const failed = [first, second].find((task) => task?.['task_id'] === shop.mine)
    expect(failed).toMatchObject({ status: 'failed', func_name: 'pay', error: null, tags: {}, user_label: null })
    expect(failed).toMatchObject({ has_logs: false, worker_id: null, progress: { percent: 40, message: 'half way' } })
    expect(await readJson(await get('/?status=failed'))).toMatchObject({ total: 1, tasks: [{ task_id: shop.mine }] })
    expect(await readJson(await get('/?limit=1&order=asc'))).toMatchObject({
      total: 2,
      next_cursor: expect.any(String),
    })
  })

  it('reads each of them, and knows of no other', async () => {
    expect(await readJson(await get(`/${shop.mine}/progress`))).toMatchObject({ status: 'failed', error: null })
    const detail = await readJson(await get(`/${shop.done}`))
    expect(detail).toMatchObject({ status: 'success', result: null, stacktrace: null, logs: [], recent_runs: [] })
    expect(detail).toMatchObject({ function_stats: { total: 1, success: 1 } })
    expect(detail).not.toHaveProperty('args')
    for (const id of [shop.other, 'unknown']) {
      expect(await codeOf(get(`/${id}`))).toBe('404 unknown_task')
      expect(await codeOf(get(`/${id}/progress`))).toBe('404 unknown_task')
    }
  })

  it('finds no secret at any route, whatever it asks', async () => {
    const allowed = new Set(['list', 'detail', 'progress', 'stream', 'capabilities'])
    const places: Record<string, string> = { name: 'pay', id: 'sales' }
    for (const [name, route] of Object.entries(routes) as [string, Route][]) {
      if (route.access === 'open' || name === 'stream') continue
      for (const taskId of [shop.mine, shop.done, shop.other]) {
        const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => places[key] ?? taskId)
        const sent = route.method === 'GET' ? {} : command({}, asBearer(token))
        const asked = { ...as(token), ...sent, method: route.method }
        const response = await ask(shop.handler, `/${path}`, asked)
        const body = await response.text()
        if (!allowed.has(name)) expect(`${name} ${response.status}`).toBe(`${name} 403`)
        expect(`${name} ${body}`).not.toContain(canary)
        if (taskId !== shop.other || allowed.has(name))
          expect(body).not.toContain(shop.other === taskId ? 'others' : shop.other)
      }
    }
    expect((await shop.tasks.get(shop.mine))?.retryCount).toBe(0)
  })

  it.each(['?q=error:C4N', '?q=tag.customer:C*', '?tag=customer:x', '?worker_id=x', '?q=args.0:x'])(
    'cannot guess what is hidden by asking %s',
    async (query) => {
      expect(await codeOf(get(`/${query}`))).toBe('403 forbidden')
      expect(await codeOf(get(`/stream${query}`))).toBe('403 forbidden')
    },
  )

  it('hears of its tasks alone', async () => {
    const response = await get(`/stream?task_id=${shop.mine}`)
    expect(response.status).toBe(200)
    const reader = new LiveReader(response.body as ReadableStream<Uint8Array>)
    await shop.tasks.enqueue('others')
    await shop.tasks.source.pauseQueue('mail', { actor: 'ann', reason: null })
    const { id } = await shop.tasks.enqueue('pay', [`${canary}-args`])
    await shop.tasks.wait(id)
    await shop.tasks.retry(shop.mine)
    await expect
      .poll(() => reader.events.flatMap((event) => (event.event === 'tasks' ? event.data.changed : [])))
      .toMatchObject([{ taskId: shop.mine, retryCount: 1, error: null, tags: {} }])
    await expect.poll(() => reader.events.map(({ event }) => event)).toContain('counts')
    const told = JSON.stringify(reader.events)
    expect(told).not.toContain(canary)
    expect(told).not.toContain(id)
    const counts = reader.events.flatMap((event) => (event.event === 'counts' ? [event.data] : []))
    expect(counts.at(-1)).toMatchObject({ total: 2, failed: 1, success: 1, pending: 0 })
    expect(reader.events.map(({ event }) => event)).not.toContain('log')
    expect(reader.events.find(({ event }) => event === 'hello')?.data).toMatchObject({
      capabilities: { actions: [], reads: [], notices: [], environment: null },
    })
    expect(await codeOf(get(`/stream?task_id=${shop.other}`))).toBe('404 unknown_task')
    shop.handler.close()
  })

  it('shows result, log and the line of an error only when the application says so', async () => {
    const issue = (id: string, options: PublicTokenOptions) => shop.tasks.publicToken(id, options)
    const result = await issue(shop.done, { includeResult: true })
    expect(await readJson(await get(`/${shop.done}`, result))).toMatchObject({ result: { total: 42 }, logs: [] })
    expect(await codeOf(get(`/${shop.done}/logs`, result))).toBe('403 forbidden')
    const logs = await issue(shop.done, { includeLogs: true })
    const detail = await readJson(await get(`/${shop.done}`, logs))
    expect(detail).toMatchObject({ result: null, has_logs: true, logs: [{ message: `${canary}-log` }] })
    expect(await readJson(await get(`/${shop.done}/logs`, logs))).toMatchObject({ total: 1 })
    expect(await codeOf(get(`/${shop.other}/logs`, logs))).toBe('404 unknown_task')
    expect(await readJson(await get('/capabilities', logs))).toMatchObject({ reads: ['logs'], actions: [] })
    const error = await issue(shop.mine, { includeError: true })
    const failed = await readJson(await get(`/${shop.mine}`, error))
    expect(failed).toMatchObject({
      error: expect.stringContaining(`${canary}-error`),
      error_code: null,
      stacktrace: null,
    })
    // The same question with another token is another question.
    expect(await (await get('/', token)).text()).not.toContain(canary)
  })

  it('is nobody else, whatever else the request brings', async () => {
    const login = mode === 'users' ? cookieOf(await signIn(shop.handler, 'ann')) : 'taskloom_session=x'
    const page = await readJson(await ask(shop.handler, '/', as(token, { cookie: login })))
    expect(page).toMatchObject({ total: 2 })
    for (const bad of [
      `${token}x`,
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      'tlp_',
      'tlp_x.y',
      token.replace('.', ''),
    ]) {
      expect(await codeOf(ask(shop.handler, '/', as(bad, { cookie: login })))).toBe('401 unauthenticated')
    }
    const [head = '', signature = ''] = token.split('.')
    const payload = JSON.parse(Buffer.from(head.slice(4), 'base64url').toString()) as unknown[]
    const forged = Buffer.from(JSON.stringify([...payload, shop.other])).toString('base64url')
    expect(await codeOf(get('/', `tlp_${forged}.${signature}`))).toBe('401 unauthenticated')
    const cross = ask(shop.handler, `/${shop.mine}/cancel`, {
      ...command({}, { ...asBearer(token), 'sec-fetch-site': 'cross-site' }),
    })
    expect(await codeOf(cross)).toBe('403 cross_origin')
    const foreign = ask(shop.handler, '/stream', as(token, { 'sec-fetch-site': 'cross-site' }))
    expect(await codeOf(foreign)).toBe('403 cross_origin')
  })

  it('leaves no trace in the audit log or in what the host is told', async () => {
    await get('/')
    await get('/audit')
    await get('/', `${token}x`)
    await expect
      .poll(async () => (await shop.tasks.source.audit.list({ cursor: null, limit: 50 })).entries)
      .toMatchObject([{ actor: 'a public token', action: 'read_audit', outcome: 'denied', code: 'forbidden' }])
    const { entries } = await shop.tasks.source.audit.list({ cursor: null, limit: 50 })
    expect(JSON.stringify([entries, shop.errors.map(String)])).not.toContain(token.slice(4, 40))
  })
})

describe('a token for end users', () => {
  it('is good for an hour, or as long as it says, and never for more than 30 days', async () => {
    const clock = createFakeClock(now)
    const tasks = openManager({ clock })
    await Promise.all([tasks.start(), clock.advance(0)])
    const handler = createHandler(tasks.source, { clock })
    const goodFor = async (options: PublicTokenOptions): Promise<number> => {
      const token = await tasks.publicToken('a', options)
      const isGood = async (at: number) => (await tasks.source.publicTokens?.read(token, at)) !== null
      let [from, to] = [0, 400 * 86_400]
      while (to - from > 1) {
        const middle = Math.floor((from + to) / 2)
        if (await isGood(now + middle * 1_000)) from = middle
        else to = middle
      }
      return to
    }
    expect(await goodFor({})).toBe(3_600)
    expect(await goodFor({ expiresIn: '15m' })).toBe(900)
    expect(await goodFor({ expiresIn: '90d' })).toBe(30 * 86_400)
    expect(await goodFor({ expiresIn: 0 })).toBe(1)
    const token = await tasks.publicToken('a', { expiresIn: '1m' })
    expect((await ask(handler, '/', as(token))).status).toBe(200)
    const stream = new LiveReader((await ask(handler, '/stream', as(token))).body as ReadableStream<Uint8Array>)
    await clock.advance(60_000)
    expect(await codeOf(ask(handler, '/', as(token)))).toBe('401 unauthenticated')
    await clock.advance(60_000)
    await expect.poll(() => stream.events.at(-1)).toMatchObject({ event: 'bye', data: { reason: 'session_ended' } })
  })

  it('outlives a restart where tasks do, and is good on every instance of the store', async () => {
    const file = nextFile()
    const [first, second] = [openManager({ store: sqlite(file) }), openManager({ store: sqlite(file) })]
    await Promise.all([first.start(), second.start()])
    const tokens = await Promise.all([first.publicToken('a'), second.publicToken('a')])
    await Promise.all([first.shutdown(), second.shutdown()])
    const third = openManager({ store: file })
    await third.start()
    for (const token of tokens)
      expect(await third.source.publicTokens?.read(token, Date.now())).toMatchObject({ taskIds: ['a'] })
    const elsewhere = openManager()
    await elsewhere.start()
    expect(await elsewhere.source.publicTokens?.read(tokens[0], Date.now())).toBeNull()
  })

  it('is signed with the secret of the application where it gives one', async () => {
    const publicTokenSecret = 'f3a9-K!zq7-wB2m_Xc8%tY5p(Lr1)vNd6'
    const [one, other] = [
      openManager({ publicTokenSecret }),
      openManager({ publicTokenSecret: Buffer.from(publicTokenSecret) }),
    ]
    const token = await one.publicToken('a')
    expect(await other.source.publicTokens?.read(token, Date.now())).toMatchObject({ taskIds: ['a'] })
    for (const bad of ['short', 'a'.repeat(40), 7])
      expect(() => openManager({ publicTokenSecret: bad as string })).toThrow('publicTokenSecret')
  })

  it('is for 1 to 50 tasks, and for what is said of it', async () => {
    const tasks = openManager()
    const many = Array.from({ length: 51 }, (_, index) => `${index}`)
    for (const bad of [[], [''], ['x'.repeat(301)], many, 7])
      await expect(tasks.publicToken(bad as string[])).rejects.toEqual(withCode('bad_argument'))
    await expect(tasks.publicToken('a', { includeResult: 1 as never })).rejects.toEqual(withCode('bad_option'))
    await expect(tasks.publicToken('a', { includeArgs: true } as never)).rejects.toEqual(withCode('bad_option'))
    await expect(tasks.publicToken('a', { expiresIn: 'soon' })).rejects.toEqual(withCode('bad_option'))
    expect(await tasks.publicToken(many.slice(1))).toMatch(/^tlp_[\w-]+\.[\w-]{43}$/)
  })

  it('is no token for a source that gives out none', async () => {
    const tasks = openManager()
    const source = new Proxy(tasks.source, {
      get: (target, key) => (key === 'publicTokens' ? undefined : (Reflect.get(target, key) as unknown)),
    })
    const handler = createHandler(source)
    expect(await codeOf(ask(handler, '/', as(await tasks.publicToken('a'))))).toBe('401 unauthenticated')
  })
})
