import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TaskManager } from '@taskloom/engine'
import { mount as mountExpress } from '@taskloom/engine/express'
import express from 'express'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Handler, HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { networkOf, readPlace } from '../../packages/engine/src/server/identity/forwarded.ts'
import { readNext } from '../../packages/engine/src/server/identity/next-page.ts'
import { asCookie, cookieOf, guard, password, secretKey, statusWith, tokenOf, users } from './identity-scene.ts'
import { ask, codeOf } from './request.ts'

let auth: Awaited<ReturnType<typeof users>>
beforeAll(async () => {
  auth = await users()
})

const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
const send = (handler: Handler, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  ask(handler, '/auth/login', {
    method: 'POST',
    headers: { ...form, ...headers },
    body: new URLSearchParams(fields).toString(),
  })
const fields = { username: 'ann', password }

describe('the page to sign in on', () => {
  it('is where a browser is led that asks for the dashboard, and leads back to what it asked for', async () => {
    const { handler } = guard({ auth })
    const led = await ask(handler, '/dashboard?status=failed&q=%22a+b%22')
    expect(led.status).toBe(303)
    const page = new URL(led.headers.get('location') ?? '', 'http://shop.test/shop/tasks/dashboard')
    expect(page.pathname).toBe('/shop/tasks/auth/login')
    const html = await (await ask(handler, `/auth/login${page.search}`)).text()
    const next = /name="next" value="([^"]*)"/
      .exec(html)?.[1]
      ?.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(+code))
    const back = await send(handler, { ...fields, next: next ?? '' })
    expect(back.status).toBe(303)
    const target = new URL(back.headers.get('location') ?? '', 'http://shop.test/shop/tasks/auth/login')
    expect(target.href).toBe('http://shop.test/shop/tasks/dashboard?status=failed&q=%22a+b%22')
  })

  it('needs no script and nothing inline, and its addresses are relative', async () => {
    const { handler } = guard({ auth })
    const page = await ask(handler, '/auth/login')
    const html = await page.text()
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(html).not.toMatch(/<script|<style|style=|\son\w+=|javascript:/i)
    const addresses = [...html.matchAll(/(?:href|src|action)="([^"]*)"/g)].map((match) => match[1])
    expect(addresses).toEqual(['../dashboard/assets/login.css', 'login'])
    const sheet = await ask(handler, '/dashboard/assets/login.css')
    expect(sheet.headers.get('content-type')).toBe('text/css; charset=utf-8')
    expect(await sheet.text()).not.toMatch(/url\(|@import/)
  })

  it('says in plain words what went wrong, keeps the name, and never the password', async () => {
    const { handler } = guard({ auth })
    const refused = await send(handler, { username: '"><img src=x>', password: 'my wrong one' })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('set-cookie')).toBeNull()
    const html = await refused.text()
    expect(html).toMatch(/<p class="alert" role="alert"[^]*Wrong user name or password\./)
    expect(html).toContain('value="&#34;&#62;&#60;img src=x&#62;"')
    expect(html).not.toContain('<img')
    expect(html).not.toContain('my wrong one')
    for (let count = 0; count < 9; count += 1) await send(handler, { ...fields, password: 'wrong' })
    await send(handler, { ...fields, password: 'wrong' })
    const held = await send(handler, fields)
    expect(held.status).toBe(429)
    expect(held.headers.get('retry-after')).toBe('900')
    expect(await held.text()).toContain('Try again in 15 minutes.')
  })

  it('shows titles as text', async () => {
    const { handler } = guard({ auth, title: '<b>Tasks</b>', environment: '<i>x</i>' })
    const html = await (await ask(handler, '/auth/login')).text()
    expect(html).not.toMatch(/<b>|<i>/)
  })

  it('is passed over by who is signed in', async () => {
    const { handler } = guard({ auth })
    const headers = asCookie(await tokenOf(handler))
    const passed = await ask(handler, '/auth/login?next=dashboard%3Fq%3Dx', { headers })
    expect([passed.status, passed.headers.get('location')]).toEqual([303, '../dashboard?q=x'])
  })

  it('takes its form from the same site alone', async () => {
    const { handler } = guard({ auth })
    for (const site of ['cross-site', 'same-site']) {
      expect(await codeOf(send(handler, fields, { 'sec-fetch-site': site }))).toBe('403 cross_origin')
    }
    const headers = { 'content-type': form['content-type'], origin: 'https://evil.test' }
    const body = new URLSearchParams(fields).toString()
    expect(await codeOf(ask(handler, '/auth/login', { method: 'POST', headers, body }))).toBe('403 cross_origin')
  })

  it('is the only one whose form is taken: other routes want JSON', async () => {
    const { handler, source } = guard({ auth })
    const { taskId } = await source.add({ status: 'failed' })
    const headers = { ...form, ...asCookie(await tokenOf(handler)) }
    expect(await codeOf(ask(handler, `/${taskId}/retry`, { method: 'POST', headers, body: 'reason=x' }))).toBe(
      '415 unsupported_media_type',
    )
  })

  it('signs out with a form, too, whoever asks', async () => {
    const { handler } = guard({ auth })
    const headers = { ...form, ...asCookie(await tokenOf(handler)) }
    for (let time = 0; time < 2; time += 1) {
      const out = await ask(handler, '/auth/logout', { method: 'POST', headers, body: '' })
      expect([out.status, out.headers.get('location')]).toEqual([303, 'login'])
      expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
      expect(await statusWith(handler, headers)).toBe(401)
    }
    expect(
      await codeOf(ask(handler, '/auth/logout', { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } })),
    ).toBe('401 unauthenticated')
  })
})

describe('the page after signing in', () => {
  it.each(['dashboard', 'dashboard?status=failed', 'dashboard?q=a%20b&x=//y#part', 'panels/sales', 'openapi.json'])(
    'is %s when it was asked for',
    (next) => {
      expect(readNext(next)).toBe(next)
    },
  )

  it.each([
    '//evil.test',
    '/\\evil',
    '\\\\evil',
    'https:evil',
    'https://evil.test',
    'javascript:alert(1)',
    'data:text/html,x',
    '/dashboard',
    '../x',
    'a/../../x',
    './x',
    'a//b',
    'dashboard?x\r\nSet-Cookie: a=b',
    'dashboard\t',
    ' dashboard',
    '',
    'auth/logout',
    'auth',
    '%2e%2e/x',
    '%2f%2fevil',
    'dash board',
    'dashboard?x=\\',
    'mailto:x',
    'x'.repeat(3_000),
    '@evil',
  ])('is the dashboard instead of %j', async (next) => {
    expect(readNext(next)).toBe('dashboard')
    const { handler } = guard({ auth })
    const sent = await send(handler, { ...fields, next })
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '../dashboard'])
  })
})

describe('the cookie', () => {
  const setBy = async (
    options: HandlerOptions,
    headers: Record<string, string> = {},
    base = '/tasks',
    scheme = 'http',
  ) => {
    const { handler } = guard({ auth, ...options })
    const request = new Request(`${scheme}://shop.test${base}/auth/login`, {
      method: 'POST',
      headers: { ...form, host: 'shop.test', ...headers },
      body: new URLSearchParams(fields).toString(),
    })
    const response = await handler(request, { basePath: base, rawPath: '/auth/login' })
    return { handler, cookie: response.headers.get('set-cookie') ?? '' }
  }
  const flags = (cookie: string) => cookie.replace(/=[^;]+/, '=…')

  it('is only for the server, this site and the mount', async () => {
    expect(flags((await setBy({})).cookie)).toBe(
      'taskloom_session=…; Path=/tasks; Max-Age=86400; HttpOnly; SameSite=Lax',
    )
    expect((await setBy({ tokenExpiry: '1h' })).cookie).toContain('Max-Age=3600;')
  })

  it('is secure on https, and of this host alone at the root', async () => {
    expect(flags((await setBy({}, {}, '/tasks', 'https')).cookie)).toContain('; SameSite=Lax; Secure')
    const root = await setBy({}, {}, '', 'https')
    expect(flags(root.cookie)).toBe('__Host-taskloom_session=…; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure')
    const read = (cookie: string) =>
      root.handler(new Request('https://shop.test/', { headers: { cookie } }), { basePath: '', rawPath: '/' })
    const pair = root.cookie.split(';')[0] ?? ''
    expect((await read(pair)).status).toBe(200)
    // Another site below the same domain can set this one.
    expect((await read(pair.replace('__Host-', ''))).status).toBe(401)
    expect(flags((await setBy({}, {}, '')).cookie)).toContain('taskloom_session=…; Path=/;')
  })

  it('believes the headers of a proxy that is trusted, and no others', async () => {
    const told = { 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/shop', 'x-forwarded-host': 'www.test' }
    expect(flags((await setBy({}, told)).cookie)).not.toMatch(/Secure|shop/)
    const trusted = await setBy({ trustProxy: 1 }, { ...told, 'sec-fetch-site': 'same-origin' })
    expect(flags(trusted.cookie)).toBe(
      'taskloom_session=…; Path=/shop/tasks; Max-Age=86400; HttpOnly; SameSite=Lax; Secure',
    )
    for (const prefix of ['//evil', '/a/../b', '/a;b', '/a b', 'a', '/a\\b', '/;Domain=evil.test']) {
      expect((await setBy({ trustProxy: 1 }, { 'x-forwarded-prefix': prefix })).cookie).toContain('Path=/tasks;')
    }
  })

  it('is for the path that the browser sees, also behind a proxy that says nothing', async () => {
    const page = { referer: 'http://www.test/shop/tasks/auth/login?next=dashboard' }
    expect((await setBy({}, page)).cookie).toContain('Path=/shop/tasks;')
    for (const referer of ['http://www.test/elsewhere', 'nonsense', 'http://www.test/a;b/tasks/auth/login']) {
      expect((await setBy({}, { referer })).cookie).toContain('Path=/tasks;')
    }
  })
})

describe('where a request comes from', () => {
  const at = (headers: Record<string, string>, proxies: number, remoteAddress = '127.0.0.1') =>
    readPlace(new Request('http://inner/tasks', { headers }), { basePath: '/tasks', remoteAddress }, proxies)

  it.each<[string, number, string]>([
    ['203.0.113.9', 0, '127.0.0.1'],
    ['203.0.113.9', 1, '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9', 1, '203.0.113.9'],
    ['198.51.100.1, 203.0.113.9', 2, '198.51.100.1'],
    ['203.0.113.9', 5, '203.0.113.9'],
    ['203.0.113.9:4711', 1, '203.0.113.9'],
    ['[2001:db8::1]:4711', 1, '2001:db8::1'],
    ['::ffff:203.0.113.9', 1, '203.0.113.9'],
    ['<script>', 1, '127.0.0.1'],
    ['', 1, '127.0.0.1'],
  ])('of %j behind %i proxies is %s', (forwarded, proxies, address) => {
    expect(at({ 'x-forwarded-for': forwarded }, proxies).address).toBe(address)
  })

  it('is null when nobody knows', () => {
    expect(readPlace(new Request('http://inner/'), {}, 0).address).toBeNull()
  })

  it('goes by the host and scheme that the outermost trusted proxy was asked by', () => {
    const headers = { host: 'inner', 'x-forwarded-host': 'evil.test, www.test', 'x-forwarded-proto': 'http, https' }
    expect(at(headers, 1)).toMatchObject({ host: 'www.test', isSecure: true })
    expect(at(headers, 0)).toMatchObject({ host: 'inner', isSecure: false })
  })

  it('is counted by network for the long addresses', () => {
    expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64')
    expect(networkOf('2001:0DB8:0001:2::6%eth0')).toBe('2001:db8:1:2::/64')
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
    expect(networkOf('2001:db8::')).toBe('2001:db8:0:0::/64')
  })
})

describe('signing in through a real server', () => {
  const closing: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  it.each(['before', 'after'])('works with a parser of forms %s the mount', async (place) => {
    const app = express()
    if (place === 'before') app.use(express.urlencoded({ extended: true }), express.json())
    const tasks = new TaskManager()
    const mounted = mountExpress(app, tasks, { auth, secretKey })
    if (place === 'after') app.use(express.urlencoded({ extended: true }))
    const server: Server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closing.push(
      () => mounted.close(),
      () => new Promise((resolve) => server.close(resolve)),
    )
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tasks`
    const signedIn = await fetch(`${base}/auth/login`, {
      method: 'POST',
      headers: form,
      body: new URLSearchParams({ ...fields, next: 'dashboard?q=ä&b' }),
      redirect: 'manual',
    })
    expect(signedIn.status).toBe(303)
    const headers = { cookie: cookieOf(signedIn) }
    expect((await fetch(`${base}/`, { headers })).status).toBe(200)
    expect((await fetch(`${base}/`)).status).toBe(401)
    expect((await fetch(`${base}/auth/logout`, { method: 'POST', headers: { ...form, ...headers } })).url).toBe(
      `${base}/auth/login`,
    )
    expect((await fetch(`${base}/`, { headers })).status).toBe(401)
    server.closeAllConnections()
  })
})
