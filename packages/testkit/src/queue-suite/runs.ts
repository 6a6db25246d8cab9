import { EventEmitter } from 'node:events'
import { PermanentError, snooze, taskContext, TaskManager, taskLog } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { ended, Held, until, type Team } from './team.ts'

/** A module for a thread, without a file. */
const module = 'data:text/javascript,export const double = (value) => value * 2'

/** What becomes of one task. */
export function describeRuns(team: () => Team): void {
  describe('runs tasks', () => {
    it('and keeps what they gave, said and took', async () => {
      const tasks = await team().started((one) =>
        one.define('greet', async (name: string) => {
          taskLog(`greeting ${name}`)
          return `Hello ${name}`
        }),
      )
      const record = await ended(tasks, tasks.enqueue('greet', ['Ann']))
      expect(record).toMatchObject({ status: 'success', result: '"Hello Ann"', attempt: 1, retriesUsed: 0 })
      const detail = await tasks.source.detail(record.taskId)
      expect(detail.attempts).toMatchObject([{ attempt: 1, outcome: 'success', error: null }])
      expect(detail.logs.map(({ message }) => message)).toContain('greeting Ann')
    })

    it('and keeps why they failed', async () => {
      const tasks = await team().started((one) =>
        one.define('break', () => {
          throw new TypeError('Out of paper')
        }),
      )
      const record = await ended(tasks, tasks.enqueue('break'))
      expect(record).toMatchObject({ status: 'failed', attempt: 1, retriesUsed: 0 })
      expect(record.error).toContain('Out of paper')
      expect((await tasks.source.detail(record.taskId)).attempts).toMatchObject([{ outcome: 'failed' }])
    })

    it('again after a failure, not before their delay, and counts each attempt once', async () => {
      const startedAt: number[] = []
      const tasks = await team().started((one) =>
        one.define('flaky', { retries: 3, delay: 60, backoff: 2 }, () => {
          startedAt.push(Date.now())
          if (startedAt.length < 3) throw new Error('Not yet')
          return 'done'
        }),
      )
      const record = await ended(tasks, tasks.enqueue('flaky'))
      expect(record).toMatchObject({ status: 'success', attempt: 3, retriesUsed: 2 })
      const [first = 0, second = 0, third = 0] = startedAt
      // Timers may be a little early.
      expect(second - first).toBeGreaterThanOrEqual(55)
      expect(third - second).toBeGreaterThanOrEqual(115)
      const { attempts } = await tasks.source.detail(record.taskId)
      expect(attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
        [1, 'failed'],
        [2, 'failed'],
        [3, 'success'],
      ])
    })

    it('no more often than they may', async () => {
      const calls: string[] = []
      const fails = (name: string, error: Error) => () => {
        calls.push(name)
        throw error
      }
      const tasks = await team().started((one) => {
        one.define('used up', { retries: 2, delay: 1 }, fails('used up', new Error('Again')))
        one.define('refused', { retries: 5, delay: 1, retryIf: () => false }, fails('refused', new Error('Never')))
        one.define('permanent', { retries: 5, delay: 1 }, fails('permanent', new PermanentError('Gone')))
      })
      const records = await Promise.all(
        ['used up', 'refused', 'permanent'].map((name) => ended(tasks, tasks.enqueue(name))),
      )
      expect(records.map(({ status, attempt }) => [status, attempt])).toEqual([
        ['failed', 3],
        ['failed', 1],
        ['failed', 1],
      ])
      expect(calls.toSorted()).toEqual(['permanent', 'refused', 'used up', 'used up', 'used up'])
    })

    it('again when they ask to be snoozed, without using up a retry', async () => {
      let calls = 0
      const tasks = await team().started((one) =>
        one.define('wait', () => {
          calls += 1
          if (calls < 3) snooze(30)
          return calls
        }),
      )
      const record = await ended(tasks, tasks.enqueue('wait'))
      expect(record).toMatchObject({ status: 'success', result: '3', attempt: 3, retriesUsed: 0 })
    })

    it('no longer than they may', async () => {
      const tasks = await team().started((one) =>
        one.define('slow', { timeout: 40 }, async () => {
          const signal = taskContext()?.signal
          await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
        }),
      )
      const record = await ended(tasks, tasks.enqueue('slow'))
      expect(record).toMatchObject({ status: 'failed', errorCode: 'timed_out' })
    })

    it('in a thread', async () => {
      const tasks = await team().started((one) =>
        one.define('double', { executor: 'thread' }, { module, export: 'double' }),
      )
      const records = await Promise.all([1, 2, 3].map((value) => ended(tasks, tasks.enqueue('double', [value]))))
      expect(records.map(({ result }) => result)).toEqual(['2', '4', '6'])
    })

    it('that were enqueued in one go', async () => {
      const ran: number[] = []
      const tasks = await team().started((one) => one.define('note', (value: number) => void ran.push(value)))
      const requests = Array.from({ length: 60 }, (_, index) => ({ name: 'note', args: [index] }))
      const answers = await tasks.enqueueMany(requests)
      await Promise.all(answers.map(({ id }) => tasks.wait(id)))
      expect(ran.toSorted((a, b) => a - b)).toEqual(requests.map((_, index) => index))
    })

    it('that their functions enqueue', async () => {
      const tasks = await team().started((one) => {
        one.define('child', (name: string) => name)
        one.define('parent', async () => (await one.enqueue('child', ['Bo'])).id)
      })
      const parent = await ended(tasks, tasks.enqueue('parent'))
      const childId = JSON.parse(parent.result ?? '') as string
      expect(await tasks.wait(childId)).toMatchObject({ status: 'success', result: '"Bo"' })
    })

    it('when their request is answered', async () => {
      const ran: string[] = []
      const tasks = await team().started((one) => one.define('note', (name: string) => void ran.push(name)))
      const response = new EventEmitter()
      const held = await tasks.inRequest(response, () => tasks.enqueue('note', ['held']))
      await ended(tasks, tasks.enqueue('note', ['free']))
      expect(ran).toEqual(['free'])
      response.emit('finish')
      await tasks.wait(held.id)
      expect(ran).toEqual(['free', 'held'])
    })

    it('and passes its own test', async () => {
      const tasks = await team().started(() => undefined)
      expect(await tasks.selfTest()).toMatchObject({ ok: true })
    })

    it('and says when nothing is left to do', async () => {
      const held = new Held()
      const tasks = await team().started((one) => one.define('hold', held.run))
      await tasks.enqueue('hold', ['later'], { delay: '1h' })
      await tasks.idle()
      const { id } = await tasks.enqueue('hold', ['now'])
      let isIdle = false
      const idle = tasks.idle().then(() => (isIdle = true))
      await until(() => held.held === 1, 'it runs')
      expect(isIdle).toBe(false)
      held.open()
      await idle
      expect((await tasks.get(id))?.status).toBe('success')
      expect(held.started).toEqual(['now'])
    })

    it('of no function with limits that are none', () => {
      const define = (options: object) => () => team().member((one) => one.define('f', options, () => 1))
      expect(define({ concurrency: 0 })).toThrow(expect.objectContaining({ code: 'bad_option' }))
      expect(define({ rateLimit: { max: 0, per: '1s' } })).toThrow(expect.objectContaining({ code: 'bad_option' }))
      const member = (options: object) => () => team().member(() => undefined, options)
      expect(member({ queues: { mail: { concurrency: 0 } } })).toThrow(expect.objectContaining({ code: 'bad_option' }))
      expect(member({ work: 'sometimes' })).toThrow(expect.objectContaining({ code: 'bad_option' }))
      expect(() => new TaskManager({ queue: {} as never })).toThrow(expect.objectContaining({ code: 'bad_option' }))
    })
  })
}
