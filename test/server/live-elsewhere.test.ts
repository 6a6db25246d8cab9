import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'
import { decodeLiveEvent, type LiveEvent } from '@taskloom/protocol'
import { createParser } from 'eventsource-parser'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { settled } from './live-reader.ts'
import { openLive } from './live-scene.ts'

interface Row {
  readonly task_id: string
  readonly status: string
}

const folder = mkdtempSync(join(tmpdir(), 'taskloom-elsewhere-'))
const file = join(folder, 'tasks.db')
const tasks = new TaskManager({ store: file })
let server: Server
let origin: string
let other: ChildProcess

beforeAll(async () => {
  tasks.define('own', () => 'done')
  server = createServer()
  mount(server, tasks, { pollInterval: '100ms' })
  await tasks.start()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tasks`
  other = fork(join(import.meta.dirname, 'elsewhere-worker.mjs'), [file])
  await answerOf(other)
}, 30_000)
afterAll(async () => {
  other.disconnect()
  server.closeAllConnections()
  await new Promise((resolve) => void server.close(resolve))
  await tasks.shutdown()
  rmSync(folder, { recursive: true, force: true })
})

/** A client that fetches only when the stream says so. */
class Client {
  rows: readonly Row[] = []
  readonly events: LiveEvent[] = []
  readonly #gone = new AbortController()

  async follow(): Promise<void> {
    const parser = createParser({
      onEvent: (message) => {
        const event = decodeLiveEvent(message)
        if (!event) return
        this.events.push(event)
        const isUnknown = event.event === 'hello' || (event.event === 'tasks' && event.data.overflow !== null)
        if (isUnknown) void this.#fetch()
      },
    })
    const { body } = await fetch(`${origin}/stream`, { signal: this.#gone.signal })
    for await (const text of body!.pipeThrough(new TextDecoderStream())) parser.feed(text)
  }

  leave(): void {
    this.#gone.abort()
  }

  async #fetch(): Promise<void> {
    this.rows = await list()
  }
}

async function list(): Promise<readonly Row[]> {
  return ((await (await fetch(origin)).json()) as { tasks: Row[] }).tasks
}

async function ask(verb: string, id?: string): Promise<string> {
  other.send({ verb, id })
  return answerOf(other)
}

function answerOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as string))
    child.once('exit', () => reject(new Error('The other process has ended')))
  })
}

describe('what another process saves', () => {
  it('reaches the clients of this one: new, ended and deleted tasks, and the counts', async () => {
    const client = new Client()
    const following = client.follow().catch(() => undefined)
    await vi.waitFor(() => expect(client.events[0]?.event).toBe('hello'), 5_000)

    const id = await ask('enqueue')
    const statusOf = () => client.rows.find(({ task_id: taskId }) => taskId === id)?.status
    await vi.waitFor(() => expect(statusOf()).toBe('success'), 2_000)
    const late = await ask('late')
    await vi.waitFor(() => expect(client.rows.some(({ task_id: taskId }) => taskId === late)).toBe(true), 2_000)
    await vi.waitFor(() => expect(countsOf(client)).toMatchObject({ total: 2, success: 1, pending: 1 }), 4_000)
    expect(client.rows).toEqual(await list())

    await ask('delete', id)
    await vi.waitFor(() => expect(statusOf()).toBeUndefined(), 2_000)
    expect(client.rows).toEqual(await list())
    client.leave()
    await following
  }, 30_000)

  it('is hinted at for everything that is no task', async () => {
    const names: string[] = []
    const { body } = await fetch(`${origin}/stream`)
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
    await ask('late')
    while (!names.includes('audit')) {
      const { value } = await reader.read()
      names.push(...[...(value ?? '').matchAll(/^event: (.*)$/gm)].map((match) => match[1] ?? ''))
    }
    expect(names).toEqual(expect.arrayContaining(['schedules', 'queues', 'workers', 'operations', 'audit']))
    await reader.cancel()
  })
})

describe('looking elsewhere', () => {
  function scene(options = {}) {
    const live = openLive(options)
    let looks = 0
    Object.assign(live.source, {
      lookElsewhere: () => {
        looks += 1
        return Promise.resolve()
      },
    })
    return { ...live, looks: () => looks }
  }

  it('happens once per interval, and only while somebody listens', async () => {
    const { watch, clock, looks } = scene({ pollInterval: '500ms' })
    await clock.advance(10_000)
    expect(looks()).toBe(0)
    const readers = [watch(), watch()]
    await settled()
    await clock.advance(5_000)
    expect(looks()).toBe(11)
    for (const reader of readers) await reader.cancel()
    await clock.advance(10_000)
    expect([looks(), clock.timers]).toEqual([11, 0])
  })

  it('tells every reader to ask anew, whatever its filter', async () => {
    const { watch, clock, source } = scene()
    const readers = [watch(), watch({ query: 'status=failed' }), watch({ query: 'func_name=nothing' })]
    source.touchElsewhere()
    await clock.advance(1_000)
    for (const reader of readers) {
      expect(reader.of('tasks').map(({ data }) => data.overflow)).toEqual([{ changed: 1, sinceRevision: 0 }])
      expect(reader.of('counts')).toHaveLength(1)
    }
  })

  it('is told also to a reader that was away meanwhile', async () => {
    const { watch, clock, source } = scene()
    const first = watch()
    await clock.advance(0)
    await first.cancel()
    source.touchElsewhere()
    const second = watch({ lastEventId: first.lastId })
    await clock.advance(0)
    expect(second.of('tasks')[0]?.data.overflow).not.toBeNull()
  })

  it('that fails is told to the host, and goes on', async () => {
    const { watch, clock, source, errors } = openLive()
    let looks = 0
    Object.assign(source, { lookElsewhere: () => Promise.reject(new Error(`look ${(looks += 1)}`)) })
    watch()
    await settled()
    await clock.advance(2_000)
    expect(errors).toHaveLength(3)
  })
})

/** The newest counts that came. */
function countsOf({ events }: Client): unknown {
  return events.findLast(({ event }) => event === 'counts')?.data
}
