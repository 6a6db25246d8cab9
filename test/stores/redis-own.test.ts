import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import {
  insertTask,
  saveTask,
  transition,
  type CountDifference,
  type Store,
  type TaskRecord,
  type Write,
} from '@taskloom/engine/store'
import { redis, type IoredisLike, type NodeRedisLike, type RedisStoreOptions } from '@taskloom/engine/redis'
import { anyTask } from '@taskloom/protocol'
import { buildRecord } from '@taskloom/testkit'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startProxy, through, type FaultyProxy } from '../servers/proxy.ts'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'

const server = useServer(startRedis)
const line = { at: 1, level: 'info', message: 'hi', attempt: 1, extra: null } as const
let prefixes = 0
const nextPrefix = () => `own${(prefixes += 1)}`

describe('redis alone', () => {
  const opened: Store[] = []
  let admin: Redis
  let proxy: FaultyProxy | null = null
  const open = async (source: Parameters<typeof redis>[0], options: RedisStoreOptions = {}): Promise<Store> => {
    const store = redis(source, { keyPrefix: nextPrefix(), ...options })
    opened.push(store)
    await store.open()
    return store
  }
  const throughProxy = async (options: RedisStoreOptions) => {
    proxy = await startProxy(server.port)
    return { proxy, store: await open(through(server.url, proxy), options) }
  }
  beforeAll(() => {
    admin = new Redis(server.url)
    admin.on('error', () => undefined)
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
    await proxy?.close()
    proxy = null
  })
  afterAll(() => admin.disconnect())

  it('refuses a prefix that is no word, and a server that is not there', async () => {
    expect(() => redis(server.url, { keyPrefix: 'a b' })).toThrow(/keyPrefix/)
    expect(() => redis(server.url, { keyPrefix: '' })).toThrow(/keyPrefix/)
    const nobody = open('redis://127.0.0.1:1', { connectTimeoutMs: 500, patienceMs: 300 })
    await expect(nobody).rejects.toThrow(/ECONNREFUSED/)
    const stranger = server.url.replace('//', '//nobody:secret@')
    await expect(open(stranger, { patienceMs: 3_600_000 })).rejects.toThrow(/WRONGPASS/)
  })

  it('says what to install when the driver is missing', async () => {
    const hook = `export async function resolve(name, context, next) {
      if (name === 'ioredis') throw new Error('Cannot find package')
      return next(name, context)
    }`
    const register = `import { register } from 'node:module'; register('data:text/javascript,' + ${JSON.stringify(encodeURIComponent(hook))})`
    const program = `const { redis } = await import('@taskloom/engine/redis')
      await redis('redis://127.0.0.1:1').open().catch(({ code, message }) => console.log(code, message))`
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--import', `data:text/javascript,${encodeURIComponent(register)}`],
      ...['--input-type=module', '--eval', program],
    ])
    expect(stdout).toMatch(/^store_failed .*npm install ioredis/)
  })

  it('refuses a server that throws keys away, unless the host has seen to it', async () => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
    await expect(open(server.url)).rejects.toThrow(/maxmemory-policy is allkeys-lru/)
    await open(server.url, { eviction: 'checked' })
    await admin.config('SET', 'maxmemory-policy', 'noeviction')
    await open(server.url)
  })

  it('refuses what a newer version has written and leaves it as it is', async () => {
    const keyPrefix = nextPrefix()
    await (await open(server.url, { keyPrefix })).close()
    await admin.set(`{${keyPrefix}}:schema`, 999)
    await expect(open(server.url, { keyPrefix })).rejects.toMatchObject({
      code: 'store_failed',
      details: { reason: 'newer_schema' },
      message: expect.stringContaining('newer version (schema 999') as string,
    })
    expect(await admin.get(`{${keyPrefix}}:schema`)).toBe('999')
  })

  it('is opened by several at once, and has everything after it was closed and opened again', async () => {
    const keyPrefix = nextPrefix()
    const [first] = await Promise.all([1, 2, 3].map(() => open(server.url, { keyPrefix })))
    const record = buildRecord({ status: 'failed', tags: { env: 'prod' }, durationMs: 5, endTime: 9 })
    await insertTask(first!.tasks, record)
    await first!.tasks.appendLogs(record.taskId, [line])
    await first!.close()
    const again = await open(server.url, { keyPrefix })
    expect(await again.tasks.get(record.taskId)).toEqual({ ...record, hasLogs: true })
    expect(await again.views.metrics(anyTask)).toMatchObject({ total: 1, failed: 1, avgDurationMs: 5 })
  })

  it('keeps all its keys under its prefix and nothing of a task that was deleted', async () => {
    const keyPrefix = nextPrefix()
    const keys = () => admin.keys(`*${keyPrefix}*`)
    const store = await open(server.url, { keyPrefix })
    const record = buildRecord({
      status: 'success',
      tags: { env: 'prod' },
      ...{ schedule: 's', slotAt: 5, idempotencyKey: 'k', retriedFrom: 'x', priority: 3, retriesUsed: 1 },
      ...{ startTime: 1, endTime: 9, durationMs: 8, waitMs: 2, result: '1' },
    })
    await insertTask(store.tasks, record)
    await store.tasks.appendLogs(record.taskId, [line])
    expect((await keys()).length).toBeGreaterThan(20)
    expect((await keys()).filter((key) => !key.startsWith(`{${keyPrefix}}:`))).toEqual([])
    await store.tasks.delete(record.taskId)
    expect((await keys()).map((key) => key.replace(`{${keyPrefix}}:`, '').split(':')[0]).sort()).toEqual(
      ['batch', 'deleted', 'deleted', 'deleted', 'schema'].sort(),
    )
  })

  it('uses a client of ioredis that is the host’s and leaves it open', async () => {
    const client = new Redis(server.url)
    const before = client.listenerCount('error')
    const store = await open(client)
    const record = buildRecord()
    await insertTask(store.tasks, record)
    expect(await store.tasks.get(record.taskId)).toEqual(record)
    await store.close()
    expect(client.status).toBe('ready')
    expect(client.listenerCount('error')).toBe(before)
    client.disconnect()
  })

  it('uses a client that has the shape of node-redis', async () => {
    const client = nodeRedis(new Redis(server.url))
    const keyPrefix = nextPrefix()
    const [store, other] = [await open(client, { keyPrefix }), await open(server.url, { keyPrefix })]
    const before = store.foreignVersion?.()
    const record = buildRecord({ runAt: 70 })
    await insertTask(other.tasks, record)
    expect(await store.tasks.get(record.taskId)).toEqual(record)
    expect(await store.tasks.nextDueAt(1)).toBe(70)
    await expect.poll(() => store.foreignVersion?.()).not.toBe(before)
    await store.close()
    expect(client.isReady).toBe(true)
    client.destroy?.()
  })

  it('tells that another process has written, and not that it has itself', async () => {
    const keyPrefix = nextPrefix()
    const [own, other] = [await open(server.url, { keyPrefix }), await open(server.url, { keyPrefix })]
    const before = own.foreignVersion?.()
    const version = own.version?.()
    for (let written = 0; written < 20; written += 1) await insertTask(own.tasks, buildRecord())
    // What it hears comes in order: its own commits were told before the one of the other.
    expect(own.version?.()).not.toBe(version)
    expect(own.foreignVersion?.()).toBe(before)
    await insertTask(other.tasks, buildRecord())
    await expect.poll(() => own.foreignVersion?.()).toBe((before ?? 0) + 1)
  })

  it('lets one of two take each task, and mints one task for a key or slot', async () => {
    const keyPrefix = nextPrefix()
    const [a, b] = [await open(server.url, { keyPrefix }), await open(server.url, { keyPrefix })]
    const records = Array.from({ length: 100 }, () => buildRecord())
    await Promise.all(records.map((record) => insertTask(a.tasks, record)))
    const take = (store: Store, workerId: string) =>
      records.map((record) => saveTask(store.tasks, transition(record, { status: 'running', attempt: 1, workerId })))
    const [byA, byB] = await Promise.all([Promise.all(take(a, 'a')), Promise.all(take(b, 'b'))])
    expect(records.filter((_, index) => byA[index] === byB[index])).toEqual([])
    expect(await b.views.metrics(anyTask)).toMatchObject({ total: 100, running: 100, pending: 0 })
    for (const change of [{ idempotencyKey: 'k' }, { schedule: 's', slotAt: 5 }]) {
      const answers = await Promise.all([a, b].map(({ tasks }) => insertTask(tasks, buildRecord(change))))
      expect(answers.map(({ deduplicated }) => deduplicated).sort()).toEqual([false, true])
      expect(answers[0]?.record).toEqual(answers[1]?.record)
    }
  })

  it('refuses only the guilty one of a batch, and half a character harms none', async () => {
    const store = await open(server.url)
    const taken = buildRecord()
    await insertTask(store.tasks, taken)
    const odd = buildRecord({ args: '["\ud83d"]', userLabel: 'a\ud83d\0b' })
    const records = [buildRecord(), { ...buildRecord(), taskId: taken.taskId }, odd]
    const answers = await Promise.allSettled(records.map((record) => insertTask(store.tasks, record)))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(answers[1]).toMatchObject({ reason: { code: 'store_failed' } })
    expect((await store.tasks.get(odd.taskId))?.userLabel).toBe(odd.userLabel)
    expect((await store.views.metrics(anyTask)).total).toBe(3)
  })

  it('refuses only the guilty one of a batch that went beside another', async () => {
    const store = await open(server.url, { keyPrefix: 'beside' })
    const news = (count: number): Write[] =>
      Array.from({ length: count }, () => ({ previous: null, next: buildRecord(), attempt: null, logs: [] }))
    const [first, second] = [news(200), news(200)]
    const guilty = second[20]?.next.taskId ?? ''
    await admin.set(`{beside}:task:${guilty}`, 'something else')
    const [, answers] = await Promise.all([store.tasks.write(first), store.tasks.write(second)])
    expect(answers.filter((written) => written instanceof Error)).toHaveLength(1)
    expect(answers[20]).toMatchObject({ code: 'store_failed' })
    expect((await store.views.metrics(anyTask)).total).toBe(399)
  })

  it('does once what Redis did without being able to say so', async () => {
    const client = losesAnswers(new Redis(server.url))
    const store = await open(client)
    const record = buildRecord({ locks: ['Book:1'] })
    client.lose(1)
    expect(await insertTask(store.tasks, record)).toMatchObject({ deduplicated: false })
    client.lose(2)
    await store.tasks.appendLogs(record.taskId, [line])
    const running = transition(record, { status: 'running', attempt: 1, workerId: 'w' })
    client.lose(1)
    expect(await saveTask(store.tasks, running)).toBe(true)
    const { next } = transition(running.next, { status: 'success', endTime: 9, durationMs: 8 })
    client.lose(1)
    const entry = { id: 'm1', recipient: 'r', event: 'e', taskId: record.taskId, createdAt: 1, body: '{}' }
    const [ended] = await store.tasks.write([
      { previous: running.next, next, attempt: null, logs: [], outbox: [entry] },
    ])
    expect(ended).toBe(next)
    client.lose(1)
    await store.schedules.put({ name: 's', isPaused: false, lastSlotAt: null, missed: 0 })
    client.lose(1)
    expect(await store.schedules.advance('s', 5, 2)).toBe(true)
    expect(await store.schedules.get('s')).toMatchObject({ missed: 2 })
    expect(await store.views.metrics(anyTask)).toMatchObject({ total: 1, success: 1, avgDurationMs: 8 })
    expect(
      await store.views.logs({ taskId: record.taskId, after: 0, minLevel: null, text: null, limit: 9 }),
    ).toMatchObject({
      total: 1,
    })
    expect(await differences(store)).toEqual([])
    expect(client.lost).toBe(7)
    await store.close()
    client.disconnect()
  })

  it('does batches of different tasks side by side, each once, and those of the same tasks in their order', async () => {
    const client = losesAnswers(new Redis(server.url))
    const store = await open(client)
    const records = Array.from({ length: 300 }, () => buildRecord())
    const asNew = (next: TaskRecord): Write => ({ previous: null, next, attempt: null, logs: [] })
    await store.tasks.write(records.map(asNew))
    const attempt = { attempt: 1, startedAt: 5, error: null, stacktrace: null, workerId: 'w' }
    const running = { status: 'running', attempt: 1, workerId: 'w', startTime: 5 } as const
    const begun = { attempt: { ...attempt, endedAt: null, outcome: null } }
    const starts = records.map((record) => transition(record, running, begun))
    const success = { status: 'success', endTime: 9, durationMs: 4 } as const
    const ended = { attempt: { ...attempt, endedAt: 9, outcome: 'success' } }
    const ends = starts.map(({ next }) => transition(next, success, ended))
    client.lose(2)
    const others = Array.from({ length: 300 }, () => asNew(buildRecord()))
    const batches = [starts, others, ends]
    const answers = await Promise.all(batches.map((batch) => store.tasks.write(batch)))
    expect(answers).toEqual(batches.map((batch) => batch.map(({ next }) => next)))
    expect(client.lost).toBe(2)
    expect(await store.views.metrics(anyTask)).toMatchObject({ total: 600, success: 300, avgDurationMs: 4 })
    expect(await store.tasks.get(records[7]?.taskId ?? '')).toEqual(ends[7]?.next)
    expect(await differences(store)).toEqual([])
    await store.close()
    client.disconnect()
  })

  it('goes on when its connections are broken', async () => {
    const { proxy, store } = await throughProxy({})
    const before = store.foreignVersion?.()
    for (let round = 0; round < 3; round += 1) {
      const inserted = Array.from({ length: 50 }, () => insertTask(store.tasks, buildRecord()))
      proxy.reset()
      await Promise.all(inserted)
    }
    expect(await store.views.metrics(anyTask)).toMatchObject({ total: 150 })
    // What others told meanwhile was not heard.
    await expect.poll(() => store.foreignVersion?.()).not.toBe(before)
  })

  it('makes a new connection when no answer comes through the one it has', { timeout: 20_000 }, async () => {
    const { proxy, store } = await throughProxy({ commandTimeoutMs: 300 })
    proxy.swallow()
    const before = proxy.connections
    const inserted = insertTask(store.tasks, buildRecord())
    await expect.poll(() => proxy.connections, { timeout: 5_000 }).not.toBe(before)
    proxy.heal()
    expect(await inserted).toMatchObject({ deduplicated: false })
    expect(await store.views.metrics(anyTask)).toMatchObject({ total: 1 })
  })

  it('refuses what cannot be done in time, says so in its own words, and closes', { timeout: 20_000 }, async () => {
    const { proxy, store } = await throughProxy({ commandTimeoutMs: 200, patienceMs: 600 })
    await proxy.close()
    await expect(insertTask(store.tasks, buildRecord())).rejects.toMatchObject({ code: 'store_failed' })
    await expect(store.views.queues()).rejects.toMatchObject({ code: 'store_failed' })
    await expect(store.workers.list()).rejects.toMatchObject({ code: 'store_failed' })
    await store.close()
    await expect(insertTask(store.tasks, buildRecord())).rejects.toMatchObject({ code: 'store_failed' })
  })

  it('waits for a server that is started again, and has all that it acknowledged', { timeout: 60_000 }, async () => {
    const store = await open(server.url)
    await Promise.all(Array.from({ length: 20 }, () => insertTask(store.tasks, buildRecord())))
    await server.kill9()
    const inserted = Promise.all(Array.from({ length: 20 }, () => insertTask(store.tasks, buildRecord())))
    await server.restart()
    await inserted
    expect(await store.views.metrics(anyTask)).toMatchObject({ total: 40, pending: 40 })
    expect(await differences(store)).toEqual([])
  })

  it('puts counts right that were tampered with, and takes away what outlived its task', async () => {
    const keyPrefix = nextPrefix()
    const store = await open(server.url, { keyPrefix })
    const record = buildRecord({ status: 'success', startTime: 1, endTime: 9, durationMs: 8 })
    await insertTask(store.tasks, record)
    await admin.hset(`{${keyPrefix}}:count:0:0`, '["work","default","manual","success"]', 7)
    await admin.del(`{${keyPrefix}}:spread:0:0:duration:["work","default","manual","success"]`)
    const [difference] = await differences(store)
    expect(difference).toMatchObject({ bucketMs: null, status: 'success', kept: 7, counted: 1 })
    expect(await store.views.metrics(anyTask)).toMatchObject({ total: 1, avgDurationMs: 8 })
    await admin.rpush(`{${keyPrefix}}:logs:gone`, '[]', '[]')
    await admin.zadd(`{${keyPrefix}}:tag:["env","prod"]`, 0, 'gone')
    await admin.hset(`{${keyPrefix}}:locks`, 'Book:1', '[["gone","gone",1]]')
    for (const [kind, found] of [['logs', 2] as const, ['tags', 1] as const, ['locks', 1] as const]) {
      expect(await strays(store, kind), kind).toBe(found)
      expect(await strays(store, kind), kind).toBe(0)
    }
  })
})

async function differences({ upkeep }: Store): Promise<readonly CountDifference[]> {
  const found: CountDifference[] = []
  for (let after: string | null = null; ;) {
    const answer = await upkeep.recount({ after, mend: true })
    found.push(...answer.examples)
    after = answer.next
    if (after === null) return found
  }
}

async function strays({ upkeep }: Store, kind: 'logs' | 'tags' | 'locks'): Promise<number> {
  let found = 0
  for (let after: string | null = null; ;) {
    const answer = await upkeep.strays({ kind, after, remove: true })
    found += answer.found
    after = answer.next
    if (after === null) return found
  }
}

/** A client of ioredis whose next commits are done, and whose answers never come. */
function losesAnswers(client: Redis) {
  let left = 0
  const losing = {
    lost: 0,
    lose: (commits: number) => (left = commits),
    get status() {
      return client.status
    },
    async call(name: string, ...args: (string | number | Buffer)[]): Promise<unknown> {
      const answer = await client.call(name, ...args)
      if (left === 0 || answer !== 'done') return answer
      left -= 1
      losing.lost += 1
      throw new Error('Connection is closed.')
    },
    duplicate: (changes: object): IoredisLike => client.duplicate(changes),
    connect: () => client.connect(),
    subscribe: (channel: string) => client.subscribe(channel),
    disconnect: () => client.disconnect(),
    on: (event: string, listener: (...facts: string[]) => void) => client.on(event, listener),
    off: (event: string, listener: (...facts: string[]) => void) => client.off(event, listener),
  }
  return losing
}

/** A client of ioredis in the shape of node-redis. */
function nodeRedis(client: Redis): NodeRedisLike {
  return {
    get isReady() {
      return client.status === 'ready'
    },
    sendCommand: ([name = '', ...args]) => client.call(String(name), ...args),
    duplicate: () => nodeRedis(client.duplicate({ lazyConnect: true })),
    connect: () => client.connect(),
    subscribe: (channel, listener) => {
      client.on('message', (_channel: string, message: string) => listener(message))
      return client.subscribe(channel)
    },
    destroy: () => client.disconnect(),
    on: (event, listener) => client.on(event, listener),
    off: (event, listener) => client.off(event, listener),
  }
}
