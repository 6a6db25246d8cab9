import { expect } from 'vitest'
import { codeOf, proof, type House } from '../house.ts'
import type { Row } from './row.ts'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const idsOf = ({ body }: { readonly body: string }) =>
  (JSON.parse(body) as { tasks: { task_id: string }[] }).tasks.map(({ task_id }) => task_id)

/** A failed task, one that waits, and a token for the first. */
async function open(house: House): Promise<{ mine: string; other: string; token: string }> {
  const [mine, other] = [await house.failed(), await house.waiting()]
  return { mine, other, token: await house.tasks.publicToken(mine) }
}

/** Tokens for end users; each row holds whether or not anybody else has to sign in. */
export const publicRows: readonly Row[] = [
  {
    id: 'P1',
    title: 'a token shows its task and no other, also where everybody else sees all',
    async show(house) {
      const { mine, other, token } = await open(house)
      // Open mounts answer what was asked before from memory, before they look at anything else.
      for (const path of ['', '/', '?limit=5']) {
        await house.ask(path)
        await house.ask(path)
        expect(idsOf(await house.ask(path, { headers: bearer(token) }))).toEqual([mine])
      }
      expect((await house.ask(`/${mine}`, { headers: bearer(token) })).status).toBe(200)
      expect(codeOf(await house.ask(`/${other}`, { headers: bearer(token) }))).toBe('404 unknown_task')
      const body = (await house.ask(`/${mine}`, { headers: bearer(token) })).body
      expect(body).not.toMatch(/refused|node:|\.ts:|\.js:/)
    },
  },
  {
    id: 'P2',
    title: 'a token that was changed, cut or made up lets nobody in, and least of all as somebody else',
    async show(house) {
      const { token } = await open(house)
      const [text = '', signature = ''] = token.split('.')
      const made = Buffer.from(JSON.stringify([1, 9e9, 7, '*'])).toString('base64url')
      const bad = [
        `${token}A`,
        text,
        `${text}.`,
        `tlp_${made}.${signature}`,
        `tlp_${'A'.repeat(7_000)}.${signature}`,
        'tlp_',
      ]
      const session = await house.signIn().catch(() => ({ cookie: 'taskloom_session=none' }))
      for (const value of bad) {
        expect(codeOf(await house.ask('/', { headers: { ...bearer(value), ...session } }))).toBe('401 unauthenticated')
      }
    },
  },
  {
    id: 'P3',
    title: 'a token ends when it says',
    async show(house) {
      const { mine } = await open(house)
      const token = await house.tasks.publicToken(mine, { expiresIn: '1m' })
      expect((await house.ask('/', { headers: bearer(token) })).status).toBe(200)
      house.clock.shiftMs += 61_000
      expect(codeOf(await house.ask('/', { headers: bearer(token) }))).toBe('401 unauthenticated')
      house.clock.shiftMs -= 61_000
    },
  },
  {
    id: 'P4',
    title: 'a token changes nothing, and reads nothing of the place itself',
    async show(house) {
      const { mine, other, token } = await open(house)
      const headers = { ...proof, ...bearer(token) }
      const commands = [
        `/${mine}/retry`,
        `/${other}/cancel`,
        `/${other}/run-now`,
        '/bulk',
        '/bulk-retry',
        '/retry-failed?since=all',
      ]
      for (const path of commands) {
        const body =
          path === '/bulk' ? '{"action":"retry","filter":{}}' : path === '/bulk-retry' ? '{"task_ids":[]}' : '{}'
        expect(`${path} ${codeOf(await house.ask(path, { method: 'POST', headers, body }))}`).toBe(
          `${path} 403 forbidden`,
        )
      }
      expect(codeOf(await house.ask(`/${mine}`, { method: 'DELETE', headers }))).toBe('403 forbidden')
      const reads = [
        '/metrics',
        '/functions',
        '/queues',
        '/schedules',
        '/workers',
        '/errors',
        '/audit',
        '/operations',
        '/health',
      ]
      for (const path of [
        ...reads,
        '/panels',
        '/export.csv',
        '/auth/session',
        '/dashboard',
        `/${mine}/logs`,
        `/${mine}/lineage`,
      ]) {
        expect(`${path} ${codeOf(await house.ask(path, { headers: bearer(token) }))}`).toBe(`${path} 403 forbidden`)
      }
      expect((await house.tasks.get(other))?.status).toBe('pending')
      expect((await house.tasks.get(mine))?.retryCount).toBe(0)
    },
  },
  {
    id: 'P5',
    title: 'a token is read from its header alone',
    async show(house) {
      const { mine, token } = await open(house)
      for (const path of [`/?token=${token}`, `/?access_token=${token}`, `/${mine}?authorization=${token}`]) {
        expect((await house.ask(path)).body).not.toContain(token)
        expect([400, 401]).toContain((await house.ask(path)).status)
      }
      expect(
        (await house.ask('/auth/session', { headers: { cookie: `taskloom_session=${token}` } })).body,
      ).not.toContain(token)
    },
  },
]
