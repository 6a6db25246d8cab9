// One process of a fleet whose tasks are handed out by BullMQ: a producer or a worker, on what a machine of its own would be.
// Each line of its journal is one fact, appended with one write. Told by lines on its standard input what to do.
import { openSync, writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { createInterface } from 'node:readline'

const { role, host, store, connection, lockDuration, sweepEvery, keepFailed, tasksPerJob, journalFile } = JSON.parse(
  process.argv[2],
)

// As on another machine: whether its process lives, the others can only tell by its beats.
os.hostname = () => host
syncBuiltinESMExports()
const { TaskManager, taskContext } = await import('@taskloom/engine')
const { postgres } = await import('@taskloom/engine/postgres')
const { bullmq } = await import('@taskloom/engine/bullmq')

const journal = openSync(journalFile, 'a')
const note = (...words) => writeSync(journal, `${words.join(' ')}\n`)
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const tasks = new TaskManager({
  store: postgres(store),
  queue: bullmq({ connection, lockDuration, sweepEvery, keepFailed, tasksPerJob }),
  work: role === 'worker',
  concurrency: 20,
})
tasks.on('error', ({ during, error }) => note('fault', host, JSON.stringify(`${during}: ${error?.message}`)))

const run = async (ms = 0) => {
  const { taskId, attempt } = taskContext()
  note('begin', taskId, attempt, host)
  if (ms > 0) await sleep(ms)
  note('end', taskId, attempt)
}
tasks.define('quick', () => run())
tasks.define('slow', () => run(150))
tasks.define('again', { requeueOnInterrupt: true, maxInterruptions: 1_000 }, () => run(200))
tasks.define('limited', { concurrency: 5 }, () => run(5))
tasks.define('flaky', { retries: 2, delay: '200ms' }, async () => {
  await run()
  if (taskContext().attempt === 1) throw new Error('not at first')
})
tasks.define('bad', { retries: 1, delay: '100ms' }, async () => {
  await run()
  throw new Error('never')
})

/** What comes in of each kind, again and again. */
const mix = [
  ...Array.from({ length: 12 }, () => ['quick', {}]),
  ['slow', {}],
  ['slow', {}],
  ['again', {}],
  ['limited', {}],
  ['flaky', {}],
  ['flaky', {}],
  ['bad', {}],
  ['quick', { delay: '2s' }],
]

const enqueue = async ([name, options]) => {
  try {
    const { id } = await tasks.enqueue(name, [], options)
    note('ack', id, name)
  } catch (error) {
    note('refused', name, error.code ?? error.name)
    await sleep(50)
  }
}

/** Enqueues about so many, a few dozen at a time, spread over the time given. */
async function load(count, withinMs) {
  const beganAt = performance.now()
  for (let made = 0; made < count; made += mix.length) {
    await Promise.all(mix.map(enqueue))
    await sleep(Math.max(0, beganAt + (withinMs * made) / count - performance.now()))
  }
  process.stdout.write('loaded\n')
}

const verbs = {
  load: (count, withinMs) => load(Number(count), Number(withinMs)),
  stop: async () => {
    await tasks.shutdown({ timeoutMs: 5_000 })
    process.stdout.write('stopped\n')
    process.exit(0)
  },
}

await tasks.start()
process.stdout.write('ready\n')
const orders = createInterface({ input: process.stdin })
orders.on('line', (line) => {
  const [verb, ...words] = line.split(' ')
  void verbs[verb](...words)
})
// The test is gone.
orders.on('close', () => process.exit(0))
