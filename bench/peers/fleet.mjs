// The same fleet with plain BullMQ and with us upon BullMQ, interleaved in one run, medians. `npm run bench:fleet`.
// Needs redis-server and PostgreSQL. `--quick` for fewer rounds and tasks, `--only=redis` or `--only=postgres` for one store.
import { Redis } from 'ioredis'
import { formatTable, median } from '../figures.ts'
import { isToBeKept, keep } from '../keep.ts'
import { describeMachine } from '../record.ts'
import { cpuMsOf } from './cpu.mjs'
import { Part } from './fleet-part.mjs'
import { serverVersions, startPostgres, startRedis } from './servers.mjs'

const machine = describeMachine()
const isQuick = process.argv.includes('--quick')
const only = process.argv.find((word) => word.startsWith('--only='))?.slice('--only='.length)
const rounds = isQuick ? 3 : 5
const count = isQuick ? 3_000 : 10_000
/** Until everything is compiled and connected; not counted. */
const warmUp = isQuick ? 1_000 : 3_000
const concurrency = 100
/** What a task waits for that does what most do: an answer from elsewhere, from near by or from far. */
const shortCallMs = 10
const callMs = 50
const oneWorker = [{ works: false }, { works: true }]
/** The first of the processes adds. Tasks of 0 ms do nothing at all. */
const shapes = [
  { shape: 'one process', taskMs: 0, parts: [{ works: true }] },
  { shape: 'producer, 1 worker', taskMs: 0, parts: oneWorker },
  { shape: 'producer, 2 workers', taskMs: 0, parts: [...oneWorker, { works: true }] },
  ...[shortCallMs, callMs].map((taskMs) => ({ shape: `producer, 1 worker, ${taskMs} ms`, taskMs, parts: oneWorker })),
]
const bound = 0.85
/** As `tasksPerJob` says: new tasks that share a job of BullMQ. */
const tasksShared = 50

const queue = await startRedis()
const redisStore = await startRedis()
const postgresStore = await startPostgres()
const servers = { queue, redis: redisStore, postgres: postgresStore }
const contenders = [
  { title: 'plain BullMQ', contender: 'bullmq', store: null },
  ...[1, tasksShared].flatMap((tasksPerJob) => [
    { ...ours('Redis', tasksPerJob), store: { kind: 'redis', url: urlOf(redisStore) } },
    { ...ours('PostgreSQL', tasksPerJob), store: { kind: 'postgres', url: postgresStore.connectionString } },
  ]),
].filter(({ store }) => store === null || only === undefined || store.kind === only)

try {
  const figures = []
  for (const { shape, taskMs, parts } of shapes) {
    const measured = contenders.map(() => [])
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, contender] of contenders.entries())
        measured[index].push(await measure(contender, taskMs, parts))
    }
    figures.push({ shape, measured })
    report(shape, measured)
  }
  reportScaling(figures)
  if (only === undefined) await keepFigures(figures)
} finally {
  await Promise.all(Object.values(servers).map((server) => server.close()))
}

/** Tasks per second, and CPU time for each task in microseconds, from the first add until the last end. */
async function measure({ contender, store, tasksPerJob }, taskMs, parts) {
  const name = `fleet${Math.random().toString(36).slice(2)}`
  const terms = { contender, store, tasksPerJob, name, concurrency, taskMs, queue: queue.connection }
  const processes = await Promise.all(parts.map((part) => Part.start({ ...terms, ...part })))
  await runThrough(processes, warmUp)
  const before = await cpuOf(processes)
  const startedAt = performance.now()
  await runThrough(processes, count)
  const elapsedMs = performance.now() - startedAt
  const after = await cpuOf(processes)
  await Promise.all(processes.map((process) => process.end()))
  await clear(queue)
  await clear(redisStore)
  const used = Object.fromEntries(Object.keys(after).map((key) => [key, ((after[key] - before[key]) / count) * 1_000]))
  return { perSecond: (count / elapsedMs) * 1_000, ...used }
}

async function runThrough(processes, number) {
  const ended = Part.ended(processes, number)
  await Promise.all([processes[0].ask({ kind: 'add', count: number }), ended])
}

/** Since they began, in milliseconds. */
async function cpuOf(processes) {
  const own = await Promise.all(processes.map((process) => process.ask({ kind: 'cpu' })))
  const { queue, redis, postgres } = servers
  return {
    node: own.reduce((sum, ms) => sum + ms, 0),
    queue: cpuMsOf(queue.pid),
    store: cpuMsOf(redis.pid) + cpuMsOf(postgres.pid),
  }
}

async function clear({ connection }) {
  const client = new Redis(connection)
  await client.flushall()
  await client.quit()
}

function ours(store, tasksPerJob) {
  const title = `Taskloom, store on ${store}${tasksPerJob > 1 ? `, ${tasksPerJob} tasks per job` : ''}`
  return { title, contender: 'taskloom', tasksPerJob }
}

function urlOf({ connection: { host, port } }) {
  return `redis://${host}:${port}`
}

/** The medians of each contender, and of its ratios to plain BullMQ. */
function summary(measured) {
  return contenders.map(({ title }, index) => {
    const of = (key) => median(measured[index].map((figures) => figures[key]))
    const ratios = measured[index].map(({ perSecond }, round) => perSecond / measured[0][round].perSecond)
    const used = { node: of('node'), queue: of('queue'), store: of('store') }
    return { name: title, perSecond: of('perSecond'), ratio: median(ratios), ...used }
  })
}

async function keepFigures(figures) {
  const shapes = figures.map(({ shape, measured }) => ({ shape, contenders: summary(measured) }))
  const packages = ['@taskloom/engine', 'peers/bullmq', 'pg', 'ioredis']
  const isKept = isToBeKept(process.argv)
  await keep('fleet', { rounds, bound, shapes }, { machine, packages, versions: serverVersions(), isKept })
}

function report(shape, measured) {
  const rows = summary(measured).map(({ name, perSecond, ratio, node, queue, store }) => {
    return [name, perSecond, ratio, ratio >= bound ? '' : `under ${bound}`, node, queue, store]
  })
  const head = [shape, 'tasks/s', 'ratio', '', 'node µs/task', "queue's Redis", 'store']
  console.log(`\n${formatTable(head, rows)}`)
}

function reportScaling(figures) {
  const of = (shape, index) =>
    figures.find((one) => one.shape === shape).measured[index].map(({ perSecond }) => perSecond)
  const rows = contenders.map(({ title }, index) => {
    const one = median(of('producer, 1 worker', index))
    const two = median(of('producer, 2 workers', index))
    return [title, one, two, two / one]
  })
  console.log(`\n${formatTable(['scaling', '1 worker', '2 workers', 'ratio'], rows)}`)
}
