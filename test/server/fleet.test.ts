import { memory, TaskManager } from '@taskloom/engine'
import { createFakeClock } from '@taskloom/testkit'
import { queueView, workerView, type Codec } from '@taskloom/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler } from '../../packages/engine/src/server/handler.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { mount } from './mounted.ts'
import { ask, codeOf, command } from './request.ts'

const clock = createFakeClock()
let tasks: TaskManager
let handler: Handler
const work = scriptedTask([{ holds: true }])

beforeEach(async () => {
  tasks = new TaskManager({ clock, queues: { mail: { concurrency: 3, rateLimit: { max: 4, per: '1m' } } } })
  handler = createHandler(tasks.source, { clock })
  tasks.define('work', { queue: 'mail' }, work.run)
  tasks.define('fails', { retries: 0 }, () => {
    throw new RangeError('no shelf 17')
  })
  await tasks.start()
})
afterEach(() => tasks.shutdown({ timeoutMs: 0 }))

const read = async (target: string): Promise<unknown> => {
  const response = await ask(handler, target)
  expect(response.status).toBe(200)
  return response.json()
}

describe('GET queues', () => {
  it('tells counts, the longest wait in seconds, throughput, limit, workers and pause', async () => {
    await tasks.enqueue('work', [], { delay: '2s' })
    await tasks.source.pauseQueue('mail', { actor: 'ann', reason: null })
    await clock.advance(7_000)
    expect(await read('/queues')).toEqual([
      {
        queue: 'mail',
        counts: expect.objectContaining({ pending: 1 }) as object,
        total: 1,
        oldest_wait: 5,
        throughput: 0,
        concurrency: 3,
        paused: true,
        paused_at: new Date(clock.now() - 7_000).toISOString(),
        paused_by: 'ann',
        workers: 1,
        no_worker: false,
        rate_limit: { max: 4, per: 60 },
        max_pending: null,
        sparkline: {
          since: expect.any(String) as string,
          bucket_ms: 120_000,
          ended: Array.from({ length: 30 }, () => 0),
          failed: Array.from({ length: 30 }, () => 0),
        },
      },
    ])
  })

  it('draws the last hour by creation, and flags queues that nobody serves', async () => {
    const { id } = await tasks.enqueue('fails', [])
    await tasks.wait(id)
    await clock.advance(10 * 60_000)
    const other = new TaskManager({ clock, store: memory() })
    other.define('late', { queue: 'lost' }, () => null)
    await other.enqueue('late', [])
    const [lost] = await other.source.queues()
    expect(lost).toMatchObject({ queue: 'lost', workers: 0, noWorker: true })
    await other.shutdown()
    const queues = await tasks.source.queues()
    const { sparkline } = queues.find(({ queue }) => queue === 'default') ?? {}
    expect(sparkline?.since).toBeLessThanOrEqual(clock.now() - 58 * 60_000)
    for (const counts of [sparkline?.ended, sparkline?.failed]) {
      expect(counts).toHaveLength(30)
      expect([23, 24, 25].map((index) => counts?.[index])).toContain(1)
      expect(counts?.reduce((sum, count) => sum + count, 0)).toBe(1)
    }
  })

  it('is answered by a source that knows counts alone', async () => {
    const { source, handler: plain } = mount()
    await source.add({ status: 'failed' })
    const [queue] = (await (await ask(plain, '/queues')).json()) as object[]
    expect(Object.keys(queue!).sort()).toEqual(['counts', 'queue', 'total'])
  })
})

describe('POST queues', () => {
  it('pauses and resumes, and keeps who did it and why', async () => {
    const { id } = await tasks.enqueue('work', [], { delay: '1s' })
    const paused = await ask(handler, '/queues/mail/pause', command({ reason: 'moving' }))
    expect(await paused.json()).toMatchObject({ queue: 'mail', paused: true, paused_by: 'anonymous' })
    await clock.advance(1_000)
    expect((await tasks.get(id))?.status).toBe('pending')
    const resumed = await ask(handler, '/queues/mail/resume', command())
    expect(await resumed.json()).toMatchObject({ paused: false, paused_at: null, paused_by: null })
    await clock.advance(0)
    expect((await tasks.get(id))?.status).toBe('running')
    const { entries } = await tasks.source.audit.list({ cursor: null, limit: 10 })
    expect(entries).toMatchObject([
      { action: 'queue_resume', target: 'mail', outcome: 'ok', reason: null },
      { action: 'queue_pause', target: 'mail', outcome: 'ok', reason: 'moving' },
    ])
    work.release()
  })

  it('drains what waits, in the background', async () => {
    await tasks.source.pauseQueue('mail', { actor: 'ann', reason: null })
    const ids = await Promise.all(['1s', '1h'].map((delay) => tasks.enqueue('work', [], { delay })))
    const other = await tasks.enqueue('fails', [], { delay: '1h' })
    const begun = (await (await ask(handler, '/queues/mail/drain', command())).json()) as { operation_id: string }
    await expect
      .poll(async () => {
        await clock.advance(1_000)
        return (await tasks.source.operations.get(begun.operation_id)).status
      })
      .toBe('done')
    for (const { id } of ids) expect((await tasks.get(id))?.status).toBe('cancelled')
    expect((await tasks.get(other.id))?.status).toBe('pending')
  })

  it('takes any name that a queue can have', async () => {
    const name = 'ä b?'
    const answer = await ask(handler, `/queues/${encodeURIComponent(name)}/pause`, command())
    expect(await answer.json()).toMatchObject({ queue: name, total: 0, paused: true })
    expect(await codeOf(ask(handler, `/queues/${'x'.repeat(101)}/pause`, command()))).toBe('400 bad_body')
  })

  it('is refused where the mount is read-only', async () => {
    const readOnly = createHandler(tasks.source, { clock, write: false })
    expect(await codeOf(ask(readOnly, '/queues/mail/pause', command()))).toBe('403 read_only')
    expect(await tasks.source.queues()).toEqual([])
  })
})

describe('GET workers, drift and locks', () => {
  it('tell how processes fare', async () => {
    const [worker] = (await read('/workers')) as object[]
    expect(worker).toMatchObject({ pid: process.pid, status: 'active', queues: ['default', 'mail'], functions: 2 })
    expect(Object.keys(worker!).sort()).toEqual([...(workerView.schema['required'] as string[])].sort())
    expect(worker).toHaveProperty('event_loop_lag_ms')
  })

  it('tell functions that nobody knows', async () => {
    const other = new TaskManager({ clock })
    expect(await read('/drift')).toEqual({
      workers: 1,
      unregistered: [],
      partial: [],
      unseen: ['fails', 'work'],
      truncated: false,
    })
    await other.shutdown()
  })

  it('tell who holds a lock', async () => {
    const { id } = await tasks.enqueue('work', [], { locks: ['Book:1'], user: 'ann', delay: '1h' })
    expect(await read('/locks')).toEqual([
      {
        key: 'Book:1',
        task_id: id,
        func_name: 'work',
        status: 'pending',
        user: 'ann',
        since: new Date(clock.now()).toISOString(),
        owner: id,
      },
    ])
  })

  it.each(['/workers', '/drift', '/locks', '/errors'])(
    '%s is unsupported by a source that lacks it',
    async (target) => {
      expect(await codeOf(ask(mount().handler, target))).toBe('501 unsupported')
    },
  )
})

describe('GET errors', () => {
  it('counts failures by kind within a window, of one function if wanted', async () => {
    const { id } = await tasks.enqueue('fails')
    await tasks.wait(id)
    const at = new Date(clock.now()).toISOString()
    const group = {
      fingerprint: expect.stringMatching(/^[\da-f]{16}$/) as string,
      type: 'RangeError',
      message: 'RangeError: no shelf 17',
      functions: ['fails'],
      count_1h: 1,
      count_24h: 1,
      count_7d: 1,
      first_seen: at,
      last_seen: at,
      sample_task: id,
      trend: [...Array.from({ length: 23 }, () => 0), 1],
      state: 'open',
      state_at: null,
      state_by: null,
    }
    expect(await read('/errors')).toEqual([group])
    expect(await read('/errors?func_name=fails&window=1h')).toEqual([group])
    expect(await read('/errors?func_name=work')).toEqual([])
    await clock.advance(2 * 3_600_000 + 1)
    expect(await read('/errors?window=1h')).toEqual([])
    expect(await read('/errors?window=3h')).toEqual([{ ...group, count_1h: 0, trend: [...group.trend.slice(2), 0, 0] }])
  })

  it('names the parameter that is not understood', async () => {
    for (const target of ['/errors?window=never', '/errors?func_name=%00', '/errors?since=1']) {
      expect(await codeOf(ask(handler, target))).toBe('400 bad_query')
    }
  })
})

it('the fuller answer of queues is read by pages of before', () => {
  const codec = queueView as Codec<unknown>
  expect(codec.decode({ queue: 'a', counts: {}, total: 0 })).toEqual({ queue: 'a', counts: {}, total: 0 })
})

describe('POST errors/{fingerprint}', () => {
  const groupOf = async (from = handler) => {
    const [group] = (await (await ask(from, '/errors')).json()) as { fingerprint: string; state: string }[]
    return group
  }
  const failOnce = async () => {
    const { id } = await tasks.enqueue('fails', [])
    await tasks.wait(id)
  }

  it('resolves, ignores and reopens a kind of failure, and writes it down', async () => {
    await failOnce()
    const { fingerprint = '', ...open } = (await groupOf()) ?? {}
    expect(open).toMatchObject({ state: 'open', state_at: null, state_by: null })
    expect((open as { trend?: number[] }).trend).toHaveLength(24)
    await clock.advance(1_000)
    const mark = (verb: string, body = {}) => ask(handler, `/errors/${fingerprint}/${verb}`, command(body))
    expect(await (await mark('resolve', { reason: 'new shelf' })).json()).toMatchObject({
      fingerprint,
      state: 'resolved',
      state_by: 'anonymous',
    })
    await clock.advance(1_000)
    await failOnce()
    expect(await groupOf()).toMatchObject({ state: 'regressed' })
    await mark('ignore')
    expect(await groupOf()).toMatchObject({ state: 'ignored' })
    await mark('reopen')
    expect(await groupOf()).toMatchObject({ state: 'open', state_at: null })
    const { entries } = await tasks.source.audit.list({ cursor: null, limit: 10 })
    expect(entries.map(({ action, target, reason }) => [action, target, reason])).toEqual([
      ['error_reopen', fingerprint, null],
      ['error_ignore', fingerprint, null],
      ['error_resolve', fingerprint, 'new shelf'],
    ])
  })

  it('is refused for an unknown kind, in a read-only mount, and to who sees some tasks', async () => {
    await failOnce()
    const { fingerprint = '' } = (await groupOf()) ?? {}
    expect(await codeOf(ask(handler, '/errors/nothing/resolve', command()))).toBe('404 not_found')
    const readOnly = createHandler(tasks.source, { clock, write: false })
    expect(await codeOf(ask(readOnly, `/errors/${fingerprint}/resolve`, command()))).toBe('403 read_only')
    const auth = () => ({ name: 'ann', role: 'operator', queues: ['mail'] }) as never
    const limited = createHandler(tasks.source, { clock, auth })
    expect(await codeOf(ask(limited, `/errors/${fingerprint}/resolve`, command()))).toBe('403 forbidden')
    expect(await groupOf()).toMatchObject({ state: 'open' })
    expect(await codeOf(ask(mount().handler, '/errors/x/resolve', command()))).toBe('501 unsupported')
  })
})
