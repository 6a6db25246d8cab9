import { expect } from 'vitest'
import { TaskManager } from '@taskloom/engine'
import { codeOf, openHouse, proof, type House } from '../house.ts'
import { shownLiterally } from '../pages.ts'
import type { Row } from './row.ts'

interface Listed {
  readonly total: number
  readonly tasks: readonly { readonly task_id: string; readonly func_name: string }[]
}

async function search(house: House, q: string): Promise<Listed> {
  const answer = await house.ask(`?${new URLSearchParams({ q }).toString()}`, { headers: await house.signIn() })
  expect(answer.status, q).toBe(200)
  return JSON.parse(answer.body) as Listed
}

/** Section 3.5: what comes in stays what it is. */
export const contentRows: readonly Row[] = [
  { id: 'A31', title: 'text is text, wherever it is shown', show: (house) => shownLiterally(house) },
  {
    id: 'A32',
    title: 'nothing that is asked becomes a statement',
    async show(house) {
      const session = await house.signIn()
      for (const query of ['sort=created_at;DROP TABLE tasks', 'order=desc,(select 1)', 'q=\0']) {
        expect(codeOf(await house.ask(`?${encodeURI(query)}`, { headers: session })), query).toBe('400 bad_query')
      }
      for (const name of ['per%cent', 'under_score', 'back\\slash', 'percent']) {
        house.tasks.define(name, () => undefined)
        await house.tasks.enqueue(name)
      }
      const found = async (q: string) => (await search(house, q)).tasks.map(({ func_name }) => func_name)
      expect(await found('r%c')).toEqual(['per%cent'])
      expect(await found('r_s')).toEqual(['under_score'])
      expect(await found('k\\s')).toEqual(['back\\slash'])
      expect(await found("' OR 1=1--")).toEqual([])
      expect(await found('error:"\' OR 1=1--"')).toEqual([])
    },
  },
  {
    id: 'A33',
    title: 'no cell of an export is a formula, and numbers stay numbers',
    async show(house) {
      const errors = ['=HYPERLINK("http://x")', '@SUM(1)', '\t=1', '-2+3', '＝1', 'a"b,c;d\ne']
      const fail = house.tasks.define('fail_with', (text: string) => Promise.reject(new Error(text)))
      const ids = await Promise.all(errors.map((text) => house.tasks.enqueue(fail, [text], { priority: -5 })))
      await Promise.all(ids.map(({ id }) => house.tasks.wait(id)))
      const { body, headers } = await house.ask('/export.csv?func_name=fail_with', { headers: await house.signIn() })
      expect(headers['content-type']).toContain('text/csv')
      expect(body).not.toMatch(/(^|[,\n])"?[=+@＝＋－＠\t]/m)
      // Durations and retries.
      expect(body).toMatch(/,failed,\d+,0,/)
      expect(body).toContain('a""b,c;d')
    },
  },
  {
    id: 'A34',
    title: 'no prototype is reached',
    async show(house) {
      const session = await house.signIn()
      for (const body of ['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}']) {
        const asked = { method: 'POST', headers: { ...session, ...proof }, body }
        expect([200, 400, 404]).toContain((await house.ask('/nobody/cancel', asked)).status)
      }
      expect((await house.ask('?__proto__[x]=1', { headers: session })).status).toBe(400)
      for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
        house.tasks.define(name, () => undefined)
        const tags = JSON.parse('{"__proto__":"x"}') as Record<string, string>
        await house.tasks.wait((await house.tasks.enqueue(name, [], { tags })).id)
        const { body } = await house.ask(`?func_name=${name}`, { headers: session })
        expect((JSON.parse(body) as Listed).total, name).toBe(1)
      }
      expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
    },
  },
  {
    id: 'A35',
    title: 'nobody assigns what is the server’s to say',
    async show(house) {
      const session = await house.signIn('otto')
      const taskId = await house.failed()
      const body = JSON.stringify({
        id: 'mine',
        status: 'success',
        owner: 'root',
        attempt: 9,
        created_at: 0,
        actor: 'root',
        encrypted_payload: 'x',
        reason: 'again',
      })
      const answer = await house.askOne(`/${taskId}/retry`, { method: 'POST', headers: { ...session, ...proof }, body })
      expect([200, 400]).toContain(answer.status)
      const admin = await house.signIn()
      const { entries } = JSON.parse((await house.ask('/audit?action=retry', { headers: admin })).body) as {
        entries: { actor: string; target: string }[]
      }
      expect(entries.find(({ target }) => target === taskId)?.actor).toBe('otto')
      expect((await house.tasks.get(taskId))?.status).toBe('failed')
      expect(await house.tasks.get('mine')).toBeUndefined()
    },
  },
  {
    id: 'A36',
    title: 'no search and no trigger takes long to be refused',
    async show(house) {
      const session = await house.signIn()
      const long = new URLSearchParams({ q: `${'a'.repeat(10_000)}!` }).toString()
      const raw = await house.ask(`?${long}`, { headers: session })
      expect(codeOf(raw)).toBe('400 bad_query')
      const tasks = new TaskManager()
      const triggers = [
        { cron: `${'*/1,'.repeat(10_000)}* * * * *` },
        { cron: '1-99999999 * * * *' },
        { cron: '* * * * *', timezone: 'No/Where' },
      ]
      for (const trigger of triggers) {
        const begun = process.cpuUsage()
        expect(() => tasks.schedule('x', trigger, () => undefined)).toThrow(
          expect.objectContaining({ code: 'bad_option' }) as Error,
        )
        expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(1_000)
      }
      await tasks.shutdown()
    },
  },
  {
    id: 'A37',
    title: 'what is stored is data, never code',
    async show(house) {
      const seen: unknown[] = []
      const take = house.tasks.define('take', (value: unknown) => void seen.push(value))
      const odd = { $type: 'Function', source: 'process.exit(1)', toString: 'x', then: 'y' }
      const { id } = await house.tasks.enqueue(take, [odd])
      await house.tasks.wait(id)
      expect(seen).toEqual([odd])
      await expect(house.tasks.enqueue('process.exit')).rejects.toMatchObject({ code: 'not_registered' })
    },
  },
  {
    id: 'A38',
    title: 'enqueueing over HTTP is off unless it is asked for, and knows registered names only',
    async show(house) {
      const asked = async (of: House) => ({
        method: 'POST',
        headers: { ...(await of.signIn()), ...proof },
        body: '{"args":[]}',
      })
      const closed = await house.ask('/functions/wait/enqueue', await asked(house))
      expect([403, 404, 501]).toContain(closed.status)
      const open = await openHouse({ enqueue: true })
      try {
        expect(codeOf(await open.ask('/functions/process.exit/enqueue', await asked(open)))).toBe('409 not_registered')
        expect((await open.askOne('/functions/wait/enqueue', await asked(open))).status).toBe(200)
      } finally {
        await open.close()
      }
    },
  },
]
