import { insertTask, type Store } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

const now = Date.UTC(2026, 0, 5, 12)

/** What the dispatcher and recovery ask. */
export function describeTaking(store: () => Store): void {
  describe('finds work', () => {
    it('gives due tasks by priority, then age, and no others', async () => {
      const { tasks } = store()
      const build = (changes: Parameters<typeof buildRecord>[0]) => buildRecord({ createdAt: now - 10_000, ...changes })
      const low = build({ priority: -1 })
      const older = build({ createdAt: now - 20_000 })
      const newer = build({ priority: 0 })
      const high = build({ priority: 5, runAt: now })
      const others = [
        build({ runAt: now + 1 }),
        build({ status: 'running' }),
        build({ status: 'cancelled' }),
        build({ funcName: 'not_here' }),
      ]
      for (const record of [low, newer, older, high, ...others]) await insertTask(tasks, record)
      const question = { now, funcNames: ['work', 'unused'], limit: 10 }
      expect(await tasks.due(question)).toEqual([high, older, newer, low])
      expect(await tasks.due({ ...question, limit: 2 })).toEqual([high, older])
      expect(await tasks.due({ ...question, funcNames: [] })).toEqual([])
      expect(await tasks.due({ ...question, now: now + 1 })).toHaveLength(5)
    })

    it('leaves out the queues it is told to', async () => {
      const { tasks } = store()
      const mail = buildRecord({ createdAt: now - 10_000, queue: 'mail' })
      const delayed = buildRecord({ createdAt: now - 10_000, queue: 'mail', runAt: now - 1 })
      const other = buildRecord({ createdAt: now - 5_000, queue: 'other' })
      for (const record of [mail, delayed, other]) await insertTask(tasks, record)
      const question = { now, funcNames: ['work'], limit: 10 }
      expect(await tasks.due({ ...question, exceptQueues: ['mail', 'unknown'] })).toEqual([other])
      expect(await tasks.due({ ...question, exceptQueues: [] })).toHaveLength(3)
    })

    it('says when the next delayed task is due', async () => {
      const { tasks } = store()
      expect(await tasks.nextDueAt(now)).toBeNull()
      await insertTask(tasks, buildRecord({ runAt: now - 5 }))
      await insertTask(tasks, buildRecord())
      await insertTask(tasks, buildRecord({ runAt: now + 10, status: 'cancelled' }))
      expect(await tasks.nextDueAt(now)).toBeNull()
      await insertTask(tasks, buildRecord({ runAt: now + 500 }))
      await insertTask(tasks, buildRecord({ runAt: now + 200 }))
      expect(await tasks.nextDueAt(now)).toBe(now + 200)
      expect(await tasks.nextDueAt(now + 200)).toBe(now + 500)
    })

    it('finds running tasks whose worker is gone', async () => {
      const { tasks } = store()
      const build = (workerId: string | null) => buildRecord({ status: 'running', attempt: 1, workerId })
      const [alive, dead, nobody] = [build('alive'), build('dead'), build(null)]
      for (const record of [alive, dead, nobody]) await insertTask(tasks, record)
      await insertTask(tasks, buildRecord({ status: 'success', workerId: 'dead' }))
      const orphans = await tasks.orphans(['alive', 'idle'], 10)
      expect(orphans.map(({ taskId }) => taskId).sort()).toEqual([dead.taskId, nobody.taskId].sort())
      expect(orphans).toContainEqual(dead)
      expect(await tasks.orphans(['alive'], 1)).toHaveLength(1)
      expect(await tasks.orphans([], 10)).toHaveLength(3)
    })
  })
}
