import { memory, type Store } from '@taskloom/engine'
import { insertTask, type HistoryQuestion } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { openManager } from './open-manager.ts'

const dayMs = 86_400_000

describe('retention', () => {
  it('deletes what ended long ago, at the start and once an hour, in small batches', async () => {
    const clock = createFakeClock()
    const { store, asked } = watching()
    const tasks = openManager({ store, clock, retention: { days: 2 } })
    const old = { status: 'success', endTime: clock.now() - 3 * dayMs } as const
    for (let index = 0; index < 250; index += 1) await insertTask(store.tasks, buildRecord(old))
    const young = buildRecord({ status: 'success', endTime: clock.now() - dayMs })
    const waiting = buildRecord({ createdAt: 1 })
    await insertTask(store.tasks, young)
    await insertTask(store.tasks, waiting)
    await tasks.start()
    await clock.advance(1)
    await expect.poll(async () => (await tasks.list()).total).toBe(2)
    expect(asked).toHaveLength(3)
    for (const { limit } of asked) expect(limit).toBeLessThanOrEqual(100)
    await clock.advance(dayMs - 3_600_000)
    expect((await tasks.list()).total).toBe(2)
    await clock.advance(2 * 3_600_000)
    expect((await tasks.list()).tasks.map(({ taskId }) => taskId)).toEqual([waiting.taskId])
  })

  it('lets the host breathe between two batches, and stops with the process', async () => {
    const endless = watching((question) => Array.from({ length: question.limit }, (_, index) => `old-${index}`))
    const tasks = openManager({ store: endless.store, retention: { days: 1 } })
    await tasks.start()
    await expect.poll(() => endless.asked.length).toBeGreaterThan(3)
    await tasks.shutdown({ timeoutMs: 0 })
    const before = endless.asked.length
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(endless.asked.length).toBeLessThanOrEqual(before + 1)
  })
})

function watching(answer?: (question: HistoryQuestion) => readonly string[]) {
  const asked: HistoryQuestion[] = []
  const store = memory()
  const tasks = new Proxy(store.tasks, {
    get(target, key) {
      if (key === 'deleteHistory') {
        return async (question: HistoryQuestion) => {
          asked.push(question)
          return answer ? answer(question) : target.deleteHistory(question)
        }
      }
      const member: unknown = Reflect.get(target, key)
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
  return { store: { ...store, tasks } satisfies Store, asked }
}
