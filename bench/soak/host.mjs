// The host that is soaked: runs tasks at an even pace and serves its dashboard. Asked to, it says how it is.
// Runs with --expose-gc. Talks with bench/soak/main.ts by messages.
import { createServer } from 'node:http'
import { readdirSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { progress, taskContext, taskLog, TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'
import { Latencies } from './latencies.mjs'

const { file, perSecond } = JSON.parse(process.argv[2])
const megabyte = 2 ** 20
const hourMs = 3_600_000
/** Retention looks once an hour; here an hour of waiting takes half a minute, so that it is at work all the time. */
const clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.max(0, delayMs >= hourMs ? 30_000 : delayMs)).unref()
    return () => clearTimeout(timer)
  },
}
const counts = { enqueued: 0, refused: 0, ended: 0, failed: 0, faults: 0 }
const latencies = new Latencies()

const tasks = new TaskManager({ store: file, clock, retention: { days: 1 / 1_440 } })
tasks.on('error', () => (counts.faults += 1))
tasks.on('complete', ({ taskId }) => {
  counts.ended += 1
  latencies.ended(taskId)
})
tasks.on('fail', ({ taskId }) => {
  counts.failed += 1
  latencies.ended(taskId)
})
tasks.define('quick', (index) => index)
tasks.define('slow', async (index) => {
  taskLog(`order ${index}`)
  progress(50)
  await sleep(20)
  progress(100)
})
// Half of them succeed in the end.
tasks.define('flaky', { retries: 2, delay: '500ms' }, (index) => {
  if (taskContext().attempt <= (index % 40 === 0 ? 3 : 1)) throw new Error(`order ${index} fails`)
})
tasks.schedule('tick', { every: '1s' }, () => undefined)
tasks.schedule('minute', { cron: '* * * * *' }, () => undefined)

/** One in twenty fails, three of twenty take a while. */
const funcOf = (index) => (index % 20 === 0 ? 'flaky' : index % 20 < 4 ? 'slow' : 'quick')

async function enqueue(index) {
  const name = funcOf(index)
  const askedAt = performance.now()
  try {
    const { id } = await tasks.enqueue(name, [index], { tags: { shop: `shop ${index % 50}` } })
    counts.enqueued += 1
    if (name === 'quick') latencies.asked(id, askedAt)
    else latencies.leaveOut(id)
  } catch {
    counts.refused += 1
  }
}

let isLoaded = false
async function load() {
  isLoaded = true
  const startedAt = performance.now()
  for (let asked = 0; isLoaded;) {
    const due = ((performance.now() - startedAt) / 1_000) * perSecond
    while (asked < due) void enqueue((asked += 1))
    await sleep(5)
  }
}

function read() {
  const { p50, p99 } = latencies.take()
  global.gc()
  latencies.pause(500)
  const { heapUsed, rss } = process.memoryUsage()
  return {
    heapMb: heapUsed / megabyte,
    rssMb: rss / megabyte,
    descriptors: readdirSync('/proc/self/fd').length,
    walMb: statSync(`${file}-wal`).size / megabyte,
    p50Ms: p50,
    p99Ms: p99,
    counts: { ...counts },
  }
}

const server = createServer((_request, response) => response.writeHead(404).end())
const mounted = mount(server, tasks, { path: '/tasks', limits: { streams: 200, streamsPerAddress: 200 } })
await tasks.start()
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

const verbs = {
  load: () => void load(),
  read,
  rest: async () => {
    isLoaded = false
    await sleep(50)
    await tasks.idle()
    for (const name of ['tick', 'minute']) {
      await tasks.source.pauseSchedule(name, { actor: 'soak', reason: null })
    }
    await tasks.idle()
  },
  stop: async () => {
    await mounted.close()
    server.closeAllConnections()
    server.close()
  },
}
process.on('message', async ({ verb, number }) => process.send({ number, answer: await verbs[verb]() }))
process.on('disconnect', () => process.exit(0))
process.send({ number: 0, answer: { port: server.address().port } })
