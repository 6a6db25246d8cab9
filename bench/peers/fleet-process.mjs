// One process of a fleet that is measured: adds tasks that wait for a moment or do nothing, or runs them, or both, through
// plain BullMQ or through us. Told by its parent what to be; answers over the channel between them.
import { setTimeout as wait } from 'node:timers/promises'
import { TaskManager } from '@taskloom/engine'
import { bullmq } from '@taskloom/engine/bullmq'
import { postgres } from '@taskloom/engine/postgres'
import { redis } from '@taskloom/engine/redis'
import { Queue, Worker } from 'bullmq'

const { contender, name, works, concurrency, taskMs, queue, store, tasksPerJob } = JSON.parse(process.argv[2])
/** Ends are told so many at a time at most, and not each by itself: that would be measured, too. */
const tellEveryMs = 5

const work = taskMs > 0 ? () => wait(taskMs, null) : null
let ended = 0
const telling = setInterval(() => {
  if (ended > 0) process.send({ kind: 'ended', count: ended })
  ended = 0
}, tellEveryMs)

const part = contender === 'bullmq' ? await plain() : await ours()
process.on('message', async ({ kind, count }) => {
  if (kind === 'add') await Promise.all(Array.from({ length: count }, part.add))
  if (kind === 'end') return end()
  const { user, system } = process.cpuUsage()
  process.send({ kind: 'answer', cpuMs: (user + system) / 1_000 })
})
process.send({ kind: 'ready' })

async function plain() {
  const jobs = new Queue(name, { connection: queue })
  await jobs.waitUntilReady()
  const worker = works ? new Worker(name, work ?? (async () => null), { connection: queue, concurrency }) : null
  worker?.on('completed', () => (ended += 1))
  await worker?.waitUntilReady()
  return {
    add: () => jobs.add('noop', {}),
    close: async () => {
      await worker?.close()
      await jobs.close()
    },
  }
}

async function ours() {
  const tasks = new TaskManager({
    store:
      store.kind === 'redis' ? redis(store.url, { keyPrefix: name }) : postgres(store.url, { tablePrefix: `${name}_` }),
    queue: bullmq({ connection: queue, prefix: name, tasksPerJob }),
    work: works,
    concurrency,
  })
  tasks.on('error', ({ during, error }) => console.error(during, error))
  const noop = tasks.define('noop', work ?? (() => undefined))
  tasks.on('complete', () => (ended += 1))
  await tasks.start()
  return { add: () => noop.enqueue(), close: () => tasks.shutdown() }
}

async function end() {
  clearInterval(telling)
  await part.close()
  process.disconnect()
}
