import { describe, expect, it, vi } from 'vitest'
import { createPace, hecticGapMs } from '../../packages/client/src/store/pace.ts'
import type { TasksFrame } from '../../packages/client/src/reduce.ts'
import { makeTask } from './builders.ts'
import { ManualTiming } from './manual-timing.ts'

describe('the pace of changes', () => {
  it('applies few at once, however often', () => {
    const { pace, seen } = open()
    pace.take(frame(1))
    pace.take(frame(2))
    expect(seen).toHaveLength(2)
  })

  it('applies many once a second: the first at once, then the last of each task', async () => {
    const { pace, seen, timing } = open()
    pace.take(frame(50))
    pace.take(frame(50, 2))
    pace.take({ changed: [], removed: ['task-3'] })
    pace.take(frame(2, 3))
    expect(seen).toHaveLength(1)
    await timing.advance(hecticGapMs)
    expect(seen).toHaveLength(2)
    expect(seen[1]?.removed).toEqual(['task-3'])
    expect(seen[1]?.changed).toHaveLength(49)
    expect(seen[1]?.changed.find(({ taskId }) => taskId === 'task-1')?.version).toBe(3)
  })

  it('is calm again after a quiet second', async () => {
    const { pace, seen, timing } = open()
    pace.take(frame(50))
    await timing.advance(hecticGapMs)
    pace.take(frame(50, 2))
    expect(seen).toHaveLength(2)
  })

  it('hands on what waits when it is told to, and forgets it when it is told to', async () => {
    const { pace, seen, timing } = open()
    pace.take(frame(50))
    pace.take(frame(50, 2))
    pace.flush()
    expect(seen).toHaveLength(2)
    pace.take(frame(50, 3))
    pace.drop()
    await timing.advance(hecticGapMs * 2)
    expect(seen).toHaveLength(2)
  })
})

function open() {
  const timing = new ManualTiming()
  const seen: TasksFrame[] = []
  return {
    timing,
    seen,
    pace: createPace(
      timing,
      vi.fn((each: TasksFrame) => void seen.push(each)),
    ),
  }
}

function frame(count: number, version = 1): TasksFrame {
  const changed = Array.from({ length: count }, (_, index) => makeTask(index, { taskId: `task-${index + 1}`, version }))
  return { changed, removed: [] }
}
