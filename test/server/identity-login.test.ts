import { createFakeClock } from '@taskloom/testkit'
import { hashPassword } from '@taskloom/engine'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  computeHash,
  formatHash,
  isPasswordOf,
  parseHash,
} from '../../packages/engine/src/server/identity/passwords.ts'
import { Throttle } from '../../packages/engine/src/server/identity/throttle.ts'
import { Turns } from '../../packages/engine/src/server/identity/turns.ts'
import { Users } from '../../packages/engine/src/server/identity/users.ts'
import { asCookie, guard, password, quickHash, secretKey, signIn, statusWith, users } from './identity-scene.ts'
import { ask, codeOf, command, readJson } from './request.ts'

let auth: Awaited<ReturnType<typeof users>>
beforeAll(async () => {
  auth = await users()
})
const minuteMs = 60_000

describe('signing in as a program', () => {
  it('says who it is, and gives the token only to who asks for it', async () => {
    const { handler } = guard({ auth })
    const plain = await signIn(handler, 'otto')
    expect(plain.status).toBe(200)
    expect(plain.headers.get('cache-control')).toBe('no-store')
    expect(await readJson(plain)).toEqual({ user: 'otto', role: 'operator', expires_at: '2026-01-06T12:00:00.000Z' })
    const { token } = await readJson(await signIn(handler, 'otto', password, { token: true }))
    expect(await statusWith(handler, asCookie(token as string))).toBe(200)
  })

  it('is refused in the same words whether the name or the password is wrong', async () => {
    const { handler } = guard({ auth })
    const answers = await Promise.all([signIn(handler, 'ann', 'wrong'), signIn(handler, 'nobody', 'wrong')])
    const texts = await Promise.all(answers.map((answer) => answer.clone().text()))
    expect(texts[0]).toBe(texts[1])
    const headers = answers.map((answer) => [...answer.headers])
    expect(headers[0]).toEqual(headers[1])
    expect(answers.map((answer) => answer.headers.has('set-cookie'))).toEqual([false, false])
    expect(await codeOf(answers[0])).toBe('401 bad_credentials')
  })

  it('needs proof of the same site, and JSON', async () => {
    const { handler } = guard({ auth })
    const body = JSON.stringify({ username: 'ann', password })
    const send = (headers: Record<string, string>) => ask(handler, '/auth/login', { method: 'POST', headers, body })
    const json = { 'content-type': 'application/json' }
    expect(await codeOf(send({ ...json, origin: 'https://evil.test' }))).toBe('403 cross_origin')
    expect(await codeOf(send({ ...json, 'sec-fetch-site': 'cross-site' }))).toBe('403 cross_origin')
    expect(await codeOf(send({ 'content-type': 'application/x-www-form-urlencoded' }))).toBe('403 cross_origin')
    expect(await codeOf(send({ 'content-type': 'text/plain', 'sec-fetch-site': 'same-origin' }))).toBe(
      '415 unsupported_media_type',
    )
    expect((await send(json)).status).toBe(200)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no password', { username: 'ann' }],
    ['a number', { username: 'ann', password: 1 }],
    ['a list', [['username', 'ann']]],
    ['a name of another type', { username: { toString: 'ann' }, password }],
    ['a name of 201 letters', { username: 'a'.repeat(201), password }],
    ['a password of 1,025 bytes', { username: 'ann', password: 'x'.repeat(1_025) }],
    ['a password of a million letters', { username: 'ann', password: 'x'.repeat(1_000_000) }],
  ])('answers 400 at once to %s', async (_words, body) => {
    const check = vi.spyOn(Users.prototype, 'check')
    const { handler } = guard({ auth })
    const response = await ask(handler, '/auth/login', command(body))
    expect(response.status).toBe(400)
    expect(check).not.toHaveBeenCalled()
    check.mockRestore()
  })

  it('is not there without users', async () => {
    for (const options of [{}, { apiKey: 'top-key-0123456789' }, { auth: () => null }]) {
      const { handler } = guard(options)
      expect(await codeOf(signIn(handler, 'ann'))).toBe('404 not_found')
      expect(await codeOf(ask(handler, '/auth/login'))).toBe('404 not_found')
    }
  })
})

describe('passwords', () => {
  it.each<[string, string]>([
    ['umlauts and emoji', 'pässwörd😀'],
    ['72 letters and then one more', `${'x'.repeat(72)}y`],
    ['1,024 bytes', 'é'.repeat(512)],
    ['a blank at its end', 'blank '],
  ])('may have %s, and every letter counts', async (_words, text) => {
    const { handler } = guard({ auth: [{ username: 'ann', password: await quickHash(text) }] })
    expect((await signIn(handler, 'ann', text)).status).toBe(200)
    for (const other of [
      text.slice(0, -1),
      `${text.slice(0, -1)}z`,
      text.toUpperCase() + 'x',
      text.split('\0')[0] + 'q',
    ]) {
      expect([400, 401]).toContain((await signIn(handler, 'ann', other)).status)
    }
  })

  it('have no NUL: to scrypt those at the end would be as good as none', async () => {
    const { handler } = guard({ auth })
    for (const typed of [`${password}\0`, `${password}\0\0`, `\0${password}`, 'correct\0horse']) {
      expect((await signIn(handler, 'ann', typed)).status).toBe(401)
    }
    await expect(hashPassword('before\0after')).rejects.toMatchObject({ code: 'bad_option' })
  })

  it('and names are the same in either form of Unicode', async () => {
    const { handler } = guard({ auth: [{ username: 'Zo\u00eb', password: await quickHash('caf\u00e9') }] })
    expect((await signIn(handler, 'Zoe\u0308', 'cafe\u0301')).status).toBe(200)
    expect((await signIn(handler, 'zo\u00eb', 'caf\u00e9')).status).toBe(401)
  })

  it('are hashed with scrypt at a cost that a guess is felt, each with salt of its own', async () => {
    const hashes = await Promise.all([hashPassword(password), hashPassword(password)])
    expect(hashes[0]).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/)
    expect(hashes[0]).not.toBe(hashes[1])
    const { handler } = guard({ auth: [{ username: 'ann', password: hashes[0] }] })
    expect((await signIn(handler, 'ann')).status).toBe(200)
    expect((await signIn(handler, 'ann', hashes[0])).status).toBe(401)
    await expect(hashPassword('')).rejects.toMatchObject({ code: 'bad_option' })
    await expect(hashPassword('x'.repeat(1_025))).rejects.toMatchObject({ code: 'bad_option' })
  }, 20_000)

  it('may be given as they are', async () => {
    const { handler } = guard({ auth: [{ username: 'ann', password }] })
    expect((await signIn(handler, 'ann')).status).toBe(200)
    expect((await signIn(handler, 'ann', 'wrong')).status).toBe(401)
  }, 20_000)

  it('read back what was written, and nothing else', async () => {
    const hash = await computeHash('x', Buffer.alloc(16, 7), { n: 1_024, r: 1, p: 1 })
    const text = formatHash(hash)
    expect(parseHash(text)).toEqual(hash)
    expect(await isPasswordOf(hash, 'x')).toBe(true)
    const broken = ['$1024$', '$1023$', '$512$', '$16777216$'].map((cost) => text.replace('$1024$', cost)).slice(1)
    for (const other of [...broken, text.slice(0, -1), `${text}x`, text.replace('scrypt', 'bcrypt'), '']) {
      expect(parseHash(other), other).toBeNull()
    }
  })

  it('of unknown names cost as much as those of known ones', async () => {
    const dear = formatHash(await computeHash(password, Buffer.alloc(16, 1), { n: 2 ** 14, r: 8, p: 1 }))
    const read = parseHash(dear)
    const known = new Users(
      [{ name: 'ann', secret: read ?? '', role: 'viewer', queues: null, tags: null }],
      Buffer.from(secretKey),
    )
    const times = { ann: [] as number[], nobody: [] as number[] }
    for (let round = 0; round < 15; round += 1) {
      for (const name of ['ann', 'nobody'] as const) {
        const startedMs = performance.now()
        expect(await known.check(name, 'wrong')).toBeUndefined()
        times[name].push(performance.now() - startedMs)
      }
    }
    // Without the same work the unknown name would be answered in a hundredth of the time. The least of many is the work
    // alone, whatever else the machine does.
    const ratio = Math.min(...times.nobody) / Math.min(...times.ann)
    expect(ratio).toBeGreaterThan(0.5)
    expect(ratio).toBeLessThan(2)
  }, 30_000)

  it('are checked two at a time, and only so many wait', async () => {
    const turns = new Turns(2, 3)
    const ends: (() => void)[] = []
    const work = () => new Promise<string>((resolve) => ends.push(() => resolve('done')))
    const running = Array.from({ length: 5 }, () => turns.run(work))
    expect(await turns.run(work)).toBeNull()
    expect(ends).toHaveLength(2)
    for (let index = 0; index < 5; index += 1) {
      await vi.waitFor(() => expect(ends.length).toBeGreaterThan(index))
      ends[index]?.()
    }
    expect(await Promise.all(running)).toEqual(Array.from({ length: 5 }, () => 'done'))
    ends.length = 0
    const after = turns.run(work)
    ends[0]?.()
    expect(await after).toBe('done')
    await expect(turns.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  })
})

describe('guessing', () => {
  const wrongTimes = async (count: number, try_: (index: number) => Promise<Response>) => {
    for (let index = 0; index < count; index += 1) expect((await try_(index)).status).toBe(401)
  }

  it('is held back after ten wrong passwords for one account from one address, and says for how long', async () => {
    const { handler, clock } = guard({ auth })
    const from = (address: string, typed: string, name = 'ann') => signIn(handler, name, typed, {}, address)
    await wrongTimes(10, () => from('192.0.2.1', 'wrong'))
    await clock.advance(5 * minuteMs)
    const held = await from('192.0.2.1', password)
    expect(held.headers.get('retry-after')).toBe('600')
    expect(await codeOf(held)).toBe('429 too_many_requests')
    // Nobody else is held back: not the user elsewhere, and not others here.
    expect((await from('192.0.2.2', password)).status).toBe(200)
    expect((await from('192.0.2.1', password, 'otto')).status).toBe(200)
    await clock.advance(10 * minuteMs - 1)
    expect((await from('192.0.2.1', password)).headers.get('retry-after')).toBe('1')
    await clock.advance(1)
    expect((await from('192.0.2.1', password)).status).toBe(200)
  })

  it('is held back the same for names that are not there', async () => {
    const { handler } = guard({ auth })
    await wrongTimes(10, () => signIn(handler, 'nobody', 'wrong', {}, '192.0.2.1'))
    expect((await signIn(handler, 'nobody', 'wrong', {}, '192.0.2.1')).status).toBe(429)
  })

  it('is held back after fifty wrong ones from an address, whatever the names', async () => {
    const { handler } = guard({ auth })
    await wrongTimes(50, (index) => signIn(handler, `name-${index}`, 'wrong', {}, '192.0.2.1'))
    expect((await signIn(handler, 'ann', password, {}, '192.0.2.1')).status).toBe(429)
    expect((await signIn(handler, 'ann', password, {}, '192.0.2.2')).status).toBe(200)
  })

  it('counts from the start when the password was right', async () => {
    const { handler } = guard({ auth })
    for (let round = 0; round < 3; round += 1) {
      await wrongTimes(9, () => signIn(handler, 'ann', 'wrong', {}, '192.0.2.1'))
      expect((await signIn(handler, 'ann', password, {}, '192.0.2.1')).status).toBe(200)
    }
  })

  it('is not helped by a header that the caller may write, nor by the many addresses of one network', async () => {
    const { handler } = guard({ auth })
    const forwarded = (index: number) => {
      const { headers, ...rest } = command({ username: 'ann', password: 'wrong' })
      const told = { ...headers, 'x-forwarded-for': `198.51.100.${index}`, forwarded: `for=198.51.100.${index}` }
      return ask(handler, '/auth/login', { ...rest, headers: told }, { remoteAddress: '192.0.2.1' })
    }
    await wrongTimes(10, forwarded)
    expect((await forwarded(11)).status).toBe(429)
    const inNetwork = (index: number) => signIn(handler, 'otto', 'wrong', {}, `2001:db8::${index}`)
    await wrongTimes(10, inNetwork)
    expect((await inNetwork(99)).status).toBe(429)
    expect((await signIn(handler, 'otto', password, {}, '2001:db8:0:1::1')).status).toBe(200)
  })

  it('is not helped by trying all at once', async () => {
    const { handler } = guard({ auth })
    const tries = Array.from({ length: 40 }, () => signIn(handler, 'ann', 'wrong', {}, '192.0.2.1'))
    const statuses = (await Promise.all(tries)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.filter((status) => status === 429)).toHaveLength(30)
  })

  it('behind a trusted proxy is counted by the address that the proxy tells', async () => {
    const { handler } = guard({ auth, trustProxy: true })
    const from = (forwarded: string) => {
      const { headers, ...rest } = command({ username: 'ann', password: 'wrong' })
      return ask(handler, '/auth/login', { ...rest, headers: { ...headers, 'x-forwarded-for': forwarded } })
    }
    await wrongTimes(10, (index) => from(`10.0.0.${index}, 192.0.2.1`))
    expect((await from('10.0.0.99, 192.0.2.1')).status).toBe(429)
    expect((await from('10.0.0.1, 192.0.2.2')).status).toBe(401)
  })

  it('by a million names takes no more memory than by thousands', () => {
    const throttle = new Throttle(createFakeClock())
    for (let index = 0; index < 100_000; index += 1) {
      const admission = throttle.admit(`user-${index}`, `192.0.${index >> 8}.${index & 255}`)
      if ('wrong' in admission) admission.wrong()
    }
    expect(throttle.size).toBe(20_000)
  })

  it('is forgotten when it was right, and when nobody could say', () => {
    const throttle = new Throttle(createFakeClock())
    for (const end of ['right', 'undecided'] as const) {
      const admission = throttle.admit('ann', '192.0.2.1')
      if (end in admission) (admission as { [K in typeof end]: () => void })[end]()
    }
    expect(throttle.size).toBe(0)
  })
})
