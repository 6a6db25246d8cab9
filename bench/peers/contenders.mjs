import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqlite, TaskManager } from '@taskloom/engine'
import { postgres as createPostgres } from '@taskloom/engine/postgres'
import { redis as createRedis } from '@taskloom/engine/redis'
import Database from 'better-sqlite3'
import { Queue, Worker } from 'bullmq'
import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import PgBoss from 'pg-boss'
import { Piscina } from 'piscina'
import { better, defineQueue, defineWorker } from 'plainjob'
import { runRawCycle } from '../raw-cycle.ts'

// Each gives tasks per second of durable enqueue and run of `count` tasks that do nothing, single adds asked for at
// once, up to the moment when the last has run and its end is kept. What a peer does fastest is what it may do.

const concurrency = 100
const threads = 2
const noopFile = fileURLToPath(new URL('./noop.mjs', import.meta.url))
const silent = { error() {}, warn() {}, info() {}, debug() {} }

export async function raw({ folder, count }) {
  return runRawCycle(join(folder, 'raw.db'), count)
}

export function taskloom(durability) {
  return ({ folder, count }) => enqueueAndRun(sqlite(join(folder, `taskloom-${durability}.db`), { durability }), count)
}

/** Each run has tables of its own. */
export function taskloomOnPostgres({ postgres, count }) {
  return enqueueAndRun(createPostgres(postgres.connectionString, { tablePrefix: `${freshName()}_` }), count)
}

/** Each run has keys of its own. */
export function taskloomOnRedis({ redis, count }) {
  const { host, port } = redis.connection
  return enqueueAndRun(createRedis(`redis://${host}:${port}`, { keyPrefix: freshName() }), count)
}

async function enqueueAndRun(store, count) {
  const tasks = new TaskManager({ store })
  const noop = tasks.define('noop', () => undefined)
  await tasks.start()
  const perSecond = await timed(count, async () => {
    await all(count, () => noop.enqueue())
    await tasks.idle()
  })
  await tasks.shutdown()
  return perSecond
}

function freshName() {
  return `bench${Math.random().toString(36).slice(2)}`
}

/** Bare calls of a pool of threads, nothing kept. */
export async function piscina({ count }) {
  const pool = new Piscina({ filename: noopFile, name: 'noop', minThreads: threads, maxThreads: threads })
  await pool.run(undefined)
  const perSecond = await timed(count, () => all(count, () => pool.run(undefined)))
  await pool.destroy()
  return perSecond
}

/** Durable tasks in as many threads. */
export async function taskloomThreads({ folder, count }) {
  const tasks = new TaskManager({ store: join(folder, 'taskloom-threads.db'), threads })
  const noop = tasks.define('noop', { executor: 'thread' }, { module: new URL(`file://${noopFile}`), export: 'noop' })
  await tasks.start()
  // Both pools have all of their threads before the measurement begins.
  await all(threads, () => noop.enqueue())
  await tasks.idle()
  const perSecond = await timed(count, async () => {
    await all(count, () => noop.enqueue())
    await tasks.idle()
  })
  await tasks.shutdown()
  return perSecond
}

export async function plainjob({ folder, count }) {
  const connection = better(new Database(join(folder, 'plainjob.db')))
  const queue = defineQueue({ connection, logger: silent })
  let done = 0
  let finish
  const finished = new Promise((resolve) => (finish = resolve))
  const onCompleted = () => ++done === count && finish()
  const worker = defineWorker('noop', () => undefined, { queue, logger: silent, pollIntervall: 1, onCompleted })
  let running
  const perSecond = await timed(count, async () => {
    for (let index = 0; index < count; index += 1) queue.add('noop', {})
    running = worker.start()
    await finished
  })
  await worker.stop()
  await running
  queue.close()
  return perSecond
}

export async function bullmq({ redis, count }) {
  const name = freshName()
  const queue = new Queue(name, { connection: redis.connection })
  let done = 0
  let finish
  const finished = new Promise((resolve) => (finish = resolve))
  const worker = new Worker(name, async () => undefined, { connection: redis.connection, concurrency })
  worker.on('completed', () => ++done === count && finish())
  await worker.waitUntilReady()
  const perSecond = await timed(count, async () => {
    await all(count, () => queue.add('noop', {}))
    await finished
  })
  await worker.close()
  await queue.obliterate({ force: true })
  await queue.close()
  return perSecond
}

/** What waits in the queue at the end is stored, and has not run. */
export async function bullmqAdds({ redis, count }) {
  const queue = new Queue(freshName(), { connection: redis.connection })
  await queue.waitUntilReady()
  const perSecond = await timed(count, () => all(count, () => queue.add('noop', {})))
  await queue.obliterate({ force: true })
  await queue.close()
  return perSecond
}

export async function pgBoss({ postgres, count }) {
  const boss = new PgBoss({ connectionString: postgres.connectionString, max: 10, supervise: false, schedule: false })
  boss.on('error', () => undefined)
  await boss.start()
  const name = freshName()
  await boss.createQueue(name)
  let done = 0
  let finish
  const finished = new Promise((resolve) => (finish = resolve))
  const perSecond = await timed(count, async () => {
    await all(count, () => boss.send(name, {}))
    await boss.work(name, { batchSize: 100, pollingIntervalSeconds: 0.5 }, async (jobs) => {
      done += jobs.length
      if (done >= count) finish()
    })
    await finished
  })
  await boss.stop({ graceful: false, wait: true })
  return perSecond
}

export function graphile({ bulk }) {
  return async ({ postgres, count }) => {
    const { connectionString } = postgres
    let done = 0
    let finish
    const finished = new Promise((resolve) => (finish = resolve))
    const name = freshName()
    const taskList = { [name]: async () => void (++done === count && finish()) }
    const localQueue = { size: 500 }
    const preset = {
      worker: {
        connectionString,
        maxPoolSize: 10,
        concurrentWorkers: 24,
        ...(bulk ? { localQueue, completeJobBatchDelay: 0, failJobBatchDelay: 0 } : {}),
      },
    }
    const logger = new Logger(() => () => undefined)
    const utils = await makeWorkerUtils({ connectionString, logger })
    const runner = await run({ preset, taskList, logger, noHandleSignals: true })
    const perSecond = await timed(count, async () => {
      if (bulk) await addInBulk(utils, name, count)
      else await all(count, () => utils.addJob(name, {}))
      await finished
    })
    await runner.stop()
    await utils.release()
    return perSecond
  }
}

async function addInBulk(utils, identifier, count) {
  const chunk = 1_000
  for (let from = 0; from < count; from += chunk) {
    await utils.addJobs(Array.from({ length: Math.min(chunk, count - from) }, () => ({ identifier, payload: {} })))
  }
}

/** Asked for at once, in portions that a driver's queue can hold. */
async function all(count, add) {
  const portion = 20_000
  for (let from = 0; from < count; from += portion) {
    await Promise.all(Array.from({ length: Math.min(portion, count - from) }, add))
  }
}

async function timed(count, act) {
  const startedAt = performance.now()
  await act()
  return (count / (performance.now() - startedAt)) * 1_000
}
