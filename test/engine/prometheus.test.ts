import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, PermanentError, sqlite, TaskManager, type Store } from '@taskloom/engine'
import { mount as mountExpress } from '@taskloom/engine/express'
import { mount } from '@taskloom/engine/node'
import { insertTask } from '@taskloom/engine/store'
import express from 'express'
import { afterAll, describe, expect, it } from 'vitest'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { parseExposition } from './exposition.ts'
import { openManager } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-prometheus-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const nextFile = () => join(folder, `${(files += 1)}.db`)

const stores: readonly (readonly [string, () => Store])[] = [
  ['memory', memory],
  ['sqlite', () => sqlite(nextFile())],
]
const read = async (tasks: TaskManager) => parseExposition(await tasks.prometheus())

describe.each(stores)('figures for Prometheus, from %s', (_, openStore) => {
  it('tell exactly what tasks did', async () => {
    const tasks = openManager({ store: openStore(), concurrency: 3 })
    const add = tasks.define('add', { queue: 'sums' }, async (a: number, b: number) => a + b)
    let tries = 0
    const flaky = tasks.define('flaky', { retries: 2, delay: 1 }, () => {
      tries += 1
      if (tries < 3) throw new Error('not yet')
    })
    const broken = tasks.define('broken', () => {
      throw new PermanentError('never')
    })
    const later = tasks.define('later', async () => undefined)
    tasks.define('unused', async () => undefined)
    await tasks.start()
    const ids = [await add.enqueue(1, 2), await add.enqueue(3, 4), await flaky.enqueue(), await broken.enqueue()]
    await later.with({ delay: '1h' }).enqueue()
    const cancelled = await later.with({ delay: '1h' }).enqueue()
    await tasks.cancel(cancelled.id)
    for (const { id } of ids) await tasks.wait(id)
    await tasks.idle()

    const figures = await read(tasks)
    const of = (name: string, queue = 'default') => ({ function: name, queue })
    const ended = (name: string, status: string, queue = 'default') =>
      figures.value('taskloom_tasks_ended_total', { ...of(name, queue), status })
    expect([ended('add', 'success', 'sums'), ended('flaky', 'success'), ended('broken', 'failed')]).toEqual([2, 1, 1])
    expect([ended('later', 'cancelled'), ended('later', 'success'), ended('unused', 'failed')]).toEqual([1, 0, 0])
    const value = (name: string, labels?: Record<string, string>) => figures.value(`taskloom_${name}`, labels)
    expect([value('task_retries_total', of('flaky')), value('task_retries_total', of('broken'))]).toEqual([2, 0])
    expect([value('dead_letters', of('broken')), value('dead_letters', of('flaky'))]).toEqual([1, 0])
    expect([value('tasks_pending', of('later')), value('tasks_running', of('later'))]).toEqual([1, 0])
    expect([value('tasks_delayed'), value('oldest_pending_age_seconds'), value('workers')]).toEqual([1, 0, 1])
    expect([value('process_slots'), value('process_slots_in_use')]).toEqual([3, 0])
    const duration = (suffix: string, labels = {}) =>
      value(`task_duration_seconds_${suffix}`, { ...of('add', 'sums'), ...labels })
    expect([duration('count'), duration('bucket', { le: '+Inf' }), duration('bucket', { le: '60' })]).toEqual([2, 2, 2])
    expect(duration('sum')).toBeLessThan(60)
    expect(value('task_wait_seconds_count', of('flaky'))).toBe(1)
  })

  it('put durations into steps, and add them up in seconds', async () => {
    const store = openStore()
    const clock = createFakeClock()
    const tasks = openManager({ store, clock })
    await tasks.prometheus()
    const ended = { status: 'success', funcName: 'f', endTime: clock.now() } as const
    const durations = [0, 5, 5.5, 100, 260, 90_000, 7_200_000]
    for (const durationMs of durations) await insertTask(store.tasks, buildRecord({ ...ended, durationMs, waitMs: 20 }))
    await insertTask(store.tasks, buildRecord({ funcName: 'f', createdAt: clock.now() - 90_500 }))
    const figures = await read(tasks)
    const labels = { function: 'f', queue: 'default' }
    const below = (le: string) => figures.value('taskloom_task_duration_seconds_bucket', { ...labels, le })
    expect(['0.005', '0.01', '0.1', '0.25', '0.5', '60', '300', '1800', '+Inf'].map(below)).toEqual([
      2, 3, 4, 4, 5, 5, 6, 6, 7,
    ])
    expect(figures.value('taskloom_task_duration_seconds_sum', labels)).toBeCloseTo(7_290.3705, 6)
    expect(figures.value('taskloom_task_wait_seconds_sum', labels)).toBeCloseTo(0.14, 6)
    expect(figures.value('taskloom_oldest_pending_age_seconds')).toBe(90.5)
  })

  it('never fall: not when tasks are deleted, nor with another process', async () => {
    const store = openStore()
    const tasks = openManager({ store })
    const noop = tasks.define('noop', async () => undefined)
    await tasks.start()
    const before = await read(tasks)
    const done = await Promise.all(Array.from({ length: 20 }, () => noop.enqueue()))
    await tasks.idle()
    const worked = await read(tasks)
    expectGrown(before, worked)
    for (const { id } of done.slice(0, 15)) await tasks.delete(id)
    const cleared = await read(tasks)
    expectGrown(worked, cleared)
    const count = { function: 'noop', queue: 'default' }
    expect(cleared.value('taskloom_tasks_ended_total', { ...count, status: 'success' })).toBe(20)
    expect((await tasks.list()).total).toBe(5)
    expectGrown(cleared, await read(openManager({ store: shared(store) })))
  })

  it('leave the self-test out', async () => {
    const tasks = openManager({ store: openStore() })
    await tasks.start()
    expect((await tasks.selfTest()).ok).toBe(true)
    expect((await read(tasks)).series.size).toBeLessThan(20)
    expect(await tasks.prometheus()).not.toContain('self-test')
  })

  it('carry any name', async () => {
    const store = openStore()
    const tasks = openManager({ store })
    const names = ['a"b', 'a\\b', 'a\nb', 'ü😀', '(other)', '}', 'a="b",c']
    await tasks.prometheus()
    for (const funcName of names) await insertTask(store.tasks, buildRecord({ funcName, status: 'failed' }))
    const { series } = await read(tasks)
    for (const name of names.filter((name) => name !== '(other)')) {
      expect([...series.keys()]).toContain(`taskloom_dead_letters{function=${JSON.stringify(name)},queue="default"}`)
    }
  })

  it('are bounded: what comes later than a hundred is one', async () => {
    const store = openStore()
    const tasks = openManager({ store })
    tasks.define('defined', async () => undefined)
    await tasks.prometheus()
    const fill = async (prefix: string, count: number, each: number) => {
      for (let index = 0; index < count * each; index += 1) {
        const queue = `${prefix}${index % count}`
        await insertTask(store.tasks, buildRecord({ funcName: 'f', queue, status: 'failed', durationMs: 10 }))
      }
    }
    await fill('q', 90, 1)
    const first = await read(tasks)
    expect([...first.series.keys()].filter((key) => key.startsWith('taskloom_dead_letters{'))).toHaveLength(91)
    await fill('r', 50, 2)
    const second = await read(tasks)
    const dead = [...second.series].filter(([key]) => key.startsWith('taskloom_dead_letters{'))
    expect(dead).toHaveLength(101)
    expect(dead.reduce((sum, [, count]) => sum + count, 0)).toBe(190)
    expect(second.value('taskloom_dead_letters', { function: '(other)', queue: '(other)' })).toBe(82)
    expectGrown(first, second)
    await fill('r', 50, 3)
    const third = await read(tasks)
    expectGrown(second, third)
    expect([...third.series.keys()]).toEqual([...second.series.keys()])
  })
})

describe('the route for Prometheus', () => {
  it('answers what the manager says, on a server', async () => {
    const tasks = new TaskManager({ store: sqlite(nextFile()) })
    const noop = tasks.define('noop', async () => undefined)
    const server = createServer()
    const mounted = mount(server, tasks)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await tasks.wait((await noop.enqueue()).id)
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tasks/metrics/prometheus`
    const response = await fetch(url)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const figures = parseExposition(await response.text())
    expect(figures.value('taskloom_tasks_ended_total', { function: 'noop', queue: 'default', status: 'success' })).toBe(
      1,
    )
    expect(figures.value('taskloom_store_size_bytes')).toBeGreaterThan(4_000)
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
    expect((await fetch(`${url}?name=x`)).status).toBe(400)
    await mounted.close()
    await new Promise((resolve) => server.close(resolve))
    await expect(tasks.prometheus()).rejects.toMatchObject({ code: 'shut_down' })
  })
})

describe('the route on Express', () => {
  it('is behind what stands before the mount, and may be a route of the host', async () => {
    const tasks = new TaskManager({ store: memory() })
    const app = express()
    app.use('/tasks', (request, response, next) => {
      if (request.headers.authorization === 'Bearer scraper') next()
      else response.sendStatus(401)
    })
    const mounted = mountExpress(app, tasks)
    app.get('/own', async (_request, response) => {
      response
        .type('text/plain')
        .send(`# HELP own_up Is up.\n# TYPE own_up gauge\nown_up 1\n${await tasks.prometheus()}`)
    })
    const server = createServer(app)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const scrape = (headers: Record<string, string>) => fetch(`${origin}/tasks/metrics/prometheus`, { headers })
    expect((await scrape({})).status).toBe(401)
    const allowed = await scrape({ authorization: 'Bearer scraper' })
    expect([allowed.status, parseExposition(await allowed.text()).value('taskloom_workers')]).toEqual([200, 1])
    const own = parseExposition(await (await fetch(`${origin}/own`)).text())
    expect([own.value('own_up'), own.value('taskloom_process_slots_in_use')]).toEqual([1, 0])
    await mounted.close()
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('the reader of the format', () => {
  const head = '# HELP a_total Words.\n# TYPE a_total counter\n'
  it.each([
    [`${head}a_total 1`],
    [`${head}a_total -1\n`],
    [`${head}a_total{b="c} 1\n`],
    [`${head}a_total{b="c"x="d"} 1\n`],
    [`${head}a_total 1\na_total 2\n`],
    [`${head}b_total 1\n`],
    [`${head}${head}`],
    ['a_total 1\n'],
    ['# HELP a Words.\n# TYPE a counter\na 1\n'],
    ['# HELP h W.\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n'],
    ['# HELP h W.\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n'],
    ['# HELP h W.\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_count 1\n'],
  ])('refuses %j', (text) => {
    expect(() => parseExposition(text)).toThrow()
  })
})

/** Each series of a counter or histogram that was there still is, and is not less. */
function expectGrown(before: ReturnType<typeof parseExposition>, after: ReturnType<typeof parseExposition>): void {
  const isCounted = (key: string) => [...before.types].some(([name, type]) => type !== 'gauge' && key.startsWith(name))
  const fallen = [...before.series].filter(([key, value]) => isCounted(key) && (after.series.get(key) ?? -1) < value)
  expect(fallen).toEqual([])
}

/** The store as another manager opens it while the first still has it. */
function shared(store: Store): Store {
  const own = { open: () => Promise.resolve(), close: () => Promise.resolve() }
  return new Proxy(store, {
    get: (target, key) => (key in own ? own[key as keyof typeof own] : (Reflect.get(target, key) as unknown)),
  })
}
