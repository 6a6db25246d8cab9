import { insertTask, type Store } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

const start = Date.UTC(2026, 0, 5)

/** What a task was retried from, and what was retried from it. */
export function describeLineage(store: () => Store): void {
  let at = start
  const add = async (retriedFrom: string | null = null): Promise<string> => {
    at += 1
    const record = buildRecord({ status: 'failed', createdAt: at, endTime: at, retriedFrom })
    await insertTask(store().tasks, record)
    return record.taskId
  }
  const chain = async (length: number): Promise<readonly string[]> => {
    const ids: string[] = []
    for (let index = 0; index < length; index += 1) ids.push(await add(ids.at(-1) ?? null))
    return ids
  }
  const lineage = async (taskId: string) => {
    const found = await store().views.lineage(taskId)
    return found && { ids: found.tasks.map((task) => task.taskId), truncated: found.truncated }
  }

  describe('tells the lineage of a task', () => {
    it('what came before it, itself and what came of it, the oldest first, and not its siblings', async () => {
      const [first = '', second = '', third = ''] = await chain(3)
      const sibling = await add(first)
      const later = await add(second)
      await add()
      expect(await lineage(second)).toEqual({ ids: [first, second, third, later], truncated: false })
      expect(await lineage(first)).toEqual({ ids: [first, second, third, sibling, later], truncated: false })
      expect(await lineage(sibling)).toEqual({ ids: [first, sibling], truncated: false })
      expect(await lineage('unknown')).toBeUndefined()
      const [alone = ''] = await chain(1)
      expect(await store().views.lineage(alone)).toMatchObject({ tasks: [{ taskId: alone, status: 'failed' }] })
    })

    it('and ends where a task was deleted', async () => {
      const [first = '', second = '', third = ''] = await chain(3)
      await store().tasks.delete(second)
      expect(await lineage(third)).toEqual({ ids: [third], truncated: false })
      expect(await lineage(first)).toEqual({ ids: [first], truncated: false })
    })

    it('at most 20 before it and 50 after it, and says when there are more', async () => {
      const long = await chain(72)
      expect(await lineage(long[20] ?? '')).toEqual({ ids: long.slice(0, 71), truncated: true })
      expect(await lineage(long[21] ?? '')).toEqual({ ids: long.slice(1), truncated: true })
      expect(await lineage(long[71] ?? '')).toEqual({ ids: long.slice(51), truncated: true })
      const [many = ''] = await chain(1)
      const retries: string[] = []
      for (let index = 0; index < 50; index += 1) retries.push(await add(many))
      expect(await lineage(many)).toEqual({ ids: [many, ...retries], truncated: false })
      await add(many)
      expect(await lineage(many)).toEqual({ ids: [many, ...retries], truncated: true })
    })
  })
}
