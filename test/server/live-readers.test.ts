import { parseFilter, parseLiveId } from '@taskloom/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import type { LiveHub } from '../../packages/engine/src/server/live.ts'
import { streamOf } from '../../packages/engine/src/server/live/stream.ts'
import type { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { LiveReader, settled, type HandClock } from './live-reader.ts'
import { nobody, openLive, type LiveScene } from './live-scene.ts'

let clock: HandClock
let source: ScriptedSource
let hub: LiveHub
let watch: LiveScene['watch']
let addMany: LiveScene['addMany']

beforeEach(() => {
  ;({ clock, source, hub, watch, addMany } = openLive())
})

describe('resuming', () => {
  it('tells what was missed, and starts with the position that the reader has', async () => {
    const first = watch()
    const { taskId } = await source.add()
    await clock.advance(100)
    await first.cancel()
    await source.change(taskId, { status: 'failed' })
    await source.add()
    const second = watch({ lastEventId: first.lastId })
    await settled()
    expect(second.of('hello')[0]?.id).toBe('scripted1-1')
    expect(second.of('tasks')[0]).toMatchObject({ id: 'scripted1-3', data: { removed: [], overflow: null } })
    expect(second.of('tasks')[0]?.data.changed).toHaveLength(2)
    expect(second.of('reset')).toEqual([])
    await clock.advance(1_000)
    expect(second.of('counts')[0]?.data.total).toBe(2)
  })

  it('repeats the log of the open task', async () => {
    const { taskId } = await source.add({ status: 'running' })
    const first = watch({ taskId })
    await settled()
    await first.cancel()
    await source.log(taskId, 'missed')
    const second = watch({ taskId, lastEventId: first.lastId })
    await settled()
    expect(second.of('log')[0]?.data.entries).toMatchObject([{ message: 'missed' }])
  })

  it.each([
    ['another-epoch', 'otherepoch-5', 'epoch'],
    ['a position before the first', 'scripted1-0', 'gap'],
    ['a position that does not exist yet', 'scripted1-999', 'gap'],
  ])('from %s is a reset', async (_, lastEventId, reason) => {
    await addMany(5)
    const reader = watch({ lastEventId })
    await settled()
    expect(reader.of('hello')[0]?.id).toBe(lastEventId)
    expect(reader.of('reset')).toMatchObject([{ id: 'scripted1-5', data: { reason } }])
  })

  it('is a reset when more happened than is remembered', async () => {
    const first = watch()
    await settled()
    await first.cancel()
    await addMany(5_000)
    const inTime = watch({ lastEventId: first.lastId })
    await source.add()
    const late = watch({ lastEventId: first.lastId })
    await settled()
    expect(inTime.of('tasks')[0]?.data.overflow).toEqual({ changed: 5_000, sinceRevision: 0 })
    expect(late.of('reset')[0]?.data.reason).toBe('gap')
  })

  it.each(['', 'x', 'scripted1-', '../-1', 'scripted1-1; DROP', '9'.repeat(9_999)])(
    'from what is no position (%s) is a beginning',
    async (lastEventId) => {
      const reader = watch({ lastEventId })
      await settled()
      expect(reader.events.map(({ event }) => event)).toEqual(['hello'])
    },
  )

  it('is possible also for a reader whose filter nothing belonged to for long', async () => {
    const reader = watch({ query: 'func_name=other' })
    await addMany(1_500)
    await clock.advance(100)
    expect(parseLiveId(reader.lastId)?.revision).toBe(1_500)
    await addMany(10)
    await clock.advance(15_000)
    expect(parseLiveId(reader.lastId)?.revision).toBe(1_510)
    expect(reader.of('tasks').every(({ data }) => data.changed.length === 0)).toBe(true)
  })
})

describe('a reader', () => {
  it('that does not read loses its queue at a mebibyte, and is told when it reads again', async () => {
    const slow = watch({ isStalled: true })
    const quick = watch()
    const { taskId } = await source.add()
    for (let step = 0; step < 400; step += 1) {
      await source.change(taskId, { error: 'x'.repeat(4_000) })
      await clock.advance(100)
    }
    expect(quick.of('tasks').length).toBeGreaterThan(390)
    void slow.read()
    await settled()
    expect(slow.events.map(({ event }) => event)).toEqual(['reset'])
    expect(slow.of('reset')[0]).toMatchObject({ id: quick.lastId, data: { reason: 'slow_reader' } })
    await source.add()
    await clock.advance(100)
    expect(slow.of('tasks')).toHaveLength(1)
    expect(quick.of('reset')).toEqual([])
  })

  it('is one of at most two hundred, and leaves its place to another', async () => {
    const readers = Array.from({ length: 200 }, () => watch())
    expect(() => watch()).toThrowError(expect.objectContaining({ code: 'too_many_requests' }) as Error)
    await readers[0]?.cancel()
    expect(() => watch()).not.toThrow()
  })

  it('that leaves last takes every timer with it', async () => {
    const reader = watch()
    await source.add()
    source.touchSchedules()
    expect(clock.timers).toBeGreaterThan(1)
    await reader.cancel()
    expect([hub.size, clock.timers]).toEqual([0, 0])
    await source.add()
    expect(clock.timers).toBe(0)
  })

  it('whose request is aborted is let go', async () => {
    const gone = new AbortController()
    const params = new URLSearchParams()
    const filterAt = (now: number) => parseFilter(params, now)
    const request = { key: '', filterAt, taskId: null, lastEventId: null, ...nobody }
    const reader = new LiveReader(streamOf(hub.open(request, gone.signal)))
    await settled()
    gone.abort()
    await settled()
    expect([hub.size, clock.timers, reader.isDone]).toEqual([0, 0, true])
  })
})

describe('closing', () => {
  it('says goodbye, ends every stream and lets go of the source', async () => {
    const reader = watch()
    await source.add()
    hub.close()
    await settled()
    expect(reader.of('bye')[0]?.data.reason).toBe('shutdown')
    expect([reader.isDone, hub.size, clock.timers, source.listenerCount]).toEqual([true, 0, 0, 0])
    expect(() => watch()).toThrowError(expect.objectContaining({ code: 'unavailable' }) as Error)
    hub.close()
  })
})
