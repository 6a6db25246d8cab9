import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashPassword } from '@taskloom/engine'
import { routes, type Route, type RouteName } from '@taskloom/protocol'
import { expect } from 'vitest'
import { codeOf, openHouse, people, proof, secretKey, type Answer, type House } from '../house.ts'
import { readUntilEnd } from '../streams.ts'
import type { Row } from './row.ts'

const open: readonly RouteName[] = ['asset', 'loginPage', 'login']
const hourMs = 3_600_000

function signIn(
  house: House,
  username: string,
  password: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const body = JSON.stringify({ username, password })
  return house.askOne('/auth/login', { method: 'POST', headers: { ...proof, ...headers }, body })
}

async function withHouse(
  options: Parameters<typeof openHouse>[0],
  show: (house: House) => Promise<void>,
  store?: string,
) {
  const house = await openHouse(options, store)
  try {
    await show(house)
  } finally {
    await house.close()
  }
}

/** Section 3.2: signing in and sessions. */
export const sessionRows: readonly Row[] = [
  {
    id: 'A7',
    title: 'every route but the login needs a caller',
    async show(house) {
      for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
        const path = route.path.replace(/\{\w+\}/g, 'x').replace('*', 'page.css')
        const asked = { method: route.method, headers: route.method === 'GET' ? {} : proof }
        const { status, headers } = await house.ask(path === '' ? '' : `/${path}`, asked)
        if (name === 'dashboard') expect([status, headers['location']]).toEqual([303, 'auth/login?next=dashboard'])
        else if (open.includes(name)) expect([200, 400], name).toContain(status)
        else expect(status, name).toBe(401)
      }
    },
  },
  {
    id: 'A8',
    title: 'the cookie has every flag',
    async show(house) {
      const { headers } = await signIn(house, 'alice', people.alice.password, { 'x-forwarded-proto': 'https' })
      const cookie = headers['set-cookie'] ?? ''
      for (const flag of [/; HttpOnly/i, /; SameSite=(Lax|Strict)/i, /; Path=\/tasks(;|$)/i])
        expect(cookie).toMatch(flag)
      expect(cookie).not.toMatch(/; Secure/i)
      await withHouse({ trustProxy: true }, async (trusting) => {
        const answer = await signIn(trusting, 'alice', people.alice.password, { 'x-forwarded-proto': 'https' })
        expect(answer.headers['set-cookie']).toMatch(/; Secure/i)
        const bare = await signIn(trusting, 'alice', people.alice.password)
        expect(bare.headers['set-cookie']).not.toMatch(/; Secure/i)
      })
    },
  },
  {
    id: 'A9',
    title: 'each login makes a session of its own',
    async show(house) {
      const chosen = await house.signIn('vera')
      const body = JSON.stringify({ username: 'alice', password: people.alice.password })
      const answer = await house.askOne('/auth/login', { method: 'POST', headers: { ...proof, ...chosen }, body })
      const fresh = (answer.headers['set-cookie'] ?? '').split(';')[0] ?? ''
      expect(fresh).not.toBe(chosen.cookie)
      expect((await house.ask('/metrics', { headers: { cookie: fresh } })).status).toBe(200)
      expect((await house.ask('/metrics', { headers: chosen })).status).toBe(401)
      const made = { cookie: fresh.replace(/=.*/, '=chosen-by-somebody-else') }
      expect((await house.ask('/metrics', { headers: made })).status).toBe(401)
    },
  },
  {
    id: 'A10',
    title: 'signing out ends the session everywhere, for streams, too, and after a restart',
    async show() {
      const folder = await mkdtemp(join(tmpdir(), 'taskloom-sessions-'))
      const store = join(folder, 'tasks.db')
      try {
        let kept = { cookie: '' }
        let left = { cookie: '' }
        await withHouse(
          {},
          async (house) => {
            kept = await house.signIn('otto')
            left = await house.signIn('alice')
            const [first, second] = house.origins
            const stream = await fetch(`${second}/tasks/stream`, { headers: left })
            expect(stream.status).toBe(200)
            const asked = { method: 'POST', headers: { ...left, ...proof }, body: '{}' }
            expect((await house.askOne('/auth/logout', asked, first)).status).toBe(200)
            expect((await house.ask('/metrics', { headers: left })).status).toBe(401)
            expect(await readUntilEnd(stream, 5_000)).toContain('session_ended')
          },
          store,
        )
        await withHouse(
          {},
          async (house) => {
            expect((await house.ask('/metrics', { headers: left })).status).toBe(401)
            expect((await house.ask('/metrics', { headers: kept })).status).toBe(200)
          },
          store,
        )
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  },
  {
    id: 'A11',
    title: 'sessions end by the server’s time, idle or not',
    async show() {
      await withHouse({ tokenExpiry: '2h', idleExpiry: '1h' }, async (house) => {
        const status = async (headers: { cookie: string }) => (await house.ask('/metrics', { headers })).status
        const idle = await house.signIn()
        house.clock.shiftMs = hourMs + 1_000
        expect(await status(idle)).toBe(401)
        house.clock.shiftMs = 0
        const session = await house.signIn('otto')
        const stream = await fetch(`${house.origins[0]}/tasks/stream`, { headers: session })
        for (const shiftMs of [0.9 * hourMs, 1.8 * hourMs]) {
          house.clock.shiftMs = shiftMs
          expect(await status(session)).toBe(200)
        }
        house.clock.shiftMs = 2 * hourMs + 1_000
        expect(await status(session)).toBe(401)
        expect(await readUntilEnd(stream, 5_000)).toContain('session_ended')
        house.clock.shiftMs = -24 * hourMs
        expect(await status(session)).toBe(401)
      })
    },
  },
  {
    id: 'A12',
    title: 'no altered token is taken',
    async show(house) {
      const { cookie } = await house.signIn()
      const [name = '', token = ''] = [cookie.slice(0, cookie.indexOf('=')), cookie.slice(cookie.indexOf('=') + 1)]
      const altered = Array.from(
        token,
        (letter, at) => token.slice(0, at) + (letter === 'A' ? 'B' : 'A') + token.slice(at + 1),
      )
      const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"alice"}').toString('base64url')}.`
      const odd = [
        none,
        '',
        token.slice(0, -5),
        `${token}x`,
        token.replace(/\..*/, '.'),
        '!!!',
        'é',
        'x'.repeat(10_000),
      ]
      for (const bad of [...altered.filter((_, at) => at % 7 === 0), ...odd]) {
        const sent = { cookie: `${name}=${encodeURIComponent(bad)}` }
        expect((await house.ask('/metrics', { headers: sent })).status, bad.slice(0, 80)).toBe(401)
        expect(
          (await house.ask('/metrics', { headers: { authorization: `Bearer ${encodeURIComponent(bad)}` } })).status,
        ).toBe(401)
      }
      const twice = { cookie: `${name}=wrong; ${cookie}` }
      expect((await house.ask('/metrics', { headers: twice })).status).toBe(401)
      await withHouse({ secretKey: `another ${secretKey}` }, async (other) => {
        expect((await other.ask('/metrics', { headers: { cookie } })).status).toBe(401)
      })
    },
  },
  {
    id: 'A13',
    title: 'weak secrets are refused, and ids cannot be guessed',
    async show(house) {
      const production = { production: true, secretKey: 'secret' }
      await expect(openHouse(production)).rejects.toMatchObject({ code: 'bad_option' })
      await expect(openHouse({ ...production, secretKey: 'x'.repeat(31) })).rejects.toMatchObject({
        code: 'bad_option',
      })
      const ids = await Promise.all(Array.from({ length: 5 }, async () => (await house.signIn()).cookie))
      expect(new Set(ids).size).toBe(5)
      // 128 bits are 22 letters of base64url.
      for (const id of ids) expect(id.slice(id.indexOf('=') + 1).split('.')[0]?.length).toBeGreaterThanOrEqual(22)
    },
  },
  {
    id: 'A14',
    title: 'guessing passwords is slowed down by account and address, and locks nobody out',
    async show() {
      await withHouse({ trustProxy: true }, async (house) => {
        const from = (address: string) => ({ 'x-forwarded-for': address })
        for (let tries = 0; tries < 10; tries += 1) {
          expect((await signIn(house, 'alice', `wrong ${tries}`, from('192.0.2.1'))).status).toBe(401)
        }
        const slowed = await signIn(house, 'alice', people.alice.password, from('192.0.2.1'))
        expect(codeOf(slowed)).toBe('429 too_many_requests')
        expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0)
        expect((await signIn(house, 'alice', people.alice.password, from('192.0.2.2'))).status).toBe(200)
        house.clock.shiftMs = hourMs
        expect((await signIn(house, 'alice', people.alice.password, from('192.0.2.1'))).status).toBe(200)
      })
      await withHouse({}, async (house) => {
        for (let tries = 0; tries < 10; tries += 1) {
          await signIn(house, 'vera', `wrong ${tries}`, { 'x-forwarded-for': `192.0.2.${tries}` })
        }
        const claimed = { 'x-forwarded-for': '192.0.2.99' }
        expect((await signIn(house, 'vera', people.vera.password, claimed)).status).toBe(429)
      })
    },
  },
  {
    id: 'A15',
    title: 'nobody learns who has an account',
    async show(house) {
      const times = { known: [] as number[], unknown: [] as number[] }
      for (let round = 0; round < 8; round += 1) {
        for (const [kind, name] of [
          ['known', 'vera'],
          ['unknown', 'nobody'],
        ] as const) {
          const begun = performance.now()
          const answer = await signIn(house, name, `wrong ${round}`)
          times[kind].push(performance.now() - begun)
          expect(answer).toMatchObject({ status: 401, body: expect.stringContaining('bad_credentials') as string })
        }
      }
      const ratio = median(times.unknown) / median(times.known)
      // One scrypt each; without it the unknown would be some fifty times as fast.
      expect(ratio).toBeGreaterThan(0.4)
      expect(ratio).toBeLessThan(2.5)
    },
  },
  {
    id: 'A16',
    title: 'any password is hashed whole, and compared in the same time',
    async show() {
      const long = 'x'.repeat(72)
      const auth = [
        { username: 'uni', password: 'pässwörd😀', role: 'viewer' as const },
        { username: 'long', password: await hashPassword(`${long}right`), role: 'viewer' as const },
      ]
      await withHouse({ auth }, async (house) => {
        expect((await signIn(house, 'uni', 'pässwörd😀')).status).toBe(200)
        expect((await signIn(house, 'long', `${long}right`)).status).toBe(200)
        expect((await signIn(house, 'long', `${long}wrong`)).status).toBe(401)
        expect((await signIn(house, 'uni', 'pässwörd😀\0')).status).toBe(401)
        expect([400, 413]).toContain((await signIn(house, 'uni', 'x'.repeat(1_000_000))).status)
        expect((await signIn(house, 'x'.repeat(100_000), 'x')).status).toBeLessThan(500)
      })
    },
  },
  {
    id: 'A17',
    title: 'a login of the host that fails lets nobody in',
    async show() {
      const broken = [
        () => Promise.reject(new Error('down')),
        () => {
          throw new Error('down')
        },
        () => undefined as never,
        () => ({}) as never,
        () => ({ name: 'alice', role: 'root' }) as never,
        () => true as never,
      ]
      for (const auth of broken) {
        await withHouse({ auth }, async (house) => {
          expect([401, 503]).toContain((await house.ask('/metrics')).status)
        })
      }
    },
  },
  {
    id: 'A18',
    title: 'the login leads to our own pages only, and cannot be sent by another site',
    async show(house) {
      const form = (next: string, site = 'same-origin') => ({
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': site },
        body: new URLSearchParams({ username: 'alice', password: people.alice.password, next }).toString(),
      })
      for (const next of [
        '//evil.test',
        '/\\evil',
        'https:evil',
        'javascript:alert(1)',
        'https://evil.test',
        '\\\\evil',
        '../../x',
        'dashboard/../../x',
        '%2f%2fevil.test',
        '\t//evil.test',
      ]) {
        const { status, headers } = await house.askOne('/auth/login', form(next))
        expect([status, headers['location']], next).toEqual([303, '../dashboard'])
      }
      const kept = await house.askOne('/auth/login', form('dashboard?tab=schedules'))
      expect(kept.headers['location']).toBe('../dashboard?tab=schedules')
      expect(codeOf(await house.askOne('/auth/login', form('', 'cross-site')))).toBe('403 cross_origin')
    },
  },
  {
    id: 'A19',
    title: 'roles hold on the server, and what they refuse is in the audit log',
    async show(house) {
      const taskId = await house.failed()
      const headers = { ...(await house.signIn('vera')), ...proof }
      const json = { method: 'POST', headers, body: '{}' }
      const bulk = { method: 'POST', headers, body: JSON.stringify({ action: 'retry', task_ids: [taskId] }) }
      expect(codeOf(await house.ask(`/${taskId}/retry`, json))).toBe('403 forbidden')
      expect(codeOf(await house.ask(`/${taskId}/cancel`, json))).toBe('403 forbidden')
      expect(codeOf(await house.ask('/bulk', bulk))).toBe('403 forbidden')
      expect(codeOf(await house.ask(`/${taskId}`, { method: 'DELETE', headers }))).toBe('403 forbidden')
      const admin = await house.signIn('alice')
      const { body } = await house.ask('/audit?outcome=denied&actor=vera', { headers: admin })
      const { entries } = JSON.parse(body) as { entries: { action: string; actor: string }[] }
      const refused = entries.map(({ action }) => action).filter((action) => action !== 'login')
      expect(new Set(refused)).toEqual(new Set(['retry', 'cancel', 'bulk_retry', 'delete']))
    },
  },
]

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
