import { encodeLiveEvent, type LiveEvent } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { ClientError, madeProblem } from '../../packages/client/src/http.ts'
import {
  backoff,
  firstWordLimitMs,
  openLiveStream,
  silenceLimitMs,
  type StreamOptions,
} from '../../packages/client/src/stream.ts'
import { makeTask } from './builders.ts'
import { ManualTiming, rest } from './manual-timing.ts'
import { ScriptedConnection, tasksEvent } from './scripted-stream.ts'

type Answer = 'stream' | ClientError | Response

function watch(options: Partial<StreamOptions> = {}, answers: Answer[] = []) {
  const timing = new ManualTiming()
  const connections: ScriptedConnection[] = []
  const events: LiveEvent[] = []
  const kinds: string[] = []
  const seen = { polls: 0, isServerGone: false }
  const stream = openLiveStream({
    connect(lastEventId) {
      const connection = new ScriptedConnection(lastEventId)
      connections.push(connection)
      const answer = answers.shift() ?? 'stream'
      if (answer === 'stream') return Promise.resolve(connection.response)
      return answer instanceof Response ? Promise.resolve(answer) : Promise.reject(answer)
    },
    onEvent: (event) => void events.push(event),
    onConnection: (kind) => void kinds.push(kind),
    onPoll() {
      seen.polls += 1
      return seen.isServerGone ? Promise.reject(new Error('gone')) : Promise.resolve()
    },
    timing,
    ...options,
  })
  const latest = () => connections.at(-1) as ScriptedConnection
  return { stream, timing, connections, events, kinds, seen, latest }
}

const offline = () => new ClientError(madeProblem('network', 'no', 0))
const refusal = (status: number, code: string) => new ClientError(madeProblem(code, 'no', status))

describe('the live stream', () => {
  it('hands on events whatever the chunks, even inside a letter', async () => {
    const event = tasksEvent(7, { changed: [makeTask(1, { funcName: 'größe_✓' })] })
    const bytes = new TextEncoder().encode(encodeLiveEvent(event))
    const { events, latest, stream } = watch()
    await rest()
    for (const byte of bytes) latest().bytes(Uint8Array.of(byte))
    await rest()
    expect(events).toEqual([event])
    expect(stream.lastEventId).toBe('a-7')
    stream.stop()
  })

  it('resumes by the last id after a break', async () => {
    const { connections, kinds, latest, stream, timing } = watch()
    await rest()
    latest().hello(3)
    latest().send(tasksEvent(4, {}))
    await rest()
    latest().breakOff()
    await timing.advance(1_000)
    expect(connections.map(({ lastEventId }) => lastEventId)).toEqual([null, 'a-4'])
    latest().hello(4)
    await rest()
    expect(kinds).toEqual(['connecting', 'live', 'reconnecting', 'live'])
    stream.stop()
  })

  it('takes a given id along from the start', async () => {
    const { latest, stream } = watch({ lastEventId: 'a-9' })
    await rest()
    expect(latest().lastEventId).toBe('a-9')
    stream.stop()
  })

  it('reconnects when nothing is heard, and pings are enough to be heard', async () => {
    const { connections, latest, stream, timing } = watch()
    await rest()
    latest().hello(1)
    await rest()
    await timing.advance(silenceLimitMs - 1)
    latest().write(': ping\n\n')
    await timing.advance(silenceLimitMs - 1)
    expect(connections).toHaveLength(1)
    await timing.advance(1_001)
    expect(connections).toHaveLength(2)
    expect(connections[0]?.isCancelled).toBe(true)
    stream.stop()
  })

  it('gives up early on a connection without a first word', async () => {
    const { connections, stream, timing } = watch()
    await timing.advance(firstWordLimitMs + 1_000)
    expect(connections).toHaveLength(2)
    stream.stop()
  })

  it.each([
    [401, 'unauthenticated'],
    [403, 'forbidden'],
  ])('stops at %i and says so', async (status, kind) => {
    const { connections, kinds, timing } = watch({}, [refusal(status, kind)])
    await timing.advance(600_000)
    expect(kinds).toEqual(['connecting', kind])
    expect(connections).toHaveLength(1)
    expect(timing.pendingCount).toBe(0)
  })

  it('polls after five failures, keeps trying, and stops polling once live', async () => {
    const { kinds, latest, seen, stream, timing } = watch({ pollIntervalMs: 5_000 }, Array.from({ length: 6 }, offline))
    await timing.advance(20_000)
    expect(kinds.slice(0, 6)).toEqual([
      'connecting',
      'reconnecting',
      'reconnecting',
      'reconnecting',
      'reconnecting',
      'polling',
    ])
    expect(seen.polls).toBeGreaterThanOrEqual(1)
    await timing.advance(10_000)
    latest().hello(1)
    await rest()
    expect(kinds.at(-1)).toBe('live')
    const { polls } = seen
    await timing.advance(30_000)
    expect(seen.polls).toBe(polls)
    stream.stop()
  })

  it('says offline when polling finds nobody', async () => {
    const { kinds, seen, stream, timing } = watch({}, Array.from({ length: 40 }, offline))
    seen.isServerGone = true
    await timing.advance(60_000)
    expect(kinds.at(-1)).toBe('offline')
    seen.isServerGone = false
    await timing.advance(30_000)
    expect(kinds.at(-1)).toBe('polling')
    stream.stop()
  })

  it.each([
    ['a server without a stream', refusal(404, 'not_found')],
    ['a page instead of a stream', new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ])('polls at once for %s', async (_, answer) => {
    const { kinds, seen, stream } = watch({}, [answer])
    await rest()
    expect(seen.polls).toBe(1)
    expect(kinds).toEqual(['connecting', 'polling'])
    stream.stop()
  })

  it('waits as long as a busy server asks', async () => {
    const busy = new ClientError(madeProblem('too_many_requests', 'no', 429), 9_000)
    const { connections, stream, timing } = watch({}, [busy])
    await timing.advance(8_999)
    expect(connections).toHaveLength(1)
    await timing.advance(1)
    expect(connections).toHaveLength(2)
    stream.stop()
  })

  it('rests while nobody looks and resumes by id', async () => {
    const eyes = { isHidden: false, tell: () => undefined as void, isWatched: true }
    const visibility = {
      isHidden: () => eyes.isHidden,
      onVisibilityChange(callback: () => void) {
        eyes.tell = callback
        return () => void (eyes.isWatched = false)
      },
    }
    const { connections, kinds, latest, stream, timing } = watch({ visibility })
    await rest()
    latest().hello(5)
    await rest()
    eyes.isHidden = true
    eyes.tell()
    await timing.advance(600_000)
    expect(connections).toHaveLength(1)
    expect(connections[0]?.isCancelled).toBe(true)
    eyes.isHidden = false
    eyes.tell()
    await rest()
    expect(latest().lastEventId).toBe('a-5')
    expect(kinds).toEqual(['connecting', 'live', 'hidden', 'connecting'])
    stream.stop()
    expect(eyes.isWatched).toBe(false)
  })

  it('makes a reset of a frame it does not understand, and ignores events of a newer server', async () => {
    const { events, latest, stream } = watch()
    await rest()
    latest().write('event: tasks\nid: a-2\ndata: {"changed": 5}\n\n')
    latest().write('event: weather\ndata: {}\n\n')
    await rest()
    expect(events).toEqual([{ event: 'reset', id: 'a-2', data: { reason: 'gap' } }])
    stream.stop()
  })

  it('leaves nothing behind when stopped', async () => {
    const { connections, events, latest, stream, timing } = watch()
    await rest()
    latest().hello(1)
    await rest()
    stream.stop()
    await rest()
    expect(connections[0]?.isCancelled).toBe(true)
    expect(timing.pendingCount).toBe(0)
    await timing.advance(600_000)
    expect(connections).toHaveLength(1)
    expect(events).toHaveLength(1)
  })
})

describe('backoff', () => {
  it.each([
    [1, 0, 500],
    [1, 1, 1_000],
    [3, 1, 4_000],
    [9, 1, 15_000],
    [1_000, 0.5, 7_750],
  ])('after %i failures with chance %d is %i ms', (failures, chance, expected) => {
    expect(backoff(failures, chance)).toBe(expected)
  })
})
