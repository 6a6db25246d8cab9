// One instance of a fleet: a process with a machine name, a clock and a connection of its own, on a store that all share.
// Each line of its journal is one fact, appended with one write. Told by lines on its standard input what to do.
import { openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { createInterface } from 'node:readline'
import { fastClock } from '../faults/fast-clock.mjs'

const { kind, url, host, beganAt, speed, offsetMs, journalFile } = JSON.parse(process.argv[2])

// As on another machine: whether its process lives, the others can only tell by its beats.
os.hostname = () => host
syncBuiltinESMExports()
const { TaskManager, taskContext } = await import('@taskloom/engine')
const { mount } = await import('@taskloom/engine/node')

const stores = {
  sqlite: (file) => file,
  postgres: async (address) => (await import('@taskloom/engine/postgres')).postgres(address),
  mysql: async (address) => (await import('@taskloom/engine/mysql')).mysql(address),
  redis: async (address) => (await import('@taskloom/engine/redis')).redis(address),
}

const journal = openSync(journalFile, 'a')
const note = (...words) => writeSync(journal, `${words.join(' ')}\n`)
const shared = fastClock(beganAt, speed)
const clock = { now: () => shared.now() + offsetMs, after: shared.after }
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const tasks = new TaskManager({ store: await stores[kind](url), clock, concurrency: 40 })
tasks.on('error', ({ during, error }) => note('fault', host, JSON.stringify(`${during}: ${error?.message}`)))

const run = async (ms = 0) => {
  const { taskId, attempt } = taskContext()
  note('begin', taskId, attempt, host)
  if (ms > 0) await sleep(ms)
  note('end', taskId, attempt)
}
tasks.define('quick', () => run())
tasks.define('slow', () => run(150))
tasks.define('keyed', () => run(50))
tasks.define('again', { requeueOnInterrupt: true, maxInterruptions: 1_000 }, () => run(200))
tasks.define('flaky', { retries: 3, delay: '200ms' }, async () => {
  await run()
  if (taskContext().attempt === 1) throw new Error('not at first')
})
tasks.define('held', async () => {
  const { taskId, attempt, signal } = taskContext()
  note('begin', taskId, attempt, host)
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  throw signal.reason
})
tasks.schedule('tick', { every: '1s', misfire: 'all', misfireMax: 1_000 }, () => run())

const enqueue = async (name, options = {}) => {
  try {
    const { id } = await tasks.enqueue(name, [], options)
    note('ack', id, name)
    return id
  } catch (error) {
    note('refused', name, error.code ?? error.name)
    await sleep(50)
    return null
  }
}

/** Every kind of task there is, again and again. */
let isLoaded = false
async function load() {
  isLoaded = true
  while (isLoaded) {
    const idempotencyKey = `k${Math.floor(Date.now() / 150)}`
    await Promise.all([
      enqueue('quick'),
      enqueue('slow'),
      enqueue('again'),
      enqueue('flaky'),
      enqueue('keyed', { idempotencyKey }),
      enqueue('quick', { delay: '2s' }),
    ])
    await sleep(60)
  }
}

const verbs = {
  load: () => void load(),
  rest: () => void (isLoaded = false),
  enqueue: async (name, delay) => {
    const id = await enqueue(name, delay ? { delay } : {})
    process.stdout.write(`enqueued ${id}\n`)
  },
  stop: async () => {
    isLoaded = false
    await tasks.shutdown({ timeoutMs: 5_000 })
    process.stdout.write('stopped\n')
    process.exit(0)
  },
}

const server = createServer()
mount(server, tasks, { pollInterval: '200ms' })
await tasks.start()
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
process.stdout.write(`ready ${server.address().port}\n`)
const orders = createInterface({ input: process.stdin })
orders.on('line', (line) => {
  const [verb, ...words] = line.split(' ')
  void verbs[verb](...words)
})
// The test is gone.
orders.on('close', () => process.exit(0))
