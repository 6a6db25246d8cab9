import { describe, expect, it, vi } from 'vitest'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager } from './open-manager.ts'

describe('order', () => {
  it('is priority, then age, whatever else waits', async () => {
    const tasks = openManager({ concurrency: 1 })
    const order: string[] = []
    const note = tasks.define('note', (name: string) => void order.push(name))
    const other = tasks.define('other', { priority: 5 }, (name: string) => void order.push(name))
    for (const [name, priority] of [
      ['a', 0],
      ['b', 10],
      ['c', 0],
      ['d', -1],
      ['e', 10],
    ] as const)
      await note.with({ priority }).enqueue(name)
    await other.enqueue('f')
    await tasks.start()
    await tasks.idle()
    expect(order).toEqual(['b', 'e', 'f', 'a', 'c', 'd'])
  })

  it('holds with more tasks than fit into memory', async () => {
    const tasks = openManager({ concurrency: 2 })
    const order: number[] = []
    const gate = scriptedTask([{ holds: true }])
    tasks.define('gate', gate.run)
    const note = tasks.define('note', (priority: number) => void order.push(priority))
    await tasks.start()
    await Promise.all([tasks.enqueue('gate'), tasks.enqueue('gate')])
    await vi.waitFor(() => expect(gate.held).toBe(2))
    await Promise.all(
      Array.from({ length: 12_000 }, (_, index) => note.with({ priority: index % 3 }).enqueue(index % 3)),
    )
    gate.release()
    gate.release()
    await tasks.idle()
    expect(order).toHaveLength(12_000)
    expect(order).toEqual([...order].sort((a, b) => b - a))
  })

  it('respects the limits of manager and function', async () => {
    const tasks = openManager({ concurrency: 3 })
    const narrow = scriptedTask([{ holds: true }])
    const wide = scriptedTask([{ holds: true }])
    tasks.define('narrow', { concurrency: 1 }, narrow.run)
    tasks.define('wide', wide.run)
    await tasks.start()
    await tasks.enqueueMany(['narrow', 'narrow', 'wide', 'wide', 'wide'].map((name) => ({ name })))
    await vi.waitFor(() => expect([narrow.held, wide.held]).toEqual([1, 2]))
    narrow.release()
    await vi.waitFor(() => expect([narrow.calls.length, narrow.held + wide.held]).toEqual([2, 3]))
    while (narrow.held + wide.held > 0) {
      if (narrow.held > 0) narrow.release()
      if (wide.held > 0) wide.release()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await tasks.idle()
    expect([narrow.calls.length, wide.calls.length]).toEqual([2, 3])
  })
})
