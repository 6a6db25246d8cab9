import { comparePlaces, compareValues, placeOf, sortFields, sortValueOf, type SortValue } from '@taskloom/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeTask } from '../client/builders.ts'

const place = (value: SortValue, taskId = 'a') => ({ value, taskId })

describe('the order of rows', () => {
  it('rises by value, null first, and by id where values are equal', () => {
    const rising = [place(null, 'a'), place(null, 'b'), place(-1), place(0), place(2, 'a'), place(2, 'b'), place(10)]
    expect(rising.toReversed().sort(comparePlaces)).toEqual(rising)
  })

  it('compares texts as they are, whatever the language', () => {
    expect(['ä', 'b', 'B', 'a', ''].sort(compareValues)).toEqual(['', 'B', 'a', 'b', 'ä'])
  })

  it('is total: two rows are in the same place only when they are one', () => {
    const value = fc.option(fc.integer({ min: -2, max: 2 }), { nil: null })
    const anyPlace = fc.record({ value, taskId: fc.constantFrom('a', 'b', 'c') })
    fc.assert(
      fc.property(anyPlace, anyPlace, anyPlace, (a, b, c) => {
        expect(Math.sign(comparePlaces(a, b)) + Math.sign(comparePlaces(b, a))).toBe(0)
        expect(comparePlaces(a, b) === 0).toBe(a.value === b.value && a.taskId === b.taskId)
        if (comparePlaces(a, b) <= 0 && comparePlaces(b, c) <= 0) expect(comparePlaces(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })
})

describe('the value a task is sorted by', () => {
  it('is its own for every field', () => {
    const task = makeTask(1, {
      createdAt: 10,
      funcName: 'work',
      status: 'failed',
      durationMs: 20,
      retriesUsed: 3,
      startTime: 40,
      endTime: 50,
      priority: 6,
      taskId: 'id',
    })
    const values = sortFields.map((field) => sortValueOf(task, field))
    expect(values).toEqual([10, 'work', 'failed', 20, 3, 40, 50, 6, 'id'])
    expect(placeOf(task, 'duration')).toEqual({ value: 20, taskId: 'id' })
  })

  it('is 0 for a task without priority, and null for what has not happened yet', () => {
    const task = makeTask(1, { priority: null, endTime: null, durationMs: null })
    expect(sortValueOf(task, 'priority')).toBe(0)
    expect([sortValueOf(task, 'end_time'), sortValueOf(task, 'duration')]).toEqual([null, null])
  })
})
