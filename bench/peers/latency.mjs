import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { Queue, Worker } from 'bullmq'

// How long a task waits from the call of enqueue until its function begins, at a rate that leaves everybody idle mostly.

const perSecond = 200

export async function taskloomLatency({ folder, seconds }) {
  const tasks = new TaskManager({ store: join(folder, 'latency.db') })
  const waits = []
  const noop = tasks.define('noop', (askedAt) => void waits.push(performance.now() - askedAt))
  await tasks.start()
  await atRate(seconds, () => noop.enqueue(performance.now()))
  await tasks.idle()
  await tasks.shutdown()
  return percentiles(waits)
}

export async function bullmqLatency({ redis, seconds }) {
  const name = `latency-${Math.random().toString(36).slice(2)}`
  const queue = new Queue(name, { connection: redis.connection })
  const waits = []
  const run = async (job) => void waits.push(performance.now() - job.data.askedAt)
  const worker = new Worker(name, run, { connection: redis.connection, concurrency: 100 })
  await worker.waitUntilReady()
  await atRate(seconds, () => queue.add('noop', { askedAt: performance.now() }))
  while (waits.length < seconds * perSecond) await new Promise((resolve) => setTimeout(resolve, 20))
  await worker.close()
  await queue.obliterate({ force: true })
  await queue.close()
  return percentiles(waits)
}

async function atRate(seconds, enqueue) {
  const enqueued = []
  const startedAt = performance.now()
  for (let index = 0; index < seconds * perSecond; index += 1) {
    const dueMs = startedAt + (index * 1_000) / perSecond - performance.now()
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs))
    enqueued.push(enqueue())
  }
  await Promise.all(enqueued)
}

function percentiles(waits) {
  const sorted = [...waits].sort((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  return { p50: at(0.5), p99: at(0.99) }
}
