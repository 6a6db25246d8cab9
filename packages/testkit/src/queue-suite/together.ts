import { progress, taskLog, type TaskManager } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { ended, Held, until, type Team } from './team.ts'

/** Several managers over one place. */
export function describeTogether(team: () => Team): void {
  const noting = (ran: string[]) => (tasks: TaskManager) => {
    tasks.define('note', (name: string) => void ran.push(name))
  }
  const names = (count: number) => Array.from({ length: count }, (_, index) => `${index}`)

  describe('has several managers', () => {
    it('of which one runs each task, once', async () => {
      const ran: string[] = []
      const both = await team().pair(noting(ran))
      const enqueued = await Promise.all(
        names(40).map((name, index) => (both[index % 2] ?? both[0]).enqueue('note', [name])),
      )
      const records = await Promise.all(enqueued.map(({ id }) => both[0].wait(id)))
      expect(ran.toSorted()).toEqual(names(40).toSorted())
      expect(new Set(records.map(({ status, attempt }) => `${status} ${attempt}`))).toEqual(new Set(['success 1']))
    })

    it('of which one only enqueues', async () => {
      const ran: string[] = []
      if (!team().isShared) return
      const producer = await team().started(noting(ran), { work: false })
      const { id } = await producer.enqueue('note', ['task'])
      await producer.idle()
      expect(ran).toEqual([])
      expect((await producer.get(id))?.status).toBe('pending')
      await team().started(noting(ran))
      expect(await producer.wait(id)).toMatchObject({ status: 'success', attempt: 1 })
      expect(ran).toEqual(['task'])
    })

    it('that find a task by its idempotency key', async () => {
      const ran: string[] = []
      const [one, other] = await team().pair(noting(ran))
      const enqueue = (tasks: TaskManager) => tasks.enqueue('note', ['once'], { idempotencyKey: 'k' })
      const first = await enqueue(one)
      const second = await enqueue(other)
      expect([first.deduplicated, second.deduplicated]).toEqual([false, true])
      expect(second.id).toBe(first.id)
      await one.wait(first.id)
      expect((await enqueue(other)).id).toBe(first.id)
      expect(ran).toEqual(['once'])
    })

    it('that see progress and log lines of what runs elsewhere', async () => {
      const held = new Held()
      const [one, other] = await team().pair((tasks) =>
        tasks.define('import', async () => {
          taskLog('halfway')
          progress(50)
          await held.run()
        }),
      )
      const { id } = await one.enqueue('import')
      await until(async () => (await other.source.progress(id)).progress?.percent === 50, 'progress is seen')
      const logged = async () => (await other.source.detail(id)).logs.some(({ message }) => message === 'halfway')
      await until(logged, 'the line is seen')
      held.open()
      expect(await other.wait(id)).toMatchObject({ status: 'success' })
    })

    it('that leave tasks of functions they do not know to one that comes later', async () => {
      const ran: string[] = []
      if (!team().isShared) return
      const stranger = await team().started((tasks) => tasks.define('other', () => undefined))
      const producer = await team().started(noting(ran), { work: false })
      const enqueued = await producer.enqueueMany(names(5).map((name) => ({ name: 'note', args: [name] })))
      // By then it has been asked for all there was.
      await ended(stranger, stranger.enqueue('other'))
      await stranger.shutdown()
      await team().started(noting(ran))
      await Promise.all(enqueued.map(({ id }) => producer.wait(id)))
      expect(ran.toSorted()).toEqual(names(5))
    })
  })
}
