import { expect } from 'vitest'
import { codeOf, type House } from '../house.ts'
import { openSocket } from '../sockets.ts'
import type { Row } from './row.ts'

/** Opens streams of one session until they are refused; gives the answers, still open. */
async function openStreams(house: House, cookie: string, count: number): Promise<Response[]> {
  const opened: Response[] = []
  for (let index = 0; index < count; index += 1) {
    opened.push(await fetch(`${house.origins[0]}/tasks/stream`, { headers: { cookie } }))
  }
  return opened
}

/** Section 3.3: live streams. */
export const liveRows: readonly Row[] = [
  {
    id: 'A20',
    title: 'WebSocket asks for origin and session before it opens',
    async show(house) {
      const session = await house.signIn()
      for (const origin of house.origins) {
        const to = `${origin}/tasks/ws`
        expect(await openSocket(to, { ...session, origin: 'https://evil.test' })).toMatchObject({ status: 403 })
        expect(await openSocket(to, session)).toMatchObject({ status: 403 })
        expect(await openSocket(to, { origin })).toMatchObject({ status: 401 })
        expect(await openSocket(`${to}?token=${session.cookie.split('=')[1]}`, { origin })).toMatchObject({
          status: 401,
        })
        const large = await openSocket(to, { ...session, origin }, 'x'.repeat(100_000))
        expect(large).toMatchObject({ status: 101, closeCode: 1009 })
        const garbage = await openSocket(to, { ...session, origin }, '{')
        expect(garbage).toMatchObject({ status: 101, closeCode: null })
        expect(garbage.messages.map((text) => (JSON.parse(text) as { event: string }).event)).toContain('error')
      }
      expect((await house.ask('/livez', { headers: session })).status).toBe(200)
    },
  },
  {
    id: 'A21',
    title: 'event streams are of this site only',
    async show(house) {
      const session = await house.signIn()
      const cross = { ...session, 'sec-fetch-site': 'cross-site' }
      expect(codeOf(await house.ask('/stream', { headers: cross }))).toBe('403 cross_origin')
      expect(codeOf(await house.ask('/stream', { method: 'POST', headers: session }))).toBe('405 method_not_allowed')
      const head = await house.ask('/stream', { method: 'HEAD', headers: session })
      expect(head.headers['cross-origin-resource-policy']).toBe('same-origin')
      expect(head.headers).not.toHaveProperty('access-control-allow-origin')
      expect((await house.ask('/stream')).status).toBe(401)
    },
  },
  {
    id: 'A22',
    title: 'one session holds ten streams at most, and locks nobody else out',
    async show(house) {
      const alice = await house.signIn('alice')
      const opened = await openStreams(house, alice.cookie, 11)
      expect(opened.map(({ status }) => status)).toEqual([...Array<number>(10).fill(200), 429])
      expect(opened[10]?.headers.get('retry-after')).toMatch(/^\d+$/)
      const vera = await house.signIn('vera')
      const other = await openStreams(house, vera.cookie, 1)
      expect(other[0]?.status).toBe(200)
      for (const response of [opened[0], opened[10]]) await response?.body?.cancel()
      await expect
        .poll(async () => {
          const [again] = await openStreams(house, alice.cookie, 1)
          await again?.body?.cancel()
          return again?.status
        })
        .toBe(200)
      for (const response of [...opened.slice(1, 10), ...other]) await response.body?.cancel()
    },
  },
]
