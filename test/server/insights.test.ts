import { TaskManager } from '@taskloom/engine'
import { createFakeClock } from '@taskloom/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler } from '../../packages/engine/src/server/handler.ts'
import { barsOf, binCount, binOf } from '../../packages/engine/src/stores/histogram.ts'
import { mount } from './mounted.ts'
import { ask, codeOf, readJson } from './request.ts'

const clock = createFakeClock()
let tasks: TaskManager
let handler: Handler

beforeEach(async () => {
  tasks = new TaskManager({ clock })
  tasks.define('work', { queue: 'mail' }, () => clock.advance(2_000))
  tasks.define('fails', () => {
    throw new Error('no')
  })
  handler = createHandler(tasks.source, { clock })
  await tasks.start()
  const { id } = await tasks.enqueue('work', [], { tags: { customer: 'acme' } })
  await tasks.wait(id)
  const other = await tasks.enqueue('fails', [])
  await tasks.wait(other.id)
})
afterEach(async () => {
  handler.close()
  await tasks.shutdown({ timeoutMs: 0 })
})

const limited = () =>
  createHandler(tasks.source, { clock, auth: () => ({ name: 'a', role: 'viewer', queues: ['mail'] }) as never })

describe('GET histogram', () => {
  it('tells how durations and waits of a filter are spread', async () => {
    const all = await readJson(await ask(handler, '/histogram'))
    expect(all).toMatchObject({ samples: 2, is_capped: false })
    const { duration, wait } = (await readJson(await ask(handler, '/histogram?func_name=work'))) as {
      duration: { from_ms: number; to_ms: number; count: number }[]
      wait: { count: number }[]
    }
    expect(duration).toHaveLength(1)
    expect(duration[0]).toMatchObject({ count: 1 })
    expect(duration[0]?.from_ms).toBeLessThan(2_000)
    expect(duration[0]?.to_ms).toBeGreaterThanOrEqual(2_000)
    expect(wait.reduce((sum, { count }) => sum + count, 0)).toBe(1)
    expect(await readJson(await ask(handler, '/histogram?queue=none'))).toMatchObject({ duration: [], samples: 0 })
  })

  it('is of what the caller sees', async () => {
    expect(await readJson(await ask(limited(), '/histogram'))).toMatchObject({ samples: 1 })
    expect(await codeOf(ask(handler, '/histogram?q=args.a:1'))).toBe('400 bad_query')
    expect(await codeOf(ask(mount().handler, '/histogram'))).toBe('501 unsupported')
  })
})

describe('GET latency', () => {
  it('tells percentiles in the buckets of the chart', async () => {
    const chart = await readJson(await ask(handler, '/timeline?hours=6'))
    const latency = (await readJson(await ask(handler, '/latency?hours=6'))) as { buckets: Record<string, unknown>[] }
    expect(latency).toMatchObject({ since: chart['since'], until: chart['until'], bucket_ms: chart['bucket_ms'] })
    const last = latency.buckets.find(({ ended }) => ended !== 0)
    expect(last).toMatchObject({ ended: 2, failed: 1 })
    expect(Object.keys(last ?? {})).toEqual(
      'at ended failed p50_duration_ms p95_duration_ms p99_duration_ms p50_wait_ms p95_wait_ms'.split(' '),
    )
    expect(Math.abs((last?.['p99_duration_ms'] as number) - 2_000)).toBeLessThan(25)
    expect(latency.buckets[0]).toMatchObject({ ended: 0, p50_duration_ms: null, p95_wait_ms: null })
  })

  it('is of what the caller sees, and empty for no time', async () => {
    const { buckets } = (await readJson(await ask(limited(), '/latency?hours=1'))) as { buckets: { ended: number }[] }
    expect(buckets.reduce((sum, { ended }) => sum + ended, 0)).toBe(1)
    const since = new Date(clock.now() + 7_200_000).toISOString()
    expect(await readJson(await ask(handler, `/latency?since=${since}`))).toMatchObject({ buckets: [] })
    expect(await codeOf(ask(handler, '/latency?hours=0'))).toBe('400 bad_query')
    expect(await codeOf(ask(handler, '/latency?bucket=1m'))).toBe('400 bad_query')
    expect(await codeOf(ask(mount().handler, '/latency'))).toBe('501 unsupported')
  })
})

describe('bars', () => {
  const binsOf = (values: readonly number[]) => {
    const bins = new Float64Array(binCount)
    for (const value of values) bins[binOf(value)] = (bins[binOf(value)] ?? 0) + 1
    return bins
  }

  it.each([
    ['one value', [5], 1],
    ['nothing but zero', [0, 0], 1],
    ['zero and one more', [0, 7], 2],
    ['a microsecond and a year', [0.001, 3e10], 40],
    ['zero and a wide range', [0, 0.001, 3e10], 40],
  ])('of %s hold all of it', (_name, values, most) => {
    const bars = barsOf(binsOf(values), 40)
    expect(bars.length).toBeLessThanOrEqual(most)
    expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
  })

  it('are none of nothing', () => {
    expect(barsOf(binsOf([]), 40)).toEqual([])
  })
})
