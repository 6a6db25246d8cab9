import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, sqlite, type SessionStore, type Store } from '@taskloom/engine/store'
import { createFakeClock } from '@taskloom/testkit'
import Database from 'better-sqlite3'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { asBearer, asCookie, cookieOf, guard, quickHash, signIn, statusWith, tokenOf, users } from './identity-scene.ts'
import { fixedNow } from './mounted.ts'
import { ask, command } from './request.ts'

const hourMs = 3_600_000
let auth: Awaited<ReturnType<typeof users>>
let folder: string
const opened: Store[] = []

beforeAll(async () => {
  auth = await users()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskloom-sessions-'))
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A process of its own over the same file. */
async function instance(options: HandlerOptions = {}, clock = createFakeClock(fixedNow)) {
  const store = sqlite(join(folder, 'tasks.db'))
  opened.push(store)
  await store.open()
  return { ...guard({ auth, ...options }, store.sessions, clock), store }
}

describe('a session', () => {
  it('is a new one at each sign-in: what the browser held before is not taken over', async () => {
    const { handler } = guard({ auth })
    const first = cookieOf(await signIn(handler, 'ann'))
    const planted = `taskloom_session=${'A'.repeat(43)}.${'B'.repeat(43)}`
    const { headers, ...rest } = command({ username: 'ann', password: 'correct horse' })
    for (const cookie of [first, planted]) {
      const again = cookieOf(await ask(handler, '/auth/login', { ...rest, headers: { ...headers, cookie } }))
      expect(again).not.toBe(cookie)
      expect(await statusWith(handler, { cookie })).toBe(401)
      expect(await statusWith(handler, { cookie: again })).toBe(200)
    }
    expect(await statusWith(handler, { cookie: planted })).toBe(401)
  })

  it('is known on other instances and after a restart', async () => {
    const a = await instance()
    const headers = asCookie(await tokenOf(a.handler))
    expect(await statusWith((await instance()).handler, headers)).toBe(200)
    for (const store of opened.splice(0)) await store.close()
    expect(await statusWith((await instance()).handler, headers)).toBe(200)
  })

  it('is over everywhere when its user has signed out, and after a restart', async () => {
    const [a, b] = [await instance(), await instance()]
    const token = await tokenOf(a.handler)
    const kept = await tokenOf(a.handler)
    expect(await statusWith(b.handler, asCookie(token))).toBe(200)
    const out = await ask(a.handler, '/auth/logout', {
      ...command(),
      headers: { ...command().headers, ...asCookie(token) },
    })
    expect(out.status).toBe(200)
    expect(out.headers.get('set-cookie')).toMatch(/^taskloom_session=; Path=\/tasks; Max-Age=0;/)
    const c = await instance()
    for (const { handler } of [a, b, c]) {
      expect(await statusWith(handler, asCookie(token))).toBe(401)
      expect(await statusWith(handler, asBearer(token))).toBe(401)
      expect(await statusWith(handler, asCookie(kept))).toBe(200)
    }
  })

  it('is not ended by asking with GET, nor from another site', async () => {
    const { handler } = guard({ auth })
    const headers = asCookie(await tokenOf(handler))
    expect((await ask(handler, '/auth/logout', { headers })).status).toBe(405)
    const foreign = { ...headers, 'sec-fetch-site': 'cross-site' }
    expect((await ask(handler, '/auth/logout', { method: 'POST', headers: foreign })).status).toBe(403)
    expect(await statusWith(handler, headers)).toBe(200)
  })

  it('ends a day after it began, however much it is used', async () => {
    const { handler, clock } = guard({ auth })
    const headers = asCookie(await tokenOf(handler))
    for (let hour = 0; hour < 23; hour += 1) {
      await clock.advance(hourMs)
      expect(await statusWith(handler, headers)).toBe(200)
    }
    await clock.advance(hourMs - 1)
    expect(await statusWith(handler, headers)).toBe(200)
    await clock.advance(1)
    expect(await statusWith(handler, headers)).toBe(401)
  })

  it('ends eight hours after it was last used', async () => {
    const { handler, clock } = guard({ auth })
    const [used, idle] = [asCookie(await tokenOf(handler)), asCookie(await tokenOf(handler))]
    await clock.advance(7 * hourMs)
    expect(await statusWith(handler, used)).toBe(200)
    await clock.advance(hourMs)
    expect(await statusWith(handler, used)).toBe(200)
    expect(await statusWith(handler, idle)).toBe(401)
  })

  it('ends as the options say, also when they were changed meanwhile', async () => {
    const a = await instance({ tokenExpiry: '2h', idleExpiry: '90m' })
    const headers = asCookie(await tokenOf(a.handler))
    const shorter = await instance({ tokenExpiry: '30m' }, a.clock)
    await a.clock.advance(31 * 60_000)
    expect(await statusWith(a.handler, headers)).toBe(200)
    expect(await statusWith(shorter.handler, headers)).toBe(401)
  })

  it('does not come back to life when the clock is put back', async () => {
    const a = await instance({ tokenExpiry: '1h' })
    const headers = asCookie(await tokenOf(a.handler))
    const dayBefore = await instance({ tokenExpiry: '1h' }, createFakeClock(fixedNow - 24 * hourMs))
    await a.clock.advance(hourMs)
    expect(await statusWith(a.handler, headers)).toBe(401)
    expect(await statusWith(dayBefore.handler, headers)).toBe(401)
    const fresh = asCookie(await tokenOf((await instance()).handler))
    expect(await statusWith(dayBefore.handler, fresh)).toBe(401)
  })

  it('is over when the password is another, or the user has gone, and stays so', async () => {
    const a = await instance()
    const [first, second] = [asCookie(await tokenOf(a.handler)), asCookie(await tokenOf(a.handler, 'otto'))]
    const other = await instance({ auth: [{ username: 'ann', password: await quickHash('another one') }] })
    expect(await statusWith(other.handler, first)).toBe(401)
    expect(await statusWith(other.handler, second)).toBe(401)
    expect(await statusWith(a.handler, first)).toBe(401)
  })

  it('keeps its rights with its user: they change with the mount', async () => {
    const a = await instance()
    const headers = asCookie(await tokenOf(a.handler, 'otto'))
    const changed = auth.map((user) => ({ ...user, role: 'viewer' as const }))
    const { handler } = await instance({ auth: changed })
    const session = await (await ask(handler, '/auth/session', { headers })).json()
    expect(session).toMatchObject({ name: 'otto', role: 'viewer' })
  })

  it('of a plain password is the same on all instances', async () => {
    const plain = { auth: [{ username: 'ann', password: 'correct horse' }] }
    const headers = asCookie(await tokenOf((await instance(plain)).handler))
    expect(await statusWith((await instance(plain)).handler, headers)).toBe(200)
    const other = { auth: [{ username: 'ann', password: 'correct horses' }] }
    expect(await statusWith((await instance(other)).handler, headers)).toBe(401)
  }, 20_000)

  it('leaves nothing in the store that would let anybody in', async () => {
    const { handler, store } = await instance()
    const token = await tokenOf(handler)
    await store.close()
    const db = new Database(join(folder, 'tasks.db'), { readonly: true })
    const row = db.prepare<[], Record<string, unknown>>('SELECT * FROM sessions').get() ?? {}
    db.close()
    expect(row['user']).toBe('ann')
    const kept = Object.values(row).map(String)
    for (const part of token.split('.')) expect(kept.some((value) => value.includes(part))).toBe(false)
    for (const value of kept) expect(await statusWith(guard({ auth }).handler, asCookie(value))).toBe(401)
  })
})

describe('the store of sessions', () => {
  const watched = () => {
    const { sessions } = memory()
    return { sessions, touch: vi.spyOn(sessions, 'touch'), purge: vi.spyOn(sessions, 'purge') }
  }

  it('is written at most once a minute for a session that is used', async () => {
    const { sessions, touch } = watched()
    const { handler, clock } = guard({ auth }, sessions)
    const headers = asCookie(await tokenOf(handler))
    for (let second = 0; second < 180; second += 10) {
      await Promise.all([statusWith(handler, headers), statusWith(handler, headers)])
      await clock.advance(10_000)
    }
    expect(touch).toHaveBeenCalledTimes(2)
  })

  it('is cleared of what is over when somebody signs in', async () => {
    const { sessions, purge } = watched()
    const { handler, clock } = guard({ auth }, sessions)
    await tokenOf(handler)
    await clock.advance(25 * hourMs)
    await tokenOf(handler)
    expect(await purge.mock.results[1]?.value).toBe(1)
  })

  it('that does not answer lets nobody in, and tells the host alone why', async () => {
    const { sessions } = memory()
    const { handler, errors } = guard({ auth }, sessions)
    const headers = asCookie(await tokenOf(handler))
    vi.spyOn(sessions, 'find').mockRejectedValue(new Error('the disk is full'))
    const response = await ask(handler, '/', { headers })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('disk')
    expect(errors).toHaveLength(1)
  })

  it('that cannot note a use does not hold the request up', async () => {
    const { sessions } = memory()
    const { handler, clock, errors } = guard({ auth }, sessions)
    const headers = asCookie(await tokenOf(handler))
    vi.spyOn(sessions, 'touch').mockRejectedValue(new Error('busy'))
    await clock.advance(60_000)
    expect(await statusWith(handler, headers)).toBe(200)
    await vi.waitFor(() => expect(errors).toHaveLength(1))
  })

  it('remembers fifty of one user, and forgets who was seen longest ago', async () => {
    const store: SessionStore = memory().sessions
    const { handler, clock } = guard({ auth }, store)
    const tokens: string[] = []
    for (let index = 0; index < 51; index += 1) {
      tokens.push(await tokenOf(handler))
      await clock.advance(1)
    }
    expect(await statusWith(handler, asCookie(tokens[0] ?? ''))).toBe(401)
    expect(await statusWith(handler, asCookie(tokens[1] ?? ''))).toBe(200)
  })
})
