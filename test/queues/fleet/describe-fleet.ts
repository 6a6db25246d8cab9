import { postgres } from '@taskloom/engine/postgres'
import type { Store, TaskRecord } from '@taskloom/engine/store'
import { anyTask } from '@taskloom/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lost, miscounted, readAll, unfinished, unmarked } from '../../fleet/verdicts.ts'
import type { UsedServer } from '../../servers/use-server.ts'
import { openPlainQueue } from '../plain-queue.ts'
import { QueueFleet } from './fleet.ts'

const minute = 60_000
const producers = ['p1', 'p2'] as const
const workers = ['w1', 'w2', 'w3'] as const
/** Until what waits is worked off: BullMQ on PostgreSQL takes milliseconds for a job, on a busy machine many. */
const patience = { timeout: 10 * minute, interval: 500 }
const keepFailed = 100_000
/** So many of what should not be are told at most. */
const maxTold = 10

export interface QueueFleetOptions {
  /** How many tasks are enqueued while the storm lasts. */
  readonly tasks: number
  readonly stormMs: number
  /** PostgreSQL with the store, and with BullMQ's jobs where there is no Redis. */
  readonly database: UsedServer
  /** Redis with BullMQ's jobs; null where they are in PostgreSQL. */
  readonly redis: UsedServer | null
  /** How many tasks share a job; one by default. */
  readonly tasksPerJob?: number
}

/** Producers and workers on one queue, while workers and the servers are killed: what holds when it is quiet. */
export function describeQueueFleet(
  name: string,
  { tasks, stormMs, database, redis, tasksPerJob = 1 }: QueueFleetOptions,
): void {
  describe.skipIf(database.missing ?? redis?.missing)(`a fleet on BullMQ over ${name}`, () => {
    let fleet: QueueFleet
    let store: Store
    let connection: string

    beforeAll(async () => {
      connection = (redis ?? database).url
      const ours = { lockDuration: 3_000, sweepEvery: 2_000, keepFailed, tasksPerJob }
      fleet = new QueueFleet({ store: database.url, connection, ...ours })
      for (const worker of workers) await fleet.start(worker, 'worker')
      for (const producer of producers) await fleet.start(producer, 'producer')
      store = postgres(database.url)
      await store.open()
    }, minute)
    afterAll(async () => {
      await store?.close()
      await fleet?.end()
    }, minute)

    it('ends every task once, or marks it, whatever fails', { timeout: stormMs + 14 * minute }, async () => {
      for (const producer of producers) fleet.get(producer).say(`load ${tasks / producers.length} ${stormMs * 0.9}`)
      await Promise.all([stormOfKills(fleet, stormMs), restarts([redis, database], stormMs)])
      await Promise.all(producers.map((producer) => fleet.get(producer).hear('loaded')))
      await expect.poll(() => unended(store), patience).toBe(0)
      const records = await readAll(store)

      const facts = fleet.facts()
      expect(fleet.fallen).toEqual([])
      expect(lost(facts, records)).toEqual([])
      expect(unmarked(facts, records)).toEqual([])
      expect(miscounted(records)).toEqual([])
      expect(unfinished(facts, records)).toEqual([])
      expect(records.length).toBeGreaterThan(tasks * 0.9)
      // Nobody has cancelled or retried anything.
      expect(records.filter(({ status, retriedFrom }) => status === 'cancelled' || retriedFrom !== null)).toEqual([])
      expect(records.filter(({ interruptions }) => interruptions > 0).length).toBeGreaterThan(0)
      expect(endsOf('again', records)).toEqual(new Set(['success']))
      expect([...endsOf('bad', records)].filter((status) => !['failed', 'interrupted'].includes(status))).toEqual([])
    })

    it('leaves in the queue what the records say, and nothing that waits', { timeout: 14 * minute }, async () => {
      const ended = new Map((await readAll(store)).map(({ taskId, status }) => [taskId, status]))
      for (const name of ['default', 'default~limited']) {
        const queue = openPlainQueue(name, connection)
        const left = () => queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized')
        await expect.poll(left, patience).toEqual({ waiting: 0, active: 0, delayed: 0, prioritized: 0 })
        const failed = await queue.getJobs(['failed'], 0, -1)
        const others = failed.filter(({ id = '' }) => ended.get(id) !== 'failed')
        expect(
          others
            .slice(0, maxTold)
            .map(({ id = '', name, failedReason }) => `${name} ${id} ${ended.get(id)}: ${failedReason}`),
        ).toEqual([])
        await queue.close()
      }
      await fleet.stop()
      expect(fleet.fallen).toEqual([])
    })
  })
}

/** Kills a worker every two seconds and starts it again at once. */
async function stormOfKills(fleet: QueueFleet, stormMs: number): Promise<void> {
  const beganAt = performance.now()
  const ready = new Set<string>(workers)
  for (let count = 1; count * 2_000 <= stormMs; count += 1) {
    await at(beganAt + count * 2_000)
    // The one that works for longest. On a slow machine there may be none that is ready.
    const [name] = ready
    if (name === undefined) continue
    ready.delete(name)
    await fleet.kill(name)
    void fleet.start(name, 'worker').then(
      () => ready.add(name),
      () => undefined,
    )
  }
  await expect.poll(() => [ready.size, ...fleet.fallen], patience).toEqual([workers.length])
}

/** One server after the other is killed and comes back, spread over the storm. */
async function restarts(servers: readonly (UsedServer | null)[], stormMs: number): Promise<void> {
  const beganAt = performance.now()
  for (const [index, server] of servers.entries()) {
    if (server === null) continue
    await at(beganAt + (stormMs * (index + 1)) / 3)
    await server.kill9()
    await server.restart()
  }
}

function at(moment: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, moment - performance.now())))
}

async function unended({ views }: Store): Promise<number> {
  const filter = { ...anyTask, statuses: ['pending', 'running'] as const }
  const { taskIds } = await views.ids({ filter, after: null, until: '~', limit: 500 })
  return taskIds.length
}

const endsOf = (funcName: string, records: readonly TaskRecord[]) =>
  new Set(records.filter((record) => record.funcName === funcName).map(({ status }) => status))
