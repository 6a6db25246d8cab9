import { describe, expect, it } from 'vitest'
import { assignSlots } from '../../packages/dashboard/src/elements/row-slots.ts'

const five = assignSlots(new Map(), ['a', 'b', 'c', 'd', 'e'], null)

describe('places of rows in the tree', () => {
  it('are each one row’s', () => {
    expect([...five.values()]).toEqual([0, 1, 2, 3, 4])
  })

  it('stay with what stays, wherever it moves, and go from what is gone to what is new', () => {
    const next = assignSlots(five, ['x', 'e', 'a', 'y', 'b'], null)
    expect(Object.fromEntries(next)).toEqual({ x: 2, e: 4, a: 0, y: 3, b: 1 })
  })

  it('are all handed on in their order when everything is new', () => {
    expect([...assignSlots(five, ['p', 'q', 'r', 's', 't'], null).values()]).toEqual([0, 1, 2, 3, 4])
  })

  it('of the row that may have the focus are handed to nobody', () => {
    const next = assignSlots(five, ['x', 'b', 'c', 'd', 'e'], 'a')
    expect(next.get('x')).toBe(5)
    expect(new Set(next.values()).size).toBe(5)
  })
})
