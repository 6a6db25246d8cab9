// One process of a chaos run: enqueues, runs, cancels and ends as it is told by lines on its standard input. Each line of
// the ledger is one fact, appended with one write, so that a process that is killed has written it or has not.
import { openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { failingStore } from './failing-store.mjs'
import { machineClock } from './machine-clock.mjs'
import { fillDisk, makeRoom } from './small-disk.mjs'

const { kind, url, name, functions, tickSeconds, failing, ledgerFile, ...time } = JSON.parse(process.argv[2])
const { sqlite, TaskManager, taskContext } = await import('@taskloom/engine')

const stores = {
  sqlite,
  postgres: async (address) => (await import('@taskloom/engine/postgres')).postgres(address),
  redis: async (address) => (await import('@taskloom/engine/redis')).redis(address),
}
const ledger = openSync(ledgerFile, 'a')
const note = (...words) => writeSync(ledger, `${words.join(' ')}\n`)
const clock = machineClock(time)
const act = { actor: name, reason: 'chaos' }
const tasks = new TaskManager({ store: failingStore(await stores[kind](url), clock, failing), clock, concurrency: 20 })
tasks.on('error', ({ during, error, taskId }) => note('fault', name, taskId, during, JSON.stringify(error?.message)))

const run = (label, workMs, fails) => {
  const { taskId, attempt, signal } = taskContext()
  note('begin', taskId, attempt, name)
  const finish = () => {
    if (attempt <= fails) throw new Error('It was told to fail')
    note('end', taskId, attempt)
  }
  return workMs > 0 ? sleep(workMs, null, { signal }).then(finish) : finish()
}
for (const [funcName, { retries, requeues }] of Object.entries(functions)) {
  const rules = { retries, delay: '300ms', backoff: 2, requeueOnInterrupt: requeues }
  tasks.define(funcName, { ...rules, maxInterruptions: 1_000 }, run)
}
tasks.schedule('tick', { every: `${tickSeconds}s`, misfire: 'all', misfireMax: 1_000 }, () => run('tick', 0, 0))

const requestOf = ({ label, func, workMs, fails, delayMs, priority, key, lock }) => ({
  name: func,
  args: [label, workMs, fails],
  options: {
    priority,
    ...(delayMs > 0 ? { delay: delayMs } : {}),
    ...(key === null ? {} : { idempotencyKey: key }),
    ...(lock === null ? {} : { locks: [lock] }),
  },
})
/** Notes what was answered, or that it was refused. */
const answered = async (label, deed) => {
  try {
    const id = await deed()
    if (id !== undefined) note('ack', id, label)
  } catch (error) {
    note('refused', label, error.code ?? error.name)
  }
}
const enqueue = async (planned) => {
  const { name: func, args, options } = requestOf(planned)
  return (await tasks.enqueue(func, args, options)).id
}
const enqueueTogether = (all) =>
  answered('together', async () => {
    const stored = await tasks.enqueueMany(all.map(requestOf))
    for (const [index, { id }] of stored.entries()) note('ack', id, all[index].label)
  })

const verbs = {
  enqueue: ({ tasks: all, together }) =>
    together ? enqueueTogether(all) : all.forEach((one) => void answered(one.label, () => enqueue(one))),
  cancel: ({ id }) => answered('cancel', async () => void (await tasks.source.cancel(id, act))),
  retry: ({ id }) => answered('retry', async () => (await tasks.source.retry(id, act)).taskId),
  'run now': ({ id }) => answered('run', async () => void (await tasks.source.runNow(id, act))),
  'fill disk': fillDisk,
  'make room': makeRoom,
  rest: () => insist(() => tasks.source.pauseSchedule('tick', act), 'resting'),
  'shut down': async ({ patienceMs }) => {
    await tasks.shutdown({ timeoutMs: patienceMs })
    process.exit(0)
  },
}

/** As a host does whose store fails once. */
async function insist(deed, word) {
  for (let tries = 1; ; tries += 1) {
    try {
      await deed()
      break
    } catch (error) {
      note('refused', word, error.code ?? error.name)
      if (tries === 10) throw error
      await sleep(20)
    }
  }
  process.stdout.write(`${word}\n`)
}

const orders = createInterface({ input: process.stdin })
orders.on('line', (line) => {
  const order = JSON.parse(line)
  void verbs[order.do](order)
})
// Whoever gave the orders is gone.
orders.on('close', () => process.exit(0))
await insist(() => tasks.start(), 'ready')
