import {
  insertTask,
  saveTask,
  transition,
  type AuditDraft,
  type CountDifference,
  type StrayKind,
} from '@taskloom/engine/store'
import { buildId, buildRecord } from '@taskloom/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { useServer } from '../servers/use-server.ts'
import { instanceOn, losingAnAnswer, sqlKinds, type SqlInstance } from './sql-instances.ts'

const now = Date.UTC(2026, 0, 5, 12, 30)
let ids = 0
const nextId = () => buildId(now, (ids += 1))

describe.each(sqlKinds)('what instances share on %s', (_, { starts, open }) => {
  const server = useServer(starts)
  const opened: SqlInstance[] = []
  afterEach(async () => {
    for (const instance of opened.splice(0)) await instance.close()
  })
  const instances = async (count: number): Promise<readonly SqlInstance[]> => {
    const url = await server.database()
    for (let index = 0; index < count; index += 1) opened.push(instanceOn(await open(url)))
    return opened
  }
  const one = async (): Promise<SqlInstance> => (await instances(1))[0]!
  /** An instance on the same database whose first answer to a COMMIT is lost. */
  const losing = ({ database }: SqlInstance, isCommitted: boolean) => instanceOn(losingAnAnswer(database, isCommitted))

  describe('the audit log', () => {
    it('is one chain, whoever adds to it', async () => {
      const all = await instances(3)
      const asked = all.flatMap((instance) =>
        Array.from({ length: 10 }, () => instance.audit.append([draft(), draft()])),
      )
      const seqs = (await Promise.all(asked)).flatMap((entries) => entries.map(({ seq }) => seq))
      expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
      expect(await all[0]!.audit.verify({ from: 1, limit: 100 })).toMatchObject({
        checked: 60,
        next: null,
        broken: null,
      })
    })

    it('refuses to be changed or cut, also by hand', async () => {
      const { audit, database } = await one()
      await audit.append([draft(), draft()])
      for (const sql of [
        "UPDATE @audit SET actor = 'eve' WHERE seq = 1",
        'DELETE FROM @audit WHERE seq = 2',
        'DELETE FROM @audit_about',
      ]) {
        await expect(database.session.run(sql), sql).rejects.toThrow(/only added/)
      }
      expect(await audit.verify({ from: 1, limit: 9 })).toMatchObject({ checked: 2, broken: null })
    })

    it('shows what was forged or cut off by somebody who took that away', async () => {
      const { audit, database } = await one()
      await audit.append([draft(), draft(), draft()])
      await unprotect(database)
      await database.session.run('DELETE FROM @audit WHERE seq = 3')
      expect(await audit.verify({ from: 1, limit: 9 })).toMatchObject({ broken: { seq: 3, why: 'tail_cut' } })
      await database.session.run("UPDATE @audit SET actor = 'eve' WHERE seq = 2")
      expect(await audit.verify({ from: 1, limit: 9 })).toMatchObject({ broken: { seq: 2, why: 'changed' } })
    })

    it('records nothing without its head, as nobody would wait for the others', async () => {
      const { audit, queueControls, database } = await one()
      await database.session.run('DELETE FROM @audit_head')
      await expect(audit.append([draft()])).rejects.toMatchObject({ code: 'store_failed' })
      const pausing = queueControls.pause({ queue: 'mail', since: 1, by: 'ann' }, draft())
      await expect(pausing).rejects.toMatchObject({ code: 'store_failed' })
      expect(await queueControls.paused()).toEqual([])
    })

    it('tells an entry once when no answer to its COMMIT came', async () => {
      const instance = await one()
      for (const isCommitted of [true, false]) {
        const { audit, queueControls } = losing(instance, isCommitted)
        const [entry] = await audit.append([draft()])
        expect(entry?.seq).toBe(isCommitted ? 1 : 2)
        expect(await queueControls.paused()).toEqual([])
      }
      expect((await instance.audit.list({ cursor: null, limit: 9 })).entries).toHaveLength(2)
    })
  })

  describe('a write without an answer to its COMMIT', () => {
    it.each([true, false])('is done once, committed: %s', async (isCommitted) => {
      const instance = await one()
      const again = () => losing(instance, isCommitted)
      const operationId = nextId()
      expect(await again().operations.create(newOperation(operationId), null, draft())).toMatchObject({ total: 0 })
      expect(await again().operations.claim(operationId, 'w1', null, now)).toMatchObject({ workerId: 'w1' })
      const slice = { operationId, workerId: 'w1', from: null, to: 'b', taskIds: ['a', 'b'], isLast: true }
      await insertTask(instance.tasks, buildRecord())
      const second = nextId()
      await instance.operations.create(newOperation(second), null)
      await instance.operations.claim(second, 'w1', null, now)
      expect(await again().operations.collect({ ...slice, operationId: second })).toBe(true)
      expect(await instance.operations.get(second)).toMatchObject({ total: 2, isCollected: true })
      const result = { operationId: second, outcome: 'skipped', reason: 'x', newTaskId: null, at: now } as const
      await again().operations.settle([{ ...result, taskId: 'a' }])
      expect(await instance.operations.get(second)).toMatchObject({ skipped: 1 })
      const end = { operationId: second, workerId: 'w1', status: 'done', error: null, at: now } as const
      expect(await again().operations.finish(end, draft())).toBe(true)
      expect(await again().queueControls.pause({ queue: 'q', since: 1, by: 'ann' }, draft())).toBe(true)
      expect(await again().queueControls.resume('q', draft())).toBe(true)
      await instance.schedules.put({ name: 's', isPaused: false, lastSlotAt: 5, missed: 0 })
      expect(await again().schedules.advance('s', 9, 2)).toBe(true)
      expect(await instance.schedules.get('s')).toMatchObject({ lastSlotAt: 9, missed: 2 })
      await instance.sessions.create(session('a'), 5)
      expect(await again().sessions.revoke('a')).toBe(true)
      const { entries } = await instance.audit.list({ cursor: null, limit: 99 })
      expect(entries).toHaveLength(4)
    })

    it('is not done when another was faster meanwhile', async () => {
      const instance = await one()
      const operationId = nextId()
      await instance.operations.create(newOperation(operationId), null)
      const other = losing(instance, false)
      const claims = await Promise.all([
        other.operations.claim(operationId, 'w1', null, now),
        instance.operations.claim(operationId, 'w2', null, now),
      ])
      expect(claims.filter((claim) => claim !== null)).toHaveLength(1)
    })
  })

  describe('a new task without an answer to its COMMIT', () => {
    it('is the own of who stored it, whatever others have made of it meanwhile', async () => {
      const instance = await one()
      const next = buildRecord({ createdAt: now, idempotencyKey: 'k' })
      const over = { status: 'failed', endTime: now, workerId: 'other', attempt: 1 } as const
      const meanwhile = () => saveTask(instance.tasks, transition(next, over))
      const { tasks } = instanceOn(losingAnAnswer(instance.database, true, meanwhile))
      const [stored] = await tasks.writeAll([{ previous: null, next, attempt: null, logs: [] }])
      expect(stored).toMatchObject({ taskId: next.taskId, status: 'failed', workerId: 'other' })
      expect(await instance.tasks.get(next.taskId)).toMatchObject(over)
    })
  })

  describe('what only one may have', () => {
    it('gives each message to one of several who take at once', async () => {
      const all = await instances(3)
      const records = Array.from({ length: 30 }, () => buildRecord({ createdAt: now }))
      const write = (record: (typeof records)[number], index: number) => ({
        ...{ previous: null, next: record, attempt: null, logs: [] },
        outbox: [
          { id: `m${index}`, recipient: 'r', event: 'complete', taskId: record.taskId, createdAt: now, body: '' },
        ],
      })
      await all[0]!.tasks.write(records.map(write))
      const question = { recipient: 'r', now: now + 1, until: now + 60_000, limit: 4 }
      const taken = await Promise.all(
        all.map(async ({ outbox }) => {
          const ids: string[] = []
          for (
            let messages = await outbox.take(question);
            messages.length > 0;
            messages = await outbox.take(question)
          ) {
            ids.push(...messages.map(({ id }) => id))
          }
          return ids
        }),
      )
      expect(taken.flat()).toHaveLength(30)
      expect(new Set(taken.flat()).size).toBe(30)
    })

    it('has one secret, one owner, one who moves a schedule on, one who pauses', async () => {
      const all = await instances(3)
      const secrets = await Promise.all(all.map(({ secrets }, index) => secrets.keep('key', `secret ${index}`)))
      expect(new Set(secrets).size).toBe(1)
      const operationId = nextId()
      await all[0]!.operations.create(newOperation(operationId), null)
      const owners = all.map(({ operations }, index) => operations.claim(operationId, `w${index}`, null, now))
      expect((await Promise.all(owners)).filter((claim) => claim !== null)).toHaveLength(1)
      await Promise.all(
        all.map(({ schedules }) => schedules.put({ name: 's', isPaused: false, lastSlotAt: 1, missed: 0 })),
      )
      const moved = await Promise.all(all.map(({ schedules }) => schedules.advance('s', 7, 1)))
      expect(moved.filter(Boolean)).toHaveLength(1)
      expect(await all[0]!.schedules.get('s')).toMatchObject({ lastSlotAt: 7, missed: 1 })
      const paused = all.map(({ queueControls }) => queueControls.pause({ queue: 'q', since: 1, by: 'ann' }, draft()))
      expect((await Promise.all(paused)).filter(Boolean)).toHaveLength(1)
    })

    it('deletes old tasks in full portions, each task once, whoever else does', async () => {
      const all = await instances(3)
      const ended = { status: 'success', endTime: now, durationMs: 1 } as const
      const records = Array.from({ length: 120 }, () => buildRecord({ createdAt: now, ...ended }))
      await all[0]!.tasks.write(records.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
      const question = { statuses: ['success'], endedBefore: now + 1, limit: 10 } as const
      const deleted = await Promise.all(
        all.map(async ({ tasks }) => {
          const ids: string[] = []
          for (let portion = await tasks.deleteHistory(question); portion.length > 0;) {
            ids.push(...portion)
            portion = portion.length < question.limit ? [] : await tasks.deleteHistory(question)
          }
          return ids
        }),
      )
      expect(deleted.flat()).toHaveLength(120)
      expect(new Set(deleted.flat()).size).toBe(120)
      expect(await recounted(all[0]!, false)).toEqual([])
    })

    it('settles each item of an operation once, whoever does', async () => {
      const all = await instances(2)
      const operationId = nextId()
      const taskIds = Array.from({ length: 40 }, (_, index) => `t${index}`)
      const item = { operationId, outcome: 'skipped', reason: null, newTaskId: null, at: now } as const
      const waiting = taskIds.map((taskId) => ({ ...item, taskId, outcome: 'waiting' as const }))
      await all[0]!.operations.create(newOperation(operationId), waiting)
      await all[0]!.operations.claim(operationId, 'w1', null, now)
      const settled = all.flatMap(({ operations }) => taskIds.map((taskId) => operations.settle([{ ...item, taskId }])))
      await Promise.all(settled)
      expect(await all[1]!.operations.get(operationId)).toMatchObject({ total: 40, skipped: 40 })
    })
  })

  describe('looking after it', () => {
    it('finds rows that outlived their task and deletes them', async () => {
      const { tasks, upkeep, database } = await one()
      const record = buildRecord({ createdAt: now, tags: { env: 'prod' }, locks: ['Shelf:1'] })
      await insertTask(tasks, record)
      await tasks.appendLogs(record.taskId, [{ at: now, level: 'info', message: 'x', attempt: 1, extra: null }])
      const id = nextId()
      await database.transaction(async (bulk) => {
        await bulk.insert(
          'logs',
          logColumns,
          [1, 2].map((line) => [id, line, now, 'info', 'x', 1]),
        )
        await bulk.insert('attempts', ['task_id', 'attempt', 'started_at'], [[id, 1, now]])
        await bulk.insert('task_tags', ['tag_key', 'tag_value', 'task_id'], [['env', 'prod', id]])
        await bulk.insert('locks', ['lock_key', 'task_id', 'owner', 'since'], [['Book:1', id, id, now]])
      })
      for (const [remove, expected] of [
        [false, [1, 1, 2, 1]],
        [true, [1, 1, 2, 1]],
        [true, [0, 0, 0, 0]],
      ] as const) {
        const found: number[] = []
        for (const kind of ['locks', 'attempts', 'logs', 'tags'] satisfies StrayKind[]) {
          const answer = await upkeep.strays({ kind, after: null, remove })
          expect(answer.next).toBeNull()
          found.push(answer.found)
        }
        expect(found).toEqual(expected)
      }
      const [[kept] = []] = await database.session.rows('SELECT count(*) FROM @logs')
      expect(kept).toBe(1)
    })

    it('finds counts that are wrong, at once and folded, and mends them once, also when two do', async () => {
      const all = await instances(2)
      const { tasks, database } = all[0]!
      for (let index = 0; index < 20; index += 1) {
        const record = buildRecord({ createdAt: now + index * 40_000, status: 'pending' })
        await insertTask(tasks, record)
        const end = { status: 'success', endTime: now, durationMs: index, waitMs: 1 } as const
        await tasks.write([transition(record, end)])
      }
      expect(await recounted(all[0]!, false)).toEqual([])
      await expect.poll(() => countOf(database, 'rollup_changes'), { timeout: 5_000 }).toBe(0)
      expect(await recounted(all[0]!, false)).toEqual([])
      await database.session.run('UPDATE @rollups SET tasks = tasks + 3, wait_sum = wait_sum + 9 WHERE bucket = ?', [
        now,
      ])
      await database.session.run('DELETE FROM @rollups WHERE bucket = ? AND level = 60000', [now + 120_000])
      const found = await recounted(all[0]!, false)
      expect(found).not.toEqual([])
      const mended = await Promise.all(all.map((instance) => recounted(instance, true)))
      expect(mended.flat()).not.toEqual([])
      expect(await recounted(all[1]!, false)).toEqual([])
      const [[sum] = []] = await database.session.rows('SELECT sum(tasks) FROM @rollups WHERE level = 0')
      expect(Number(sum)).toBe(20)
    })
  })
})

async function recounted({ upkeep }: SqlInstance, mend: boolean): Promise<readonly CountDifference[]> {
  const found: CountDifference[] = []
  for (let after: string | null = null, slices = 0; slices < 1_000; slices += 1) {
    const answer = await upkeep.recount({ after, mend })
    found.push(...answer.examples)
    if (answer.next === null) return found
    after = answer.next
  }
  throw new Error('There is no end of counts')
}

async function countOf(database: SqlInstance['database'], table: string): Promise<unknown> {
  const [row] = await database.session.rows(`SELECT count(*) FROM @${table}`)
  return row?.[0]
}

/** What the owner of the tables can do. */
async function unprotect({ dialect, session }: SqlInstance['database']): Promise<void> {
  if (dialect.name === 'postgres') await session.run('DROP TRIGGER append_only ON @audit')
  else for (const verb of ['update', 'delete']) await session.run(`DROP TRIGGER t_audit_no_${verb}`)
}

const logColumns = ['task_id', 'line', 'at', 'level', 'message', 'attempt']

function newOperation(operationId: string) {
  return {
    ...({ operationId, action: 'cancel', filter: '{}', again: false, actor: 'ann', reason: null } as const),
    ...{ role: null, address: null, createdAt: now },
  }
}

function session(id: string) {
  return { id, user: 'ann', fingerprint: 'f', createdAt: now, seenAt: now, expiresAt: now + 1 }
}

function draft(): AuditDraft {
  const who = { actor: 'ann', role: null, address: null }
  const what = { action: 'retry', target: 't1', outcome: 'ok', reason: null, code: null } as const
  return { at: now, ...who, ...what, affected: ['t1', 't2'], affectedCount: 2, detail: { why: 'x' } }
}
