import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { fileLogger, taskLog, TaskManager } from '@taskloom/engine'
import { expect } from 'vitest'
import { codeOf, openHouse, people, proof, type House } from '../house.ts'
import { browserStorage } from '../pages.ts'
import type { Row } from './row.ts'

const canary = 'S3CR3T-canary'

async function inFolder(show: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-secrets-'))
  try {
    await show(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function filesOf(folder: string): Promise<string> {
  const names = await readdir(folder)
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))).join('')
}

async function entriesOf(
  house: House,
  query = '',
): Promise<{ action: string; actor: string; outcome: string; address: string; affected: string[] }[]> {
  const answer = await house.askOne(`/audit?limit=500${query}`, { headers: await house.signIn() })
  return (JSON.parse(answer.body) as { entries: never[] }).entries
}

/** Section 3.6: secrets, privacy, the audit log. */
export const secretRows: readonly Row[] = [
  {
    id: 'A39',
    title: 'sealed arguments are nowhere to be read, and cannot be moved or altered',
    show: () =>
      inFolder(async (folder) => {
        const store = join(folder, 'tasks.db')
        const options = { store, encryption: { keys: [randomBytes(32)] } }
        const tasks = new TaskManager(options)
        let ran = 0
        tasks.define('keep', () => void (ran += 1))
        await tasks.start()
        const first = await tasks.enqueue('keep', [canary], { delay: '1h' })
        const second = await tasks.enqueue('keep', ['other'], { delay: '1h' })
        const raw = await tasks.list()
        expect(JSON.stringify(raw)).not.toContain(canary)
        await tasks.shutdown()
        expect(await filesOf(folder)).not.toContain(canary)
        const db = new Database(store)
        const sealed = db.prepare('SELECT id, args FROM tasks').all() as { id: string; args: string }[]
        expect(new Set(sealed.map(({ args }) => args)).size).toBe(2)
        // Each has the arguments of the other, and is due.
        for (const { id } of sealed) {
          const { args = '' } = sealed.find((row) => row.id !== id) ?? {}
          db.prepare('UPDATE tasks SET args = ?, run_at = NULL WHERE id = ?').run(args, id)
        }
        db.close()
        const after = new TaskManager(options)
        after.define('keep', () => void (ran += 1))
        await after.start()
        const ended = await Promise.all([after.wait(first.id), after.wait(second.id)])
        expect(ended.map(({ status }) => status)).toEqual(['failed', 'failed'])
        expect(ran).toBe(0)
        await after.shutdown()
      }),
  },
  {
    id: 'A40',
    title: 'keys are rotated: the newest seals, all open, a lost one says so',
    show: () =>
      inFolder(async (folder) => {
        const store = join(folder, 'tasks.db')
        const [old, fresh] = [randomBytes(32), randomBytes(32)]
        const seen: unknown[] = []
        const run = async (keys: Uint8Array[], ids: readonly string[], enqueue: number) => {
          const tasks = new TaskManager({ store, encryption: { keys } })
          tasks.define('keep', (value: unknown) => void seen.push(value))
          await tasks.start()
          for (const id of ids) await tasks.source.runNow(id, { actor: 'test', reason: null })
          const ended = await Promise.all(ids.map((id) => tasks.wait(id)))
          const made = await Promise.all(
            Array.from({ length: enqueue }, () => tasks.enqueue('keep', [canary], { delay: '1h' })),
          )
          await tasks.shutdown()
          return {
            statuses: ended.map(({ status, error }) => `${status} ${error ?? ''}`),
            ids: made.map(({ id }) => id),
          }
        }
        const before = await run([old], [], 2)
        const rotated = await run([fresh, old], before.ids.slice(0, 1), 1)
        expect([rotated.statuses, seen]).toEqual([['success '], [canary]])
        const lost = await run([fresh], [...before.ids.slice(1), ...rotated.ids], 0)
        expect(lost.statuses[0]).toMatch(/^failed .*key/i)
        expect(lost.statuses[1]).toBe('success ')
      }),
  },
  {
    id: 'A41',
    title: 'secrets are masked wherever data is shown, and arguments are hidden unless they are asked for',
    async show(house) {
      const hidden = await house.ask(`/${await house.failed()}`, { headers: await house.signIn() })
      expect(JSON.parse(hidden.body)).not.toHaveProperty('args')
      const open = await openHouse({ displayArgs: true })
      try {
        const args = [
          {
            password: canary,
            apiToken: canary,
            user: { authorization: canary, Cookie: canary, name: 'Ann' },
            secret: [canary],
          },
        ]
        open.tasks.define('login', () => {
          taskLog('signing in', { password: canary })
          throw new Error(`connect postgres://me:${canary}@db/x failed`, { cause: new Error(`password=${canary}`) })
        })
        const { id } = await open.tasks.enqueue('login', args)
        await open.tasks.wait(id)
        const headers = await open.signIn()
        const shown: string[] = []
        for (const path of [`/${id}`, `/${id}/logs`, '', '/export.csv', '/export.json', '/errors']) {
          shown.push((await open.ask(path, { headers })).body)
        }
        expect(shown.join('\n')).not.toContain(canary)
        expect(shown[0]).toContain('***')
        expect(shown[0]).toContain('Ann')
      } finally {
        await open.close()
      }
    },
  },
  {
    id: 'A42',
    title: 'failures of the server keep their words to themselves',
    async show() {
      const house = await openHouse({ auth: (() => ({ name: 'alice', role: 'admin' })) as never })
      try {
        await house.tasks.shutdown()
        const answer = await house.ask('')
        expect(answer.status).toBe(503)
        const problem = JSON.parse(answer.body) as Record<string, unknown>
        expect(Object.keys(problem).sort()).toEqual(['code', 'extra', 'status', 'title', 'type'])
        expect(answer.body).not.toMatch(/shut|at .*\.(ts|js)/i)
        expect(house.errors.length).toBeGreaterThan(0)
      } finally {
        await house.close()
      }
    },
  },
  {
    id: 'A43',
    title: 'one log call is one line of the file',
    show: () =>
      inFolder(async (folder) => {
        const path = join(folder, 'tasks.log')
        const tasks = new TaskManager({ observers: [fileLogger(path)] })
        const talk = tasks.define('talk', () => taskLog('ok\n[2026] FAKE admin login\u001b[31m red'))
        await tasks.start()
        await tasks.wait((await tasks.enqueue(talk, [])).id)
        await tasks.shutdown()
        const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.includes('FAKE'))
        expect(lines).toHaveLength(1)
        expect(lines[0]).not.toMatch(/^\[2026\]/)
        expect(lines[0]).not.toContain('\u001b')
      }),
  },
  {
    id: 'A44',
    title: 'what operators do is written down for good, and a changed entry is found',
    show: () =>
      inFolder(async (folder) => {
        const store = join(folder, 'tasks.db')
        const house = await openHouse({}, store)
        try {
          const alice = { ...(await house.signIn()), ...proof }
          const [one, two, three] = [await house.failed(), await house.failed(), await house.waiting()]
          const post = { method: 'POST', headers: alice, body: '{"reason":"because"}' }
          expect((await house.askOne(`/${one}/retry`, post)).status).toBe(200)
          expect((await house.askOne(`/${three}/cancel`, post)).status).toBe(200)
          const ids = JSON.stringify({ task_ids: [one, two] })
          expect((await house.askOne('/bulk-retry', { ...post, body: ids })).status).toBe(200)
          await house.askOne('/export.csv', { headers: alice })
          await house.askOne('/auth/login', {
            ...post,
            headers: proof,
            body: JSON.stringify({ username: 'alice', password: 'wrong' }),
          })
          const clear = { method: 'DELETE', headers: alice }
          expect((await house.askOne('/history?value=1&unit=min', clear)).status).toBe(200)
          const entries = await entriesOf(house)
          for (const action of ['retry', 'cancel', 'bulk_retry', 'export', 'login', 'clear_history']) {
            expect(
              entries.map((entry) => entry.action),
              action,
            ).toContain(action)
          }
          const retried = entries.findLast(({ action, outcome }) => action === 'retry' && outcome === 'ok')
          expect(retried).toMatchObject({
            actor: 'alice',
            address: expect.stringContaining('127.0.0.1') as string,
            reason: 'because',
          })
          expect(entries.some(({ action, outcome }) => action === 'login' && outcome !== 'ok')).toBe(true)
          expect((await house.tasks.verifyAudit()).broken).toBeNull()
        } finally {
          await house.close()
        }
        const db = new Database(store)
        expect(() => db.exec("UPDATE audit SET actor = 'mallory' WHERE seq = 2")).toThrow()
        const triggers = db
          .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
          .pluck()
          .all() as string[]
        for (const name of triggers) db.exec(`DROP TRIGGER ${name}`)
        db.exec("UPDATE audit SET actor = 'mallory' WHERE seq = 2")
        db.close()
        const tasks = new TaskManager({ store })
        await tasks.open()
        expect((await tasks.verifyAudit()).broken).toMatchObject({ seq: 2 })
        await tasks.shutdown()
      }),
  },
  {
    id: 'A45',
    title: 'no secret is in an address or in the browser’s storage',
    async show(house) {
      const { storage, addresses, cookies } = await browserStorage(house)
      const everything = `${storage}\n${addresses.join('\n')}`
      expect(addresses.length).toBeGreaterThan(3)
      expect(cookies).toBe('')
      expect(everything).not.toContain(people.alice.password)
      const { cookie } = await house.signIn()
      expect(codeOf(await house.ask(`/metrics?token=${cookie.split('=')[1] ?? ''}`))).toBe('401 unauthenticated')
    },
  },
]
