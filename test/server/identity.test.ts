import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import {
  asBearer,
  asCookie,
  guard,
  password,
  quickHash,
  secretKey,
  statusWith,
  tokenOf,
  users,
} from './identity-scene.ts'
import { ask, codeOf, readJson } from './request.ts'

let auth: Awaited<ReturnType<typeof users>>
beforeAll(async () => {
  auth = await users()
})

const whoIs = async (options: HandlerOptions, headers: Record<string, string>, native?: unknown) =>
  readJson(await ask(guard(options).handler, '/auth/session', { headers }, { native }))

describe('callers', () => {
  it('are nobody in particular where nobody is asked', async () => {
    expect(await whoIs({}, {})).toEqual({
      name: 'anonymous',
      role: 'admin',
      via: 'nobody',
      expires_at: null,
      sign_in: 'none',
    })
  })

  it('are let in with a session, as a cookie or as a bearer, with the rights of their user', async () => {
    const { handler } = guard({ auth })
    const token = await tokenOf(handler, 'vera')
    for (const headers of [asCookie(token), asBearer(token)]) {
      const session = await readJson(await ask(handler, '/auth/session', { headers }))
      expect(session).toMatchObject({ name: 'vera', role: 'viewer', via: 'session', sign_in: 'page' })
      expect(session['expires_at']).toBe('2026-01-06T12:00:00.000Z')
    }
  })

  it('are let in with a key, in either header', async () => {
    const options = {
      apiKey: 'top-key-0123456789',
      auth: { apiKeys: [{ name: 'ci', key: 'ci-key-0123456789', role: 'operator' as const }] },
    }
    expect(await whoIs(options, { 'x-api-key': 'ci-key-0123456789' })).toMatchObject({
      name: 'ci',
      role: 'operator',
      via: 'key',
    })
    expect(await whoIs(options, asBearer('top-key-0123456789'))).toMatchObject({
      name: 'api-key',
      role: 'admin',
      sign_in: 'none',
    })
    const { handler } = guard(options)
    for (const key of ['top-key-012345678', 'top-key-01234567890', 'TOP-KEY-0123456789', '']) {
      expect(await statusWith(handler, { 'x-api-key': key })).toBe(401)
    }
    expect(await statusWith(handler, {})).toBe(401)
  })

  it('are never told the key itself', async () => {
    const answer = await whoIs({ apiKey: 'top-key-0123456789' }, asBearer('top-key-0123456789'))
    expect(JSON.stringify(answer)).not.toContain('0123456789')
  })
})

describe('tokens that are not ours', () => {
  it('let nobody in, whichever letter differs', async () => {
    const { handler } = guard({ auth })
    const token = await tokenOf(handler)
    const flipped = [...token].map(
      (letter, at) => token.slice(0, at) + (letter === 'A' ? 'B' : 'A') + token.slice(at + 1),
    )
    // The last letters have bits that their bytes do not show.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const lastOnes = [...alphabet].map((letter) => token.slice(0, -1) + letter).filter((other) => other !== token)
    for (const other of [...flipped, ...lastOnes]) {
      expect(await statusWith(handler, asCookie(other)), other).toBe(401)
      expect(await statusWith(handler, asBearer(other)), other).toBe(401)
    }
    expect(await statusWith(handler, asCookie(token))).toBe(200)
  })

  it('let nobody in, whatever they look like', async () => {
    const { handler, errors } = guard({ auth })
    const token = await tokenOf(handler)
    const [id = '', signature = ''] = token.split('.')
    const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${Buffer.from('{"sub":"ann"}').toString('base64url')}.`
    const odd = [
      unsigned,
      `${id}.`,
      id,
      `.${signature}`,
      `${id}..${signature}`,
      `${token}.`,
      ` ${token}x`,
      `"${token}"`,
    ]
    const odder = [
      '',
      'ä'.repeat(20).slice(0, 0),
      '%%%',
      '=',
      ';',
      'x'.repeat(10_000),
      `${id}.${'='.repeat(43)}`,
      '{}',
      'null',
    ]
    for (const text of [...odd, ...odder]) {
      expect(await statusWith(handler, asCookie(text)), text).toBe(401)
      if (text !== '') expect(await statusWith(handler, asBearer(text)), text).toBe(401)
    }
    expect(errors).toEqual([])
  })

  it('let nobody in when there are two cookies of the name, even twice the same', async () => {
    const { handler } = guard({ auth })
    const token = await tokenOf(handler)
    const { cookie } = asCookie(token)
    expect(await statusWith(handler, { cookie: `a=1; ${cookie}; b=2` })).toBe(200)
    expect(await statusWith(handler, { cookie: `${cookie}; taskloom_session=x` })).toBe(401)
    expect(await statusWith(handler, { cookie: `${cookie}; ${cookie}` })).toBe(401)
  })

  it('let nobody in when another key signed them, or when they stand in the URL', async () => {
    const { handler } = guard({ auth })
    const token = await tokenOf(guard({ auth, secretKey: secretKey.toUpperCase() }).handler)
    expect(await statusWith(handler, asCookie(token))).toBe(401)
    const own = await tokenOf(handler)
    for (const name of ['token', 'access_token', 'taskloom_session', 'key']) {
      expect((await ask(handler, `/?${name}=${own}`)).status).toBe(401)
    }
  })

  it('do not fall back on a cookie', async () => {
    const { handler } = guard({ auth })
    const token = await tokenOf(handler)
    expect(await statusWith(handler, { ...asCookie(token), 'x-api-key': 'something-else-of-16' })).toBe(401)
    // Credentials for a proxy on the way are none of ours.
    expect(await statusWith(handler, { ...asCookie(token), authorization: 'Basic YTpi' })).toBe(200)
  })
})

describe('the login of the host', () => {
  it('says who it is, from the request of the framework', async () => {
    const seen: unknown[] = []
    const options: HandlerOptions = {
      auth: (request, { native, remoteAddress }) => {
        seen.push(request.headers.get('cookie'), remoteAddress)
        return (native as { readonly user?: { readonly name: string; readonly role: 'operator' } }).user
      },
    }
    const user = { name: 'Zoë', role: 'operator' }
    expect(await whoIs(options, { cookie: 'sid=1' }, { user })).toMatchObject({ ...user, via: 'host', sign_in: 'host' })
    const { handler } = guard(options)
    expect(await codeOf(ask(handler, '/', {}, { native: {}, remoteAddress: '192.0.2.7' }))).toBe('401 unauthenticated')
    expect((await ask(handler, '/dashboard', {}, { native: {} })).status).toBe(401)
    expect(seen).toContain('sid=1')
    expect(seen).toContain('192.0.2.7')
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('secret of the host')
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret of the host'))],
    ['returns true', () => true],
    ['returns a text', () => 'ann'],
    ['returns a user without a role', () => ({ name: 'ann' })],
    ['returns a user with a role that is none', () => ({ name: 'ann', role: 'root' })],
    ['returns a user without a name', () => ({ role: 'admin' })],
    ['returns a user with an empty name', () => ({ name: ' ', role: 'admin' })],
    ['returns a user with odd queues', () => ({ name: 'ann', role: 'admin', queues: 'mail' })],
    ['returns a list', () => [{ name: 'ann', role: 'admin' }]],
    ['returns a promise of garbage', () => Promise.resolve(7)],
  ])('lets nobody in when it %s', async (_words, authenticate) => {
    const { handler, errors, source } = guard({ auth: authenticate as never })
    const list = vi.spyOn(source, 'list')
    const response = await ask(handler, '/')
    expect(response.headers.get('retry-after')).not.toBeNull()
    expect(await response.clone().text()).not.toContain('secret of the host')
    expect(await codeOf(response)).toBe('503 unavailable')
    expect(errors).toHaveLength(1)
    expect(list).not.toHaveBeenCalled()
  })

  it('lets nobody in when it does not answer within ten seconds', async () => {
    const { handler, clock, errors } = guard({ auth: () => new Promise(() => undefined) })
    let status = 0
    const asked = statusWith(handler, {}).then((answered) => (status = answered))
    await clock.advance(9_999)
    expect(status).toBe(0)
    await clock.advance(1)
    expect(await asked).toBe(503)
    expect(errors).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  it('is asked only where there is neither a key nor a session', async () => {
    const authenticate = vi.fn(() => ({ name: 'host', role: 'viewer' as const }))
    const options = { auth: { users: auth, authenticate }, apiKey: 'top-key-0123456789' }
    expect(await whoIs(options, asBearer('top-key-0123456789'))).toMatchObject({ via: 'key' })
    expect(authenticate).not.toHaveBeenCalled()
    expect(await whoIs(options, asBearer('a token of the host'))).toMatchObject({ name: 'host', via: 'host' })
    expect(await whoIs(options, asCookie('x'))).toMatchObject({ name: 'host' })
  })
})

describe('the options', () => {
  const refused = (options: HandlerOptions) => {
    try {
      guard(options)
      return 'nothing'
    } catch (error) {
      return (error as { readonly details: { readonly option: string } }).details.option
    }
  }
  const user = { username: 'ann', password }

  it.each<[string, object]>([
    ['auth', { auth: [] }],
    ['auth', { auth: {} }],
    ['auth', { auth: 'ann:secret' }],
    ['auth.user', { auth: { user: [user] } }],
    ['auth.users[0].username', { auth: [{ password }] }],
    ['auth.users[0].password', { auth: [{ username: 'ann', password: '' }] }],
    ['auth.users[0].password', { auth: [{ username: 'ann', password: 'x'.repeat(1_025) }] }],
    ['auth.users[0].password', { auth: [{ username: 'ann', password: 'scrypt$1$2$3$x$y' }] }],
    ['auth.users[0].role', { auth: [{ ...user, role: 'root' }] }],
    ['auth.users[0].role', { auth: [{ ...user, role: undefined }] }],
    ['auth.users[0].queue', { auth: [{ ...user, queue: ['mail'] }] }],
    ['auth.users[0].queues', { auth: [{ ...user, queues: 'mail' }] }],
    ['auth.users[0].tags', { auth: [{ ...user, tags: { team: 1 } }] }],
    [
      'auth.users[1].username',
      {
        auth: [
          { ...user, username: 'Zoe\u0308' },
          { ...user, username: 'Zo\u00eb' },
        ],
      },
    ],
    ['auth.authenticate', { auth: { authenticate: 'yes' } }],
    ['auth.apiKeys[0].role', { auth: { apiKeys: [{ name: 'ci', key: 'ci-key-0123456789' }] } }],
    ['auth.apiKeys[0].key', { auth: { apiKeys: [{ name: 'ci', key: 'short', role: 'viewer' }] } }],
    ['apiKey', { apiKey: 'short' }],
    ['apiKey', { apiKey: [] }],
    ['apiKey', { apiKey: 'a key with blanks in it' }],
    ['secretKey', { secretKey: 'secret' }],
    ['secretKey', { secretKey: 'x'.repeat(64) }],
    ['secretKey', { secretKey: 'please-change-me-please-change-me-please' }],
    ['secretKey', { secretKey: new Uint8Array(64) }],
    ['tokenExpiry', { tokenExpiry: 'soon' }],
    ['tokenExpiry', { tokenExpiry: 0 }],
    ['idleExpiry', { idleExpiry: '9999d' }],
    ['trustProxy', { trustProxy: -1 }],
    ['trustProxy', { trustProxy: 1.5 }],
    ['trustProxy', { trustProxy: 'yes' }],
  ])('name %s when it is not understood', (name, options) => {
    expect(refused(options)).toBe(name)
  })

  it('ask for a secret key, and for passwords of some length, in production', async () => {
    const hash = await quickHash(password)
    const withoutKey = { secretKey: undefined, production: true } as object
    expect(refused({ ...withoutKey, auth: [{ username: 'ann', password: hash }] })).toBe('secretKey')
    expect(refused({ ...withoutKey, apiKey: 'top-key-0123456789' })).toBe('nothing')
    expect(refused({ production: true, auth: [{ username: 'ann', password: 'short' }] })).toBe('auth.users[0].password')
    expect(refused({ production: true, auth })).toBe('nothing')
  })

  it('make a key up elsewhere, and say so', async () => {
    const { handler } = guard({ auth, secretKey: undefined } as unknown as HandlerOptions)
    const headers = asCookie(await tokenOf(handler))
    const { notices } = await readJson(await ask(handler, '/capabilities', { headers }))
    expect(notices).toContain('Everybody must sign in again when this process ends: the mount has no secretKey.')
    const other = await readJson(
      await ask(guard({ auth }).handler, '/capabilities', { headers: asBearer(await tokenOf(handler)) }),
    )
    expect(other['code']).toBe('unauthenticated')
  })

  it('leave a mount with a key writable in production, and one without anything not', async () => {
    const actions = async (options: HandlerOptions) => {
      const { handler } = guard({ production: true, ...options })
      return (await readJson(await ask(handler, '/capabilities', { headers: asBearer('top-key-0123456789') })))[
        'actions'
      ]
    }
    expect(await actions({ apiKey: 'top-key-0123456789' })).toContain('retry')
    expect(await actions({})).not.toContain('retry')
  })
})
