import { taskContext, type TaskManager } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { act, ended, Held, until, type Team } from './team.ts'

/** What people do with tasks and queues, in whichever process they do it. */
export function describeControls(team: () => Team): void {
  const noting = (ran: string[]) => (tasks: TaskManager) => {
    tasks.define('note', (name: string) => void ran.push(name))
  }
  const statusOf = async (tasks: TaskManager, id: string) => (await tasks.get(id))?.status

  describe('obeys', () => {
    it('who cancels a waiting task: it never runs', async () => {
      const ran: string[] = []
      const held = new Held()
      const defines = (one: TaskManager) => {
        noting(ran)(one)
        one.define('hold', held.run)
      }
      const tasks = await team().started(defines, { concurrency: 1 })
      const blocker = await tasks.enqueue('hold')
      await until(() => held.held === 1, 'it runs')
      const { id } = await tasks.enqueue('note', ['cancelled'])
      const delayed = await tasks.enqueue('note', ['delayed'], { delay: 100 })
      await tasks.cancel(id)
      await tasks.cancel(delayed.id)
      held.open()
      await tasks.wait(blocker.id)
      await ended(tasks, tasks.enqueue('note', ['after'], { delay: 150 }))
      expect(ran).toEqual(['after'])
      expect(await statusOf(tasks, id)).toBe('cancelled')
      expect(await statusOf(tasks, delayed.id)).toBe('cancelled')
    })

    it('who cancels a task that runs, here or elsewhere', async () => {
      const reasons: unknown[] = []
      const running: string[] = []
      const defines = (tasks: TaskManager) => {
        tasks.define('listen', { retries: 3 }, async () => {
          const signal = taskContext()?.signal
          running.push(taskContext()?.taskId ?? '')
          await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
          reasons.push(signal?.reason)
          signal?.throwIfAborted()
        })
      }
      const [one, other] = await team().pair(defines)
      const enqueued = await one.enqueueMany([{ name: 'listen' }, { name: 'listen' }])
      await until(() => running.length === 2, 'both run')
      const [first, second] = enqueued
      await Promise.all([one.cancel(first?.id ?? ''), other.cancel(second?.id ?? '')])
      const records = await Promise.all(enqueued.map(({ id }) => one.wait(id)))
      expect(records).toMatchObject([
        { status: 'cancelled', attempt: 1 },
        { status: 'cancelled', attempt: 1 },
      ])
      expect(reasons).toHaveLength(2)
    })

    it('who retries a failed task: a new one runs', async () => {
      let calls = 0
      const [one, other] = await team().pair((tasks) =>
        tasks.define('flaky', () => {
          calls += 1
          if (calls === 1) throw new Error('Not yet')
          return 'done'
        }),
      )
      const failed = await ended(one, one.enqueue('flaky'))
      const retry = await other.retry(failed.taskId)
      expect(retry.taskId).not.toBe(failed.taskId)
      expect(await one.wait(retry.taskId)).toMatchObject({ status: 'success', retriedFrom: failed.taskId })
      expect(await statusOf(one, failed.taskId)).toBe('failed')
    })

    it('who pauses and resumes a queue, wherever it is done', async () => {
      const ran: string[] = []
      const [one, other] = await team().pair((tasks) => {
        noting(ran)(tasks)
        tasks.define('aside', { queue: 'aside' }, (name: string) => void ran.push(name))
        tasks.define('limited', { concurrency: 5 }, (name: string) => void ran.push(name))
      })
      await heard(other, () => one.source.pauseQueue('default', act))
      const held = await one.enqueueMany([
        { name: 'note', args: ['held 1'] },
        { name: 'limited', args: ['held 2'] },
      ])
      await ended(one, one.enqueue('aside', ['free']))
      expect(ran).toEqual(['free'])
      await one.idle()
      await heard(one, () => other.source.resumeQueue('default', act))
      await Promise.all(held.map(({ id }) => one.wait(id)))
      expect(ran.toSorted()).toEqual(['free', 'held 1', 'held 2'])
      await heard(one, () => other.source.pauseQueue('default', act))
      const again = await one.enqueue('note', ['held 3'])
      await ended(one, one.enqueue('aside', ['free 2']))
      expect(await statusOf(one, again.id)).toBe('pending')
      await one.source.resumeQueue('default', act)
      expect(await one.wait(again.id)).toMatchObject({ status: 'success', attempt: 1 })
    })

    it('who drains a queue: what waits in it is cancelled', async () => {
      const ran: string[] = []
      const [one, other] = await team().pair(noting(ran))
      await heard(other, () => one.source.pauseQueue('default', act))
      const enqueued = await one.enqueueMany(['a', 'b', 'c'].map((name) => ({ name: 'note', args: [name] })))
      await other.source.drainQueue('default', act)
      const records = await Promise.all(enqueued.map(({ id }) => one.wait(id)))
      expect(records.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled'])
      await one.source.resumeQueue('default', act)
      await ended(one, one.enqueue('note', ['after']))
      expect(ran).toEqual(['after'])
    })

    /** Does something to a queue, and resolves when the process has heard of it. */
    async function heard(tasks: TaskManager, deed: () => Promise<unknown>): Promise<void> {
      const isHeard = new Promise<void>((resolve) => {
        const stop = tasks.source.subscribe(({ kind }) => {
          if (kind !== 'queues') return
          stop()
          resolve()
        })
      })
      await deed()
      await isHeard
    }
  })
}
