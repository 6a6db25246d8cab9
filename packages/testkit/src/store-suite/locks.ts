import { insertTask, saveTask, transition, type Store, type TaskRecord, type Write } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

const now = Date.UTC(2026, 0, 5, 12)

/** Locks that tasks hold on what they change. */
export function describeLocks(store: () => Store): void {
  const build = (...locks: string[]) => buildRecord({ createdAt: now, locks })
  const insert = (record: TaskRecord) => insertTask(store().tasks, record)
  const join = async (record: TaskRecord, joins: string) =>
    (await store().tasks.write([{ previous: null, next: record, attempt: null, logs: [], joins }]))[0]
  const end = (record: TaskRecord, status: TaskRecord['status'] = 'success') =>
    saveTask(store().tasks, transition(record, { status, endTime: now + 5 }))
  const keys = async () => (await store().locks.list(100)).map(({ key }) => key)

  describe('keeps locks', () => {
    it('takes them with the task and says who holds them since when', async () => {
      const record = { ...build('Book:1', 'Author:7'), userLabel: 'ann' }
      await insert(record)
      expect(await store().tasks.get(record.taskId)).toEqual(record)
      const holder = { taskId: record.taskId, owner: record.taskId, user: 'ann', since: now }
      const known = { ...holder, funcName: 'work', status: 'pending' }
      expect(await store().locks.list(100)).toEqual([
        { key: 'Author:7', ...known },
        { key: 'Book:1', ...known },
      ])
      expect(await store().locks.list(1)).toHaveLength(1)
    })

    it('takes all or none, and stores nothing of a task that gets none', async () => {
      const holder = { ...build('Book:2'), userLabel: 'ann' }
      await insert(holder)
      const loser = build('Book:1', 'Book:2')
      await expect(insert(loser)).rejects.toMatchObject({
        code: 'conflict_lock',
        conflicts: [
          { key: 'Book:2', taskId: holder.taskId, funcName: 'work', status: 'pending', user: 'ann', since: now },
        ],
      })
      expect(await store().tasks.get(loser.taskId)).toBeUndefined()
      expect(await keys()).toEqual(['Book:2'])
      await insert(build('Book:1'))
    })

    it('gives the locks of twenty at once to one', async () => {
      const records = Array.from({ length: 20 }, (_, index) => build('Book:1', `Shelf:${index}`))
      const inserted = await Promise.allSettled(records.map(insert))
      expect(inserted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      expect(await keys()).toHaveLength(2)
      const batch: Write[] = [build('Car:1'), build(), build('Car:1')].map((next) => creation(next))
      const answers = await store().tasks.write(batch)
      expect(answers.slice(0, 2)).toEqual(batch.slice(0, 2).map(({ next }) => next))
      expect(answers[2]).toMatchObject({ code: 'conflict_lock' })
    })

    it('lets them go with the write that ends the task, whatever the end', async () => {
      for (const status of ['success', 'failed', 'cancelled', 'interrupted'] as const) {
        const record = build('Book:1')
        await insert(record)
        const running = transition(record, { status: 'running', attempt: 1, workerId: 'w' })
        expect(await saveTask(store().tasks, running)).toBe(true)
        const waiting = transition(running.next, { status: 'pending', workerId: null })
        expect(await saveTask(store().tasks, waiting)).toBe(true)
        expect(await keys()).toEqual(['Book:1'])
        expect(await end(waiting.next, status)).toBe(true)
        expect(await keys()).toEqual([])
      }
    })

    it('lets nobody else let them go', async () => {
      const record = build('Book:1')
      await insert(record)
      const taken = transition(record, { status: 'running', attempt: 1, workerId: 'w' })
      await saveTask(store().tasks, taken)
      expect(await end(record, 'cancelled')).toBe(false)
      expect(await store().tasks.delete(record.taskId)).toBe(false)
      expect(await keys()).toEqual(['Book:1'])
      await end(taken.next)
      await insert(build('Book:1'))
      expect(await store().tasks.delete(record.taskId)).toBe(true)
      expect(await store().tasks.deleteHistory({ statuses: ['success'], endedBefore: now + 9, limit: 9 })).toEqual([])
      expect(await keys()).toEqual(['Book:1'])
    })

    it('shares them with descendants until the last of these has ended', async () => {
      const parent = build('Book:1')
      await insert(parent)
      const child = { ...build('Book:1', 'Book:2'), createdAt: now + 50 }
      expect(await join(child, parent.taskId)).toBe(child)
      const grandchild = build('Book:2')
      expect(await join(grandchild, child.taskId)).toBe(grandchild)
      const held = await store().locks.list(100)
      expect(new Set(held.map(({ owner }) => owner))).toEqual(new Set([parent.taskId]))
      expect(held.filter(({ key }) => key === 'Book:1').map(({ since }) => since)).toEqual([now, now])
      await end(parent)
      await expect(insert(build('Book:1'))).rejects.toMatchObject({ conflicts: [{ taskId: child.taskId, since: now }] })
      await end(child)
      await insert(build('Book:1'))
      await expect(insert(build('Book:2'))).rejects.toMatchObject({ code: 'conflict_lock' })
      await end(grandchild)
      await insert(build('Book:2'))
    })

    it('lets nobody join a task that has ended or holds nothing', async () => {
      const parent = build('Book:1')
      await insert(parent)
      await end(parent)
      const other = build('Book:1')
      await insert(other)
      expect(await join(build('Book:1'), parent.taskId)).toMatchObject({ conflicts: [{ taskId: other.taskId }] })
      const bare = build()
      await insert(bare)
      expect(await join(build('Book:1'), bare.taskId)).toMatchObject({ code: 'conflict_lock' })
    })
  })
}

function creation(next: TaskRecord): Write {
  return { previous: null, next, attempt: null, logs: [] }
}
