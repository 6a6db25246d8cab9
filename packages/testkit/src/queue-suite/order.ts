import type { TaskManager } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { act, ended, until, type Team } from './team.ts'

/** When tasks run, and which first. */
export function describeOrder(team: () => Team): void {
  const noting = (ran: string[]) => (tasks: TaskManager) => {
    tasks.define('note', (name: string) => void ran.push(name))
  }
  const startTimes = async (tasks: TaskManager, ids: readonly string[]): Promise<readonly string[]> => {
    const records = await Promise.all(ids.map((id) => tasks.wait(id)))
    return records.map(({ args }) => (JSON.parse(args) as readonly string[])[0] ?? '')
  }

  describe('runs in order', () => {
    it('what waits: the highest priority first, none as 0, and the oldest of equals', async () => {
      const ran: string[] = []
      const tasks = team().member(noting(ran), { concurrency: 1 })
      const enqueue = (name: string, priority?: number) =>
        tasks.enqueue('note', [name], priority === undefined ? {} : { priority })
      const enqueued = []
      for (const [name, priority] of [
        ['low', -5],
        ['none 1'],
        ['zero 2', 0],
        ['high 1', 10],
        ['none 3'],
        ['higher', 1_000_000],
        ['high 2', 10],
      ] as const)
        enqueued.push(await enqueue(name, priority))
      // All of them wait where they are taken from.
      await tasks.idle()
      await tasks.start()
      await startTimes(
        tasks,
        enqueued.map(({ id }) => id),
      )
      expect(ran).toEqual(['higher', 'high 1', 'high 2', 'none 1', 'zero 2', 'none 3', 'low'])
    })

    it('what is delayed, when it is due', async () => {
      const ranAt = new Map<string, number>()
      const tasks = await team().started((one) => one.define('note', (name: string) => ranAt.set(name, Date.now())))
      await ended(tasks, tasks.enqueue('note', ['first']))
      ranAt.clear()
      const before = Date.now()
      const [later, at, now] = await Promise.all([
        tasks.enqueue('note', ['later'], { delay: 150 }),
        tasks.enqueue('note', ['at'], { runAt: before + 80 }),
        tasks.enqueue('note', ['now']),
      ])
      await Promise.all([later, at, now].map(({ id }) => tasks.wait(id)))
      expect([...ranAt.keys()]).toEqual(['now', 'at', 'later'])
      expect((ranAt.get('at') ?? 0) - before).toBeGreaterThanOrEqual(75)
      expect((ranAt.get('later') ?? 0) - before).toBeGreaterThanOrEqual(145)
    })

    it('what is delayed, at once when somebody wants it', async () => {
      const ran: string[] = []
      const [one, other] = await team().pair(noting(ran))
      const { id } = await one.enqueue('note', ['wanted'], { delay: '1h' })
      await ended(one, one.enqueue('note', ['first']))
      await other.source.runNow(id, act)
      expect(await one.wait(id)).toMatchObject({ status: 'success', attempt: 1 })
      expect(ran).toEqual(['first', 'wanted'])
    })

    it('what was moved, by its new priority', async () => {
      const ran: string[] = []
      const options = { concurrency: 1 }
      const tasks = team().member(noting(ran), { ...options, work: !team().isShared })
      const [a, b, c] = await tasks.enqueueMany(['a', 'b', 'c'].map((name) => ({ name: 'note', args: [name] })))
      if (!a || !b || !c) throw new Error('Three were enqueued')
      await tasks.source.move?.(c.id, { priority: 9 }, act)
      await tasks.source.move?.(a.id, { priority: -9 }, act)
      // Whoever stops has told his queue everything.
      if (team().isShared) await tasks.shutdown()
      const worker = team().isShared ? team().member(noting(ran), options) : tasks
      await worker.start()
      await Promise.all([a, b, c].map(({ id }) => worker.wait(id)))
      expect(ran).toEqual(['c', 'b', 'a'])
    })

    it('what was moved to another queue, once', async () => {
      const ran: string[] = []
      const [one, other] = await team().pair((tasks) => {
        noting(ran)(tasks)
        tasks.define('elsewhere', { queue: 'mail' }, () => undefined)
      })
      await one.source.pauseQueue('default', act)
      const { id } = await one.enqueue('note', ['moved'])
      await other.source.move?.(id, { queue: 'mail' }, act)
      expect(await one.wait(id)).toMatchObject({ status: 'success', queue: 'mail', attempt: 1 })
      await one.source.resumeQueue('default', act)
      await ended(one, one.enqueue('note', ['after']))
      expect(ran).toEqual(['moved', 'after'])
    })

    it('a slot of a schedule once, however many have it', async () => {
      const slots: string[] = []
      const defines = (tasks: TaskManager) => {
        tasks.schedule('tick', { every: '1s' }, () => void slots.push('tick'))
      }
      const [one] = await team().pair(defines)
      await until(() => slots.length >= 2, 'two slots have passed')
      const { tasks } = await one.list()
      const slotTimes = tasks.map(({ createdAt }) => Math.floor(createdAt / 1_000))
      expect(new Set(slotTimes).size).toBe(slotTimes.length)
    })
  })
}
