import { createFakeClock, ScriptedSource, type FakeClock } from '@taskloom/testkit'
import { createHandler, type Handler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { computeHash, formatHash } from '../../packages/engine/src/server/identity/passwords.ts'
import type { SessionStore } from '../../packages/engine/src/stores/sessions.ts'
import { fixedNow } from './mounted.ts'
import { ask, command, readJson } from './request.ts'

export const secretKey = 'f3a9-K!zq7-wB2m_Xc8%tY5p(Lr1)vNd6'
export const password = 'correct horse'

/** A hash that is quick to check: what a guess costs is not the matter of most tests. */
export async function quickHash(text: string): Promise<string> {
  return formatHash(await computeHash(text, Buffer.from('salt of a test'), { n: 1_024, r: 1, p: 1 }))
}

/** One user of each role, and one who sees a part only. */
export async function users() {
  const hash = await quickHash(password)
  return [
    { username: 'ann', password: hash },
    { username: 'otto', password: hash, role: 'operator' },
    { username: 'vera', password: hash, role: 'viewer', queues: ['mail'] },
  ] as const
}

/** A handler whose callers must say who they are, at a time that passes when the test says so. */
export interface Guarded {
  readonly clock: FakeClock
  readonly source: ScriptedSource
  readonly handler: Handler
  readonly errors: unknown[]
}

export function guard(options: HandlerOptions, sessions?: SessionStore, clock = createFakeClock(fixedNow)): Guarded {
  const source = Object.assign(new ScriptedSource(), sessions && { sessions })
  const errors: unknown[] = []
  const handler = createHandler(source, { secretKey, clock, onError: (error) => errors.push(error), ...options })
  return { clock, source, handler, errors }
}

/** Signs in as a program does. */
export function signIn(
  handler: Handler,
  username: string,
  typed = password,
  more: object = {},
  remoteAddress?: string,
) {
  return ask(handler, '/auth/login', command({ username, password: typed, ...more }), { remoteAddress })
}

/** The pair `name=value` that the browser would send back. */
export function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}

export async function tokenOf(handler: Handler, username = 'ann'): Promise<string> {
  return (await readJson(await signIn(handler, username, password, { token: true })))['token'] as string
}

/** The status of a plain read with these headers. */
export async function statusWith(handler: Handler, headers: Record<string, string>): Promise<number> {
  return (await ask(handler, '/', { headers })).status
}

export const asCookie = (token: string) => ({ cookie: `taskloom_session=${token}` })
export const asBearer = (token: string) => ({ authorization: `Bearer ${token}` })
