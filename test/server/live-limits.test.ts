import { describe, expect, it } from 'vitest'
import { anonymous, type Caller } from '../../packages/engine/src/server/identity/caller.ts'
import { readOptions, type HandlerOptions } from '../../packages/engine/src/server/options.ts'
import { settled } from './live-reader.ts'
import { openLive } from './live-scene.ts'

const tooMany = expect.objectContaining({ code: 'too_many_requests' }) as Error

function signedIn(sessionId: string, expiresAt: number | null = null): Caller {
  return { ...anonymous, name: 'kim', via: 'session', sessionId, expiresAt }
}

describe('the places for live streams', () => {
  it('are ten for a session, and one that is left is free again', async () => {
    const { watch } = openLive()
    const [kim, other] = [signedIn('one'), signedIn('two')]
    const readers = Array.from({ length: 10 }, () => watch({ caller: kim }))
    expect(() => watch({ caller: kim })).toThrow(tooMany)
    expect(() => watch({ caller: other })).not.toThrow()
    await readers[3]?.cancel()
    expect(() => watch({ caller: kim })).not.toThrow()
    expect(() => watch({ caller: kim })).toThrow(tooMany)
  })

  it('are fifty for an address without a session, so that nobody locks others out', () => {
    const { watch, hub } = openLive()
    let refused = 0
    for (let asked = 0; asked < 1_000; asked += 1) {
      try {
        watch({ address: '10.0.0.1', isStalled: true })
      } catch {
        refused += 1
      }
    }
    expect([refused, hub.size]).toEqual([950, 50])
    expect(() => watch({ address: '10.0.0.2' })).not.toThrow()
    expect(() => watch({ address: '10.0.0.1', caller: signedIn('one') })).not.toThrow()
  })

  it('are as many as the mount says', () => {
    const { watch } = openLive({ limits: { streams: 3, streamsPerSession: 1, streamsPerAddress: 2 } })
    watch({ caller: signedIn('one') })
    expect(() => watch({ caller: signedIn('one') })).toThrow(tooMany)
    watch({ address: '10.0.0.1' })
    watch()
    expect(() => watch({ address: '10.0.0.2' })).toThrow(tooMany)
  })

  it.each([
    [{ limits: { streams: 0 } }, 'limits.streams'],
    [{ limits: { streamsPerSession: 1.5 } }, 'limits.streamsPerSession'],
    [{ limits: { streamsPerAddress: 100_001 } }, 'limits.streamsPerAddress'],
    [{ limits: { stream: 5 } }, 'stream'],
    [{ limits: 5 }, 'limits'],
    [{ pollInterval: 'often' }, 'pollInterval'],
    [{ pollInterval: -1 }, 'pollInterval'],
    [{ pollInterval: {} }, 'pollInterval'],
  ])('%j is refused by its name', (options, option) => {
    const refusal = expect.objectContaining({
      code: 'bad_option',
      details: expect.objectContaining({ option }) as object,
    })
    expect(() => readOptions(options as unknown as HandlerOptions)).toThrow(refusal as Error)
  })

  it.each([
    [undefined, 1_000],
    ['2s', 2_000],
    [5, 100],
    ['1h', 60_000],
  ])('the interval %j is kept within its bounds', (pollInterval, wantedMs) => {
    expect(readOptions(pollInterval === undefined ? {} : { pollInterval }).pollIntervalMs).toBe(wantedMs)
  })
})

describe('a session that is over', () => {
  it('takes its streams with it, and no others', async () => {
    const revoked = new Set<string>()
    const { watch, clock, hub } = openLive({}, async ({ sessionId }) => !revoked.has(sessionId ?? ''))
    const [mine, same, other, nobody] = [
      watch({ caller: signedIn('one') }),
      watch({ caller: signedIn('one') }),
      watch({ caller: signedIn('two') }),
      watch(),
    ]
    await clock.advance(4_000)
    expect(hub.size).toBe(4)
    revoked.add('one')
    await clock.advance(2_000)
    expect([mine, same].map((reader) => reader.of('bye')[0])).toMatchObject([
      { id: null, data: { reason: 'session_ended' } },
      { id: null, data: { reason: 'session_ended' } },
    ])
    expect([mine.isDone, same.isDone, other.isDone, nobody.isDone, hub.size]).toEqual([true, true, false, false, 2])
  })

  it('is so at the instant that was said, whoever says otherwise', async () => {
    const { watch, clock } = openLive({}, () => Promise.resolve(true))
    const reader = watch({ caller: signedIn('one', clock.now() + 10_000) })
    await clock.advance(9_000)
    expect(reader.isDone).toBe(false)
    await clock.advance(3_000)
    expect([reader.isDone, reader.of('bye')[0]?.data.reason]).toEqual([true, 'session_ended'])
  })

  it.each([
    ['fails', () => Promise.reject(new Error('store'))],
    ['throws', () => expect.fail('thrown')],
    ['hangs', () => new Promise<boolean>(() => undefined)],
    ['gives no answer', () => Promise.resolve(undefined as unknown as boolean)],
  ])('is so also when whoever knows it %s', async (_, isAlive) => {
    const { watch, clock } = openLive({}, isAlive)
    const reader = watch({ caller: signedIn('one') })
    await clock.advance(5_000)
    expect(reader.isDone).toBe(true)
  })

  it('is asked about once for all of its streams, every two seconds, and not when there are none', async () => {
    let asked = 0
    const { watch, clock } = openLive({}, () => {
      asked += 1
      return Promise.resolve(true)
    })
    watch()
    await clock.advance(60_000)
    expect(asked).toBe(0)
    const readers = [watch({ caller: signedIn('one') }), watch({ caller: signedIn('one') })]
    await clock.advance(10_000)
    expect(asked).toBe(5)
    for (const reader of readers) await reader.cancel()
    await clock.advance(10_000)
    expect(asked).toBe(5)
  })
})

it('a reader that sees only some tasks is not told the ids of others that are deleted', async () => {
  const { watch, source, clock } = openLive()
  const hidden = await source.add({ status: 'success', queue: 'secret' })
  const shown = watch({ query: 'queue=mail', isLimited: true })
  await source.delete(hidden.taskId, { actor: 'a', reason: null, role: null, address: null })
  await clock.advance(100)
  expect(shown.of('tasks').map(({ data }) => data)).toEqual([
    { changed: [], removed: [], overflow: { changed: 1, sinceRevision: 1 } },
  ])
})

it('a reader that takes nothing for minutes is given up, and one that is idle is not', async () => {
  const { watch, source, clock, hub } = openLive()
  watch({ isStalled: true })
  const idle = watch()
  await source.add()
  await clock.advance(299_000)
  await settled()
  expect(hub.size).toBe(2)
  await clock.advance(30_000)
  expect([hub.size, idle.isDone]).toEqual([1, false])
})
