import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mount, type MountableTasks } from '@taskloom/engine/node'
import { routes, type Route } from '@taskloom/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { getRaw, LiveText, openAndLeave, readAnswer, sendRaw, type WireAnswer } from './adapter-suite/wire.ts'
import { mountable, ScriptedSource } from './scripted-source.ts'

/** A host with a mount, listening on loopback. */
export interface StartedHost {
  /** `http://127.0.0.1:port` */
  readonly origin: string
  /** The whole path of the mount, e.g. `/admin/tasks`. */
  readonly base: string
  /** Closes the server; resolves when it has closed. */
  close(): Promise<void>
}

/** How a host differs from others. */
export interface AdapterTraits {
  /**
   * True when a body parser of the host stands before the mount and turns malformed bodies away by itself; false by
   * default.
   */
  readonly parsesBodies?: boolean
  /** True when the framework itself refuses malformed escapes and methods that it does not know; false by default. */
  readonly refusesOddTargets?: boolean
  /**
   * True when the host makes a `URL` of each request first, which resolves `.` and `..` and refuses odd host headers;
   * false by default.
   */
  readonly readsUrls?: boolean
}

/**
 * What it means to be an adapter, as tests of vitest: it changes nothing. Every answer equals, byte for byte, the one that
 * the plain Node adapter gives. `start` must make a host that answers each path outside the mount with status 200 and the
 * text `host`, whatever the method.
 */
export function describeAdapter(
  name: string,
  start: (tasks: MountableTasks) => Promise<StartedHost>,
  { parsesBodies = false, refusesOddTargets = false, readsUrls = false }: AdapterTraits = {},
): void {
  describe(`adapter ${name}`, () => {
    let source: ScriptedSource
    let tasks: ReturnType<typeof mountable>
    let host: StartedHost
    let reference: StartedHost
    let ids: readonly string[]
    let isClosed: boolean

    beforeEach(async () => {
      source = new ScriptedSource()
      tasks = mountable(source)
      const model = new ScriptedSource()
      ids = await seed(source)
      await seed(model)
      reference = await startReference(mountable(model))
      host = await start(tasks)
      isClosed = false
    })
    afterEach(async () => {
      await reference.close()
      if (!isClosed) await host.close()
    })

    async function both(path: string, init: RequestInit = {}): Promise<[WireAnswer, WireAnswer]> {
      const ask = async ({ origin, base }: StartedHost) => readAnswer(await fetch(`${origin}${base}${path}`, init))
      return [await ask(host), await ask(reference)]
    }

    async function expectSame(path: string, init?: RequestInit): Promise<WireAnswer> {
      const [answer, wanted] = await both(path, init)
      expect(answer, `${init?.method ?? 'GET'} ${path}`).toEqual(wanted)
      return answer
    }

    it('answers every route that reads', async () => {
      const statuses: number[] = []
      for (const path of readPaths(ids[0] ?? '')) {
        statuses.push((await expectSame(path)).status)
        await expectSame(path, { method: 'HEAD' })
      }
      // What is not there is not there in either, what this source cannot do neither can say, and one wants an upgrade.
      expect(statuses.filter((status) => ![200, 404, 426, 501].includes(status))).toEqual([])
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(15)
    })

    it('answers Prometheus in its own format', async () => {
      const { status, headers } = await expectSame('/metrics/prometheus')
      expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
      expect((await expectSame('/metrics/prometheus?status=failed')).status).toBe(400)
      expect((await expectSame('/panels/nothing')).status).toBe(404)
    })

    it('keeps queries, refusals and redirects', async () => {
      for (const path of [
        '?limit=2&sort=task_id',
        '?limit=2&limit=3',
        '?nothing=1',
        '/nobody',
        ...(refusesOddTargets ? [] : ['/%zz']),
        '/a%2fb',
        '/a/b/c/d',
      ]) {
        await expectSame(path)
      }
      const slash = await expectSame('/dashboard/?tab=schedules', { redirect: 'manual' })
      expect([slash.status, slash.headers['location']]).toEqual([308, '../dashboard?tab=schedules'])
      for (const method of ['PUT', 'OPTIONS', 'PATCH'])
        expect((await expectSame('/metrics', { method })).status).toBe(405)
      expect((await expectSame('/dashboard')).headers).not.toHaveProperty('x-powered-by')
    })

    it('carries commands', async () => {
      const failed = ids[3] ?? ''
      const headers = { 'content-type': 'application/json', 'x-requested-with': 'taskloom' }
      const post = (body?: unknown) => ({ method: 'POST', headers, ...(body ? { body: JSON.stringify(body) } : {}) })
      expect((await expectSame(`/${failed}/retry`, post({ reason: 'füxed 😀' }))).status).toBe(200)
      expect((await expectSame(`/${failed}/retry`, post())).status).toBe(200)
      expect((await expectSame('/bulk-retry', post({ task_ids: ids }))).status).toBe(200)
      const schedule = '/schedules/work'
      expect((await expectSame(`${schedule}/pause`, post())).status).toBe(200)
      expect((await expectSame(`/${failed}`, { method: 'DELETE', headers })).status).toBe(200)
      expect((await expectSame('/history?value=1&unit=day', { method: 'DELETE', headers })).status).toBe(200)
      expect(source.acts[0]).toMatchObject({ verb: 'retry', actor: 'anonymous', reason: 'füxed 😀' })
    })

    it('lets nobody in from another origin', async () => {
      const foreign = { method: 'POST', headers: { origin: 'https://evil.test', 'content-type': 'application/json' } }
      expect((await expectSame(`/${ids[0] ?? ''}/cancel`, foreign)).status).toBe(403)
      const own = await fetch(`${host.origin}${host.base}/nobody/cancel`, {
        method: 'POST',
        headers: { origin: host.origin },
      })
      expect((await readAnswer(own)).status).toBe(404)
    })

    it('gives bodies to the handler as they came', async () => {
      const proof = { 'x-requested-with': 'taskloom' }
      const send = (body: string, type: string) =>
        expectSame('/nobody/cancel', { method: 'POST', headers: { ...proof, 'content-type': type }, body })
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'Application/JSON; charset=utf-8', 'x']) {
        await send('{"reason":"a"}', type)
        await send('', type)
      }
      await send('{"reason":5}', 'application/json')
      await send('{"reason":"\\u0000"}', 'application/json')
      if (parsesBodies) return
      await send('{"__proto__":{"admin":true},"reason":"x"}', 'application/json')
      for (const body of ['{', '"x"', 'null', '{"a":1,"a":2}', '['.repeat(80), '\ufeff{}', '\ud800']) {
        await send(body, 'application/json')
      }
    })

    it('refuses large bodies, and chunked ones that do not say how large they are', async () => {
      const large = JSON.stringify({ reason: 'x'.repeat(2 * 1024 * 1024) })
      const headers = { 'content-type': 'application/json', 'x-requested-with': 'taskloom' }
      const url = `${host.origin}${host.base}/nobody/cancel`
      expect((await readAnswer(await fetch(url, { method: 'POST', headers, body: large }))).status).toBe(413)
      // What the host's own parser leaves unread is the host's affair.
      if (parsesBodies) return
      const chunked = new Blob([large]).stream()
      const init = { method: 'POST', headers, body: chunked, duplex: 'half' }
      expect((await readAnswer(await fetch(url, init as RequestInit))).status).toBe(413)
      // On a connection of its own: servers may close one whose request they have not read to its end.
      expect(await getRaw(host.origin, `${host.base}/livez`)).toMatch(/^HTTP\/1\.1 200 /)
    })

    it('streams at once, whatever the client accepts', async () => {
      const gone = new AbortController()
      const headers = { 'accept-encoding': 'gzip, br' }
      const response = await fetch(`${host.origin}${host.base}/stream`, { headers, signal: gone.signal })
      const live = new LiveText(response)
      expect(await live.until('\n\n')).toMatch(/^id: scripted1-\d+\nevent: hello\n/)
      expect(response.headers.get('content-type')).toContain('text/event-stream')
      expect(response.headers.get('cache-control')).toBe('no-cache, no-transform')
      expect(response.headers.get('x-accel-buffering')).toBe('no')
      const { taskId } = await source.add()
      expect(await live.until(taskId)).toContain('event: tasks')
      gone.abort()
    })

    it('tells the stream when its reader has gone', async () => {
      // There is room for two hundred: were those who left not noticed, the last ones would be turned away.
      for (let opened = 0; opened < 240; opened += 30) {
        const opening = Array.from({ length: 30 }, () => openAndLeave(`${host.origin}${host.base}/stream`))
        expect(new Set(await Promise.all(opening))).toEqual(new Set([200]))
      }
    })

    it('leaves every other path to the host', async () => {
      const elsewhere = [
        `${host.base}evil`,
        `${host.base.toUpperCase()}`,
        `${host.base}%2Flivez`,
        '/',
        '/elsewhere?x=1',
      ]
      for (const path of elsewhere) {
        for (const method of ['GET', 'POST']) {
          const response = await fetch(`${host.origin}${path}`, { method })
          expect([path, response.status, await response.text()]).toEqual([path, 200, 'host'])
        }
      }
    })

    it('is not misled by odd targets', async () => {
      const { origin, base } = host
      const livez = '{"status":"ok"}'
      expect(await getRaw(origin, `http://evil.test${base}/livez`)).toContain(livez)
      for (const host of ['evil.test/../x', '999.999.999.999:99999']) {
        const answer = await getRaw(origin, `${base}/livez`, [`host: ${host}`])
        expect(answer, host).toMatch(readsUrls ? /^HTTP\/1\.1 400 / : livez)
      }
      for (const path of [
        '/../livez',
        '/%2e%2e/livez',
        '/./livez',
        '//livez',
        '/x/../livez',
        '/livez%00',
        '/..%2flivez',
      ]) {
        const answer = await getRaw(origin, base + path)
        // What a resolved path leads to is the host's, or another route's.
        if (readsUrls && /\.|%2e/.test(path)) continue
        expect(answer, path).toMatch(/^HTTP\/1\.1 404[^]*"code":"not_found"/)
      }
      const malformed = await getRaw(origin, `${base}/%zz`)
      expect(malformed).toMatch(refusesOddTargets ? /^HTTP\/1\.1 400/ : /^HTTP\/1\.1 400[^]*"code":"bad_query"/)
      const unresolved = readsUrls ? [] : [`/x/..${base}/livez`]
      for (const target of ['//evil.test/x', `//evil.test${base}/livez`, ...unresolved]) {
        expect(await getRaw(origin, target), target).not.toContain(livez)
      }
      expect(await getRaw(origin, `http://evil.test${base}/dashboard/`)).toMatch(/\r\nlocation: \.\.\/dashboard\r\n/i)
      for (const method of ['TRACE', 'TRACK', 'PROPFIND', 'QUERY']) {
        const answer = await sendRaw(origin, `${method} ${base}/livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
        expect(answer, method).toMatch(refusesOddTargets ? /^HTTP\/1\.1 (405|400|404|200) / : /^HTTP\/1\.1 (405|400) /)
        expect(answer, method).not.toContain(livez)
      }
      expect((await readAnswer(await fetch(`${origin}${base}/livez`))).status).toBe(200)
    })

    it('lives as long as its server, whose closing no open stream holds up', async () => {
      const live = new LiveText(await fetch(`${host.origin}${host.base}/stream`))
      await live.until('hello')
      expect([tasks.starts, tasks.shutdowns]).toEqual([1, 0])
      isClosed = true
      await host.close()
      expect(await live.until('bye')).toContain('"reason":"shutdown"')
      await expect.poll(() => tasks.shutdowns).toBe(1)
    })
  })
}

/** A host as plain as can be: the Node adapter on a server that has nothing else. */
async function startReference(tasks: MountableTasks): Promise<StartedHost> {
  const server = createServer((_, res) => res.end('host'))
  mount(server, tasks)
  return listen(server, '/tasks')
}

/** Listens on a free port of loopback. */
export async function listen(server: Server, base: string): Promise<StartedHost> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()))
  return { origin: `http://127.0.0.1:${port}`, base, close }
}

/** The same tasks in every source: ids and instants repeat. */
async function seed(source: ScriptedSource): Promise<readonly string[]> {
  const now = Date.UTC(2026, 0, 5, 12)
  const ids: string[] = []
  for (const status of ['pending', 'running', 'success', 'failed', 'failed', 'interrupted', 'cancelled'] as const) {
    const isOver = status !== 'pending' && status !== 'running'
    const times = isOver ? { startTime: now - 2_000, endTime: now - 1_000, durationMs: 1_000 } : {}
    const tags = { env: 'prod', text: '<b>ü😀</b>' }
    ids.push((await source.add({ status, tags, createdAt: now - 5_000, ...times })).taskId)
  }
  await source.log(ids[1] ?? '', 'first', 'second')
  return ids
}

function readPaths(taskId: string): readonly string[] {
  const queries: Readonly<Record<string, string>> = {
    timeline: '?since=2026-01-05T00:00:00Z&until=2026-01-06T00:00:00Z',
    suggestions: '?field=func',
  }
  return (Object.values(routes) as readonly Route[])
    .filter(({ method, path }) => method === 'GET' && path !== 'stream')
    .map(({ path }) => path.replace('{task_id}', taskId).replace('{id}', 'notes').replace('*', 'page.css'))
    .map((path) => (path === '' ? '' : `/${path}`) + (queries[path] ?? ''))
}
