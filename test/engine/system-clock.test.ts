import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../packages/engine/src/system-clock.ts'

const monthMs = 31 * 86_400_000

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

describe("the machine's clock", () => {
  it.each([1, 2 ** 31 - 1, 2 ** 31, 3 * monthMs])('calls back once after %i ms', (delayMs) => {
    const called: number[] = []
    systemClock.after(delayMs, () => called.push(systemClock.now()))
    vi.advanceTimersByTime(delayMs - 1)
    expect(called).toEqual([])
    vi.advanceTimersByTime(1)
    vi.advanceTimersByTime(6 * monthMs)
    expect(called).toEqual([delayMs])
  })

  it('calls at once for what is due, or over', () => {
    const callback = vi.fn()
    systemClock.after(0, callback)
    systemClock.after(-5_000, callback)
    vi.advanceTimersByTime(0)
    expect(callback).toHaveBeenCalledTimes(2)
  })

  it('is called off in the middle of a long delay, too', () => {
    const callback = vi.fn()
    const callOff = systemClock.after(3 * monthMs, callback)
    vi.advanceTimersByTime(2 * monthMs)
    callOff()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(2 * monthMs)
    expect(callback).not.toHaveBeenCalled()
  })

  it('keeps no process alive', () => {
    vi.useRealTimers()
    const keepingAlive = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = keepingAlive()
    const callOff = systemClock.after(60_000, () => undefined)
    expect(keepingAlive()).toBe(before)
    callOff()
  })
})
