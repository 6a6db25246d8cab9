import { describe, expect, it } from 'vitest'
import { ClientError, madeProblem } from '../../packages/client/src/http.ts'
import type { DashboardStoreOptions } from '../../packages/client/src/store/core.ts'
import { makeMetrics, makeTask, noon, taskIdOf } from './builders.ts'
import { goLive, ids, prepare, shownIds } from './dashboard-scene.ts'
import { rest } from './manual-timing.ts'
import { tasksEvent } from './scripted-stream.ts'

const gone = () => new ClientError(madeProblem('network', 'The server cannot be reached', 0))

describe('loading', () => {
  it('asks for rows first', async () => {
    const { server, store } = await goLive()
    expect(server.calls.filter((call) => call !== 'stream')[0]).toBe('list')
    expect(shownIds(store)).toEqual(ids(3, 2, 1))
    expect(store.state).toMatchObject({
      connection: { kind: 'live' },
      list: { phase: 'ready', total: 3 },
      metrics: { total: 3 },
      capabilities: { protocol: 1 },
      dataAt: expect.any(Number) as number,
    })
  })

  it('tells listeners once for what happens at once', async () => {
    const { store } = await goLive()
    let heard = 0
    store.subscribe(() => (heard += 1))
    store.select([taskIdOf(1)], true)
    store.select([taskIdOf(2)], true)
    store.clearSelection()
    await rest()
    expect(heard).toBe(1)
  })

  it('lets the latest question win', async () => {
    const { server, store } = await goLive()
    server.put(makeTask(4, { status: 'failed' }))
    const letGo = server.holdBack('list')
    const first = store.setView({ statuses: ['pending'] })
    const second = store.setView({ statuses: ['failed'] })
    await second
    letGo()
    await first
    expect(shownIds(store)).toEqual(ids(4))
    expect(store.state.view.statuses).toEqual(['failed'])
  })

  it('catches up on what changed between the first rows and the stream', async () => {
    const { server, store, timing } = prepare()
    await store.start()
    server.put(makeTask(1))
    server.connection.hello(1)
    await timing.advance(2_000)
    expect(shownIds(store)).toEqual(ids(1))
  })

  it('applies what it hears while an older answer is on its way', async () => {
    const { server, store } = await goLive()
    const letGo = server.holdBack('list')
    const refreshed = store.refresh()
    server.publish(makeTask(4), makeTask(2, { status: 'running', version: 2 }))
    server.remove(taskIdOf(1))
    await rest()
    letGo()
    await refreshed
    expect(store.state.list.tasks).toEqual(server.list({}).tasks)
  })

  it('keeps the rows while a search is half typed, and says what is wrong', async () => {
    const { server, store } = await goLive()
    const calls = server.calls.length
    await store.setView({ search: 'error:"ope' })
    expect(store.state.searchProblem).toMatchObject({ code: 'bad_query', position: 6 })
    expect(server.calls).toHaveLength(calls)
    await store.setView({ search: '' })
    expect(store.state.searchProblem).toBeNull()
  })

  it('says that the server is gone, and shows what was seen last', async () => {
    const values = new Map<string, unknown>()
    const snapshots = {
      get: (key: string) => Promise.resolve(values.get(key)),
      set: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
    }
    const before = await goLive(2, { snapshots })
    before.store.stop()
    await rest()
    const { server, store, timing } = prepare({ snapshots })
    server.failure = gone()
    await store.start()
    expect(store.state.list).toMatchObject({ phase: 'failed', problem: { code: 'network' } })
    expect(shownIds(store)).toEqual(ids(2, 1))
    await timing.advance(60_000)
    expect(store.state.connection.kind).toBe('offline')
    server.failure = null
    server.put(makeTask(9))
    await timing.advance(60_000)
    server.connection.hello(1)
    await timing.advance(2_000)
    expect(shownIds(store)).toEqual(ids(9))
    expect(store.state).toMatchObject({ connection: { kind: 'live' }, list: { phase: 'ready', problem: null } })
  })

  it('walks through pages and back to a first page that lives', async () => {
    const { server, store } = await goLive(5, { view: { pageSize: 2 } })
    await store.nextPage()
    expect([shownIds(store), store.state.view.pageNumber]).toEqual([ids(3, 2), 2])
    await store.nextPage()
    expect([shownIds(store), store.state.list.nextCursor]).toEqual([ids(1), null])
    await store.firstPage()
    expect(store.state.view).toMatchObject({ cursor: null, pageNumber: 1 })
    server.publish(makeTask(6))
    await rest()
    expect(shownIds(store)).toEqual(ids(6, 5))
    await store.nextPage()
    expect(shownIds(store)).toEqual(ids(4, 3))
  })
})

describe('live', () => {
  it('shows a new row, flashes it, and takes the counts', async () => {
    const { server, store } = await goLive()
    server.publish(makeTask(4))
    server.connection.send({ event: 'counts', id: 'a-9', data: makeMetrics({ total: 4, pending: 4 }) })
    await rest()
    expect(shownIds(store)).toEqual(ids(4, 3, 2, 1))
    expect([...store.state.flashedIds]).toEqual(ids(4))
    expect(store.state).toMatchObject({ metrics: { pending: 4 }, list: { total: 4 } })
  })

  it.each([
    ['too much to tell', () => tasksEvent(9, { overflow: { changed: 900, sinceRevision: 2 } })],
    ['a reset', () => ({ event: 'reset', id: 'b-1', data: { reason: 'epoch' } }) as const],
  ])('asks anew after %s', async (_, make) => {
    const { server, store, timing } = await goLive()
    server.put(makeTask(7))
    server.connection.send(make())
    await timing.advance(1_500)
    expect(store.state.list.tasks).toEqual(server.list({}).tasks)
    expect(store.state.metrics?.total).toBe(4)
  })

  it('asks for the figures at most every five seconds, however much happens', async () => {
    const { server, timing } = await goLive()
    await timing.advance(20_000)
    server.calls.length = 0
    for (let number = 10; number < 110; number += 1) {
      server.publish(makeTask(number))
      await timing.advance(100)
    }
    const count = (name: string) => server.calls.filter((call) => call === name).length
    expect(count('timeline')).toBeLessThanOrEqual(3)
    expect(count('queues')).toBeLessThanOrEqual(2)
    expect(count('list')).toBe(0)
  })

  it('polls when no stream comes', async () => {
    const { server, store, timing } = await goLive(1, { pollIntervalMs: 4_000 })
    const { client } = server
    Object.assign(client, { openStream: () => Promise.reject(new ClientError(madeProblem('unsupported', 'no', 501))) })
    server.connection.end()
    await timing.advance(20_000)
    expect(store.state.connection.kind).toBe('polling')
    server.put(makeTask(2))
    await timing.advance(5_000)
    expect(shownIds(store)).toEqual(ids(2, 1))
  })

  it('stops for a caller who is refused, and begins again with refresh', async () => {
    const { server, store, timing } = await goLive()
    server.failure = new ClientError(madeProblem('unauthenticated', 'Sign in first', 401))
    await store.refresh()
    expect(store.state.connection).toMatchObject({ kind: 'unauthenticated', problem: { status: 401 } })
    const calls = server.calls.length
    await timing.advance(120_000)
    expect(server.calls.length).toBe(calls)
    server.failure = null
    await store.refresh()
    server.connection.hello(1)
    await rest()
    expect(store.state.connection.kind).toBe('live')
  })

  it('is silent after its end', async () => {
    const { server, store, timing } = await goLive()
    let heard = 0
    store.subscribe(() => (heard += 1))
    store.stop()
    const calls = server.calls.length
    await timing.advance(600_000)
    expect([heard, server.calls.length, timing.pendingCount]).toEqual([0, calls, 0])
  })
})

describe('held rows', () => {
  it('change in place, and move only when let go', async () => {
    const { server, store } = await goLive()
    store.hold()
    server.publish(makeTask(4), makeTask(2, { status: 'running', version: 2 }))
    server.remove(taskIdOf(1))
    await rest()
    expect(shownIds(store)).toEqual(ids(3, 2, 1))
    expect(store.state.list.tasks[1]?.status).toBe('running')
    expect(store.state.list.waitingCount).toBe(2)
    store.settle()
    expect(shownIds(store)).toEqual(ids(4, 3, 2))
    expect(store.state.list.waitingCount).toBe(0)
  })

  it('give way to what the operator asks for', async () => {
    const { server, store } = await goLive()
    server.put(makeTask(4, { status: 'failed' }))
    store.hold()
    await store.setView({ statuses: ['failed'] })
    expect(shownIds(store)).toEqual(ids(4))
  })
})

describe('pause', () => {
  it('counts distinct tasks, changes nothing, and catches up', async () => {
    const { server, store } = await goLive()
    store.pause()
    const { tasks } = store.state.list
    server.publish(makeTask(4), makeTask(5))
    server.publish(makeTask(4, { version: 2 }))
    server.remove(taskIdOf(1))
    await rest()
    expect(store.state).toMatchObject({ isPaused: true, heldCount: 3, heldIsCapped: false })
    expect(store.state.list.tasks).toBe(tasks)
    await store.resume()
    expect(store.state).toMatchObject({ isPaused: false, heldCount: 0 })
    expect(shownIds(store)).toEqual(ids(5, 4, 3, 2))
  })

  it('counts to a thousand and says that there is more', async () => {
    const { server, store } = await goLive()
    store.pause()
    for (let from = 0; from < 1_200; from += 200) {
      server.publish(...Array.from({ length: 200 }, (_, index) => makeTask(100 + from + index)))
    }
    await rest()
    expect(store.state).toMatchObject({ heldCount: 1_000, heldIsCapped: true })
  })

  it('survives a reload and resumes the stream where it was', async () => {
    const texts = new Map<string, string>()
    const values = new Map<string, unknown>()
    const memory: DashboardStoreOptions = {
      storage: { getItem: (key) => texts.get(key) ?? null, setItem: (key, value) => void texts.set(key, value) },
      snapshots: {
        get: (key) => Promise.resolve(values.get(key)),
        set: (key, value) => Promise.resolve(void values.set(key, value)),
      },
    }
    const before = await goLive(3, memory)
    before.store.pause()
    before.server.publish(makeTask(4))
    await rest()
    before.store.stop()
    await rest()
    const { server, store } = prepare(memory, before.server)
    await store.start()
    expect(server.connection.lastEventId).toBe('a-2')
    server.connection.hello(2)
    server.publish(makeTask(5))
    await rest()
    expect(store.state).toMatchObject({ isPaused: true, heldCount: 2 })
  })
})

describe('the open task', () => {
  const line = (number: number) => ({
    line: number,
    at: noon,
    level: 'info',
    message: `line ${number}`,
    attempt: 1,
    extra: null,
  })

  it('keeps its tab whatever happens, and follows status and log', async () => {
    const { server, store, timing } = await goLive()
    server.details.set(taskIdOf(2), { logs: [line(1)] })
    await store.openTask(taskIdOf(2))
    store.setDetailTab('logs')
    await timing.advance(300)
    expect(server.connections.at(-1)?.ask.taskId).toBe(taskIdOf(2))
    expect(server.connections.at(-1)?.lastEventId).toBe('a-1')
    server.connection.hello(1)
    await rest()
    server.connection.send({ event: 'log', id: 'a-5', data: { taskId: taskIdOf(2), entries: [line(2), line(3)] } })
    server.publish(makeTask(2, { status: 'running', attempt: 1, version: 3 }))
    await timing.advance(2_000)
    expect(store.state.open).toMatchObject({
      tab: 'logs',
      phase: 'ready',
      detail: { status: 'running' },
      logsHaveMore: false,
    })
    expect(store.state.open?.logs.map((entry) => entry.line)).toEqual([1, 2, 3])
    expect(store.state.connection.kind).toBe('live')
  })

  it('stays on the screen when it is deleted', async () => {
    const { server, store, timing } = await goLive()
    await store.openTask(taskIdOf(2), 'attempts')
    server.remove(taskIdOf(2))
    await timing.advance(2_000)
    expect(store.state.open).toMatchObject({ phase: 'deleted', tab: 'attempts', detail: { taskId: taskIdOf(2) } })
    store.closeTask()
    expect(store.state.open).toBeNull()
  })

  it('says when there is no such task', async () => {
    const { store } = await goLive()
    await store.openTask('nothing')
    expect(store.state.open).toMatchObject({ phase: 'failed', problem: { code: 'unknown_task' } })
  })
})
