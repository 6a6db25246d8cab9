import { describe, expect, it, vi } from 'vitest'
import { memory, type TaskRecord } from '@taskloom/engine'
import { openManager } from './open-manager.ts'

/** Keeps the event loop busy. */
function burn(ms: number): void {
  const endsAt = performance.now() + ms
  while (performance.now() < endsAt);
}

describe('starts', () => {
  it('let the event loop go on between functions that keep it busy', async () => {
    const tasks = openManager()
    const burning = tasks.define('burning', () => burn(5))
    await tasks.start()
    let longestRun = 0
    let run = 0
    const count = (): void => {
      run = 0
      if (!isOver) setImmediate(count)
    }
    let isOver = false
    tasks.define('counting', () => {
      burn(5)
      longestRun = Math.max(longestRun, (run += 1))
    })
    setImmediate(count)
    await burning.enqueue()
    await Promise.all(Array.from({ length: 60 }, () => tasks.enqueue('counting')))
    await tasks.idle()
    isOver = true
    expect(longestRun).toBeGreaterThan(0)
    expect(longestRun).toBeLessThanOrEqual(4)
  })

  it('never let more run at once than may, when a function no longer ends as it returns', async () => {
    const tasks = openManager({ concurrency: 3 })
    let calls = 0
    let open = 0
    let most = 0
    const changing = tasks.define('changing', () => {
      calls += 1
      if (calls <= 100) return undefined
      open += 1
      most = Math.max(most, open)
      return new Promise<void>((resolve) =>
        setImmediate(() => {
          open -= 1
          resolve()
        }),
      )
    })
    await tasks.start()
    await Promise.all(Array.from({ length: 200 }, () => changing.enqueue()))
    await tasks.idle()
    expect([calls, most]).toEqual([200, 3])
    expect((await tasks.list({ limit: 500 })).tasks.filter(({ status }) => status === 'success')).toHaveLength(200)
  })

  it('respect a cancel of a task that is stored as running and was not called yet', async () => {
    const store = memory()
    const tasks = openManager({ store, concurrency: 1 })
    const releases: (() => void)[] = []
    const called: number[] = []
    let isHolding = false
    const held = tasks.define('held', (index: number) => {
      called.push(index)
      return isHolding ? new Promise<void>((resolve) => releases.push(resolve)) : undefined
    })
    await tasks.start()
    await held.enqueue(-1)
    await tasks.idle()
    isHolding = true
    const ids = (await Promise.all([0, 1, 2, 3].map((index) => held.enqueue(index)))).map(({ id }) => id)
    await vi.waitFor(() => expect(releases).toHaveLength(1))
    const running = await Promise.all(ids.map((id) => tasks.get(id)))
    const second = running[1] as TaskRecord
    await tasks.cancel(second.taskId)
    expect((await tasks.wait(second.taskId)).status).toBe('cancelled')
    const all = tasks.idle()
    while (called.length < 4) {
      releases.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const release of releases) release()
    await all
    expect(called).toEqual([-1, 0, 2, 3])
  })
})
