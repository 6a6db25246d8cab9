import { beforeEach, describe, expect, it } from 'vitest'
import type { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { settled, type HandClock } from './live-reader.ts'
import { openLive, type LiveScene } from './live-scene.ts'

let clock: HandClock
let source: ScriptedSource
let errors: unknown[]
let stream: LiveScene['stream']
let watch: LiveScene['watch']
let addMany: LiveScene['addMany']

beforeEach(() => {
  ;({ clock, source, errors, stream, watch, addMany } = openLive())
})

describe('the first frame', () => {
  it('is hello, with the position and what can be done', async () => {
    await addMany(3)
    const reader = watch()
    await settled()
    expect(reader.events).toHaveLength(1)
    const [hello] = reader.of('hello')
    expect(hello).toMatchObject({ id: 'scripted1-3', data: { epoch: 'scripted1', revision: 3 } })
    expect(hello?.data.capabilities.actions).toContain('retry')
  })

  it('is not followed by anything until something changes, but for a ping now and then', async () => {
    const reader = watch()
    await clock.advance(14_999)
    expect([reader.events.length, reader.pings]).toEqual([1, 0])
    await clock.advance(30_001)
    expect([reader.events.length, reader.pings]).toEqual([1, 3])
  })
})

describe('changes', () => {
  it('come at once after a rest, and then once per 100 ms with the latest of each task', async () => {
    const reader = watch()
    const { taskId } = await source.add()
    await clock.advance(0)
    expect(reader.of('tasks')).toHaveLength(1)
    await source.change(taskId, { status: 'running' })
    await source.change(taskId, { status: 'success' })
    await clock.advance(99)
    expect(reader.of('tasks')).toHaveLength(1)
    await clock.advance(1)
    expect(reader.of('tasks')).toHaveLength(2)
    expect(reader.of('tasks')[1]?.data).toMatchObject({ changed: [{ status: 'success', version: 3 }], removed: [] })
    expect(reader.lastId).toBe('scripted1-3')
  })

  it('leave a filter they no longer belong to', async () => {
    const { taskId } = await source.add({ status: 'failed' })
    const [failed, pending] = [watch({ query: 'status=failed' }), watch({ query: 'status=pending' })]
    await source.change(taskId, { status: 'running' })
    await clock.advance(100)
    expect(failed.of('tasks').map(({ data }) => data)).toEqual([{ changed: [], removed: [taskId], overflow: null }])
    expect(pending.of('tasks')).toEqual([])
  })

  it('that came and went within one beat are only gone', async () => {
    const reader = watch({ query: 'status=running' })
    const { taskId } = await source.add()
    await source.change(taskId, { status: 'running' })
    await source.change(taskId, { status: 'success' })
    await clock.advance(100)
    expect(reader.of('tasks')[0]?.data).toEqual({ changed: [], removed: [taskId], overflow: null })
  })

  it('that went and came back within one beat are only there', async () => {
    const { taskId } = await source.add({ status: 'running' })
    const reader = watch({ query: 'status=running' })
    await source.change(taskId, { status: 'pending' })
    await source.change(taskId, { status: 'running' })
    await clock.advance(100)
    expect(reader.of('tasks')[0]?.data).toMatchObject({ changed: [{ taskId, version: 3 }], removed: [] })
  })

  it('end with the deletion of the task', async () => {
    const reader = watch()
    const { taskId } = await source.add({ status: 'success' })
    await source.delete(taskId, { actor: 'a', reason: null })
    await clock.advance(100)
    expect(reader.of('tasks')[0]?.data).toEqual({ changed: [], removed: [taskId], overflow: null })
  })

  it('beyond two hundred tasks are only counted', async () => {
    const reader = watch()
    await addMany(200)
    await clock.advance(100)
    expect(reader.of('tasks')[0]?.data.changed).toHaveLength(200)
    await addMany(450)
    await clock.advance(100)
    expect(reader.of('tasks')[1]?.data).toEqual({
      changed: [],
      removed: [],
      overflow: { changed: 450, sinceRevision: 200 },
    })
    await source.add()
    await clock.advance(100)
    expect(reader.of('tasks')[2]?.data.changed).toHaveLength(1)
  })

  it('of a filter by arguments, which no summary holds, are only counted', async () => {
    const reader = watch({ query: 'q=args.id:42' })
    await source.add({ args: '[{"id":41}]' })
    await clock.advance(100)
    expect(reader.of('tasks')[0]?.data.overflow).toEqual({ changed: 1, sinceRevision: 0 })
  })

  it('are matched by a window as it is at that moment', async () => {
    const reader = watch({ query: 'window=1h' })
    const { taskId } = await source.add()
    await clock.advance(100)
    expect(reader.of('tasks')[0]?.data.changed).toHaveLength(1)
    await clock.advance(2 * 3_600_000)
    await source.change(taskId, { status: 'running' })
    await clock.advance(100)
    expect(reader.of('tasks').filter(({ data }) => data.changed.length > 0)).toHaveLength(1)
  })

  it('make a frame whose size does not depend on the history', async () => {
    const sizeAfter = async (count: number) => {
      await addMany(count)
      await clock.advance(1_000)
      const chunks: Uint8Array[] = []
      const reader = stream().getReader()
      await reader.read()
      await source.add()
      await clock.advance(100)
      chunks.push((await reader.read()).value ?? new Uint8Array())
      await reader.cancel()
      return new TextDecoder().decode(chunks[0]).replace(/\d{2,}/g, '').length
    }
    const [few, many] = [await sizeAfter(10), await sizeAfter(2_000)]
    expect(Math.abs(few - many)).toBeLessThan(20)
  })

  it('are serialised once per filter, however many watch it', async () => {
    const readers = [stream(), stream(), stream({ query: 'status=pending' })].map((body) => body.getReader())
    for (const reader of readers) await reader.read()
    await source.add()
    await clock.advance(0)
    const [first, second, other] = await Promise.all(readers.map((reader) => reader.read()))
    expect(first?.value).toBe(second?.value)
    expect(first?.value).not.toBe(other?.value)
  })
})

describe('counts', () => {
  it('come at most once a second, only when they changed, asked once per filter', async () => {
    let asked = 0
    const { metrics } = source
    source.metrics = (filter) => {
      asked += 1
      return metrics(filter)
    }
    const [one, two] = [watch(), watch()]
    const { taskId } = await source.add()
    await clock.advance(0)
    expect(one.of('counts').map(({ data }) => data.total)).toEqual([1])
    for (let step = 0; step < 9; step += 1) {
      await source.add()
      await clock.advance(100)
    }
    expect(one.of('counts')).toHaveLength(1)
    await clock.advance(100)
    expect(one.of('counts').map(({ data }) => data.total)).toEqual([1, 10])
    expect(two.of('counts')).toHaveLength(2)
    expect(asked).toBe(2)
    await source.change(taskId, { progress: { percent: 5, message: null } })
    await clock.advance(5_000)
    expect(asked).toBe(3)
    expect(one.of('counts')).toHaveLength(2)
  })

  it('do not stop for a filter that nothing happened to', async () => {
    let asked = 0
    source.metrics = () => {
      asked += 1
      return Promise.reject(new Error('store'))
    }
    watch({ query: 'func_name=other' })
    await source.add()
    await clock.advance(5_000)
    expect(asked).toBe(0)
  })

  it('come again after the source failed once', async () => {
    const { metrics } = source
    source.metrics = () => Promise.reject(new Error('store'))
    const reader = watch()
    await source.add()
    await clock.advance(1_000)
    expect(errors).toHaveLength(1)
    source.metrics = metrics
    await source.add()
    await clock.advance(1_000)
    expect(reader.of('counts').map(({ data }) => data.total)).toEqual([2])
  })
})

describe('an open task', () => {
  it('has its log and its progress told to those who opened it', async () => {
    const { taskId } = await source.add({ status: 'running' })
    const [open, other] = [watch({ taskId }), watch()]
    await source.log(taskId, 'one', 'two')
    await source.change(taskId, { progress: { percent: 50, message: 'half' } })
    await clock.advance(100)
    expect(open.of('log')[0]?.data).toMatchObject({ taskId, entries: [{ line: 1 }, { line: 2, message: 'two' }] })
    expect(open.of('progress')[0]?.data).toMatchObject({ taskId, progress: { percent: 50 } })
    expect(other.of('log')).toEqual([])
  })

  it('that writes a lot is told by its newest lines', async () => {
    const { taskId } = await source.add({ status: 'running' })
    const reader = watch({ taskId })
    for (let index = 0; index < 30; index += 1) await source.log(taskId, ...Array.from({ length: 50 }, () => 'line'))
    await clock.advance(100)
    const entries = reader.of('log')[0]?.data.entries ?? []
    expect([entries.length, entries.at(-1)?.line]).toEqual([200, 1_500])
    await source.log(taskId, ...Array.from({ length: 10 }, () => 'x'.repeat(100_000)))
    await clock.advance(100)
    expect(reader.of('log')[1]?.data.entries).toHaveLength(2)
  })

  it('does not let the position run ahead of the changes', async () => {
    const { taskId } = await source.add({ status: 'running' })
    const reader = watch({ taskId })
    await source.log(taskId, 'one')
    await source.change(taskId, { status: 'success' })
    await clock.advance(100)
    expect(reader.of('log')[0]?.id).toBe('scripted1-1')
    expect(reader.of('tasks')[0]?.id).toBe('scripted1-3')
  })
})

it('hints at schedules at most once a second', async () => {
  const reader = watch()
  for (let step = 0; step < 20; step += 1) {
    source.touchSchedules()
    await clock.advance(100)
  }
  expect(reader.of('schedules').length).toBeGreaterThanOrEqual(2)
  expect(reader.of('schedules').length).toBeLessThanOrEqual(3)
})
