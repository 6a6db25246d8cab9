import type { TaskManager } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { ended, Held, until, type MemberOptions, type Team } from './team.ts'

/** How much runs at once, and how often. */
export function describeLimits(team: () => Team): void {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']

  /** Enqueues six that hold and lets them go one by one; how many were held at once. */
  async function mostAtOnce(
    held: Held,
    define: (tasks: TaskManager) => void,
    limit: number,
    options: MemberOptions = {},
  ): Promise<number> {
    const tasks = await team().started((one) => {
      define(one)
      one.define('free', { queue: 'free' }, () => undefined)
    }, options)
    const answers = await tasks.enqueueMany(names.map((name) => ({ name: 'hold', args: [name] })))
    await until(() => held.held === limit, 'as many as may run')
    // Whatever else could start would have started by now.
    if (options.concurrency === undefined) await ended(tasks, tasks.enqueue('free'))
    for (let let_go = 0; let_go < names.length; let_go += 1) {
      await until(() => held.held > 0, 'the next one runs')
      held.release()
    }
    await Promise.all(answers.map(({ id }) => tasks.wait(id)))
    return held.most
  }

  describe('keeps to limits', () => {
    it('of the process', async () => {
      const held = new Held()
      const defines = (one: TaskManager) => one.define('hold', held.run)
      expect(await mostAtOnce(held, defines, 2, { concurrency: 2 })).toBe(2)
    })

    it('of the process, over all queues', async () => {
      const held = new Held()
      const tasks = await team().started(
        (one) => {
          for (const queue of ['x', 'y', 'z']) one.define(queue, { queue }, held.run)
        },
        { concurrency: 2 },
      )
      const answers = await tasks.enqueueMany(['x', 'y', 'z', 'x', 'y', 'z'].map((name) => ({ name, args: [name] })))
      for (let letGo = 0; letGo < answers.length; letGo += 1) {
        await until(() => held.held === Math.min(2, answers.length - letGo), 'as many as may run')
        held.release()
      }
      await Promise.all(answers.map(({ id }) => tasks.wait(id)))
      expect(held.most).toBe(2)
    })

    it('of a function, and holds up no other', async () => {
      const held = new Held()
      const defines = (one: TaskManager) => one.define('hold', { concurrency: 2 }, held.run)
      expect(await mostAtOnce(held, defines, 2)).toBe(2)
    })

    it('of a queue, and holds up no other', async () => {
      const held = new Held()
      const defines = (one: TaskManager) => one.define('hold', { queue: 'narrow' }, held.run)
      expect(await mostAtOnce(held, defines, 2, { queues: { narrow: { concurrency: 2 } } })).toBe(2)
    })

    it.each(['function', 'queue'] as const)('of how often tasks of a %s start', async (whose) => {
      const startedAt: number[] = []
      const rateLimit = { max: 2, per: '200ms' }
      const tasks = await team().started(
        (one) => one.define('note', whose === 'function' ? { rateLimit } : {}, () => void startedAt.push(Date.now())),
        whose === 'queue' ? { queues: { default: { rateLimit } } } : {},
      )
      const before = Date.now()
      const answers = await tasks.enqueueMany(names.map((name) => ({ name: 'note', args: [name] })))
      await Promise.all(answers.map(({ id }) => tasks.wait(id)))
      expect(startedAt).toHaveLength(6)
      // Two at once and two more in each 200 ms, counted when they are taken; timers may be a little early.
      expect((startedAt[5] ?? 0) - before).toBeGreaterThanOrEqual(370)
    })
  })
}
