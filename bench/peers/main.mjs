// Taskloom against its peers, interleaved in one run, medians. `npm run bench:peers`. Needs redis-server and PostgreSQL.
// What it finds goes into the documentation, with charts; after a run with `--quick` only with `--save`.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatTable } from '../figures.ts'
import { isToBeKept, keep } from '../keep.ts'
import { describeMachine } from '../record.ts'
import { bullmq, graphile, pgBoss, piscina, plainjob, raw, taskloom, taskloomThreads } from './contenders.mjs'
import { bullmqLatency, taskloomLatency } from './latency.mjs'
import { describeRounds, inRounds, ratiosOf, speedsOf } from './rounds.mjs'
import { serverVersions, startPostgres, startRedis } from './servers.mjs'

const machine = describeMachine()
const isQuick = process.argv.includes('--quick')
const rounds = isQuick ? 3 : 5
const many = 20_000
const medium = 10_000
const few = 2_000
const contenders = [
  { name: 'bare better-sqlite3 cycle', run: raw, count: many },
  { name: 'Taskloom, normal', run: taskloom('normal'), count: many },
  { name: 'plainjob', run: plainjob, count: many },
  { name: 'BullMQ, Redis, AOF everysec', run: bullmq, count: many },
  { name: 'Taskloom, full', run: taskloom('full'), count: many },
  { name: 'graphile-worker, bulk + local queue', run: graphile({ bulk: true }), count: many },
  { name: 'graphile-worker, single adds', run: graphile({ bulk: false }), count: few },
  { name: 'pg-boss, single adds', run: pgBoss, count: few },
  { name: 'piscina, bare calls', run: piscina, count: medium },
  { name: 'Taskloom, threads', run: taskloomThreads, count: medium },
]
const bounds = [
  ['Taskloom, normal', 'bare better-sqlite3 cycle', 0.7],
  ['Taskloom, normal', 'BullMQ, Redis, AOF everysec', 8],
  ['Taskloom, normal', 'plainjob', 6],
  ['Taskloom, full', 'pg-boss, single adds', 30],
  ['Taskloom, full', 'graphile-worker, single adds', 30],
  ['Taskloom, full', 'graphile-worker, bulk + local queue', 1.5],
  ['Taskloom, threads', 'piscina, bare calls', 0.6],
]

const redis = await startRedis()
const postgres = await startPostgres()
try {
  const figures = await inRounds(rounds, contenders, ({ run, count }) =>
    inFolder((folder) => run({ folder, redis, postgres, count })),
  )
  const found = { rounds, speeds: speedsOf(figures), ratios: ratiosOf(figures, bounds) }
  console.log(describeRounds(found))
  const latencies = await measureLatency()
  console.log(`\n${describeLatency(latencies)}`)
  const names = ['bullmq', 'graphile-worker', 'pg-boss', 'piscina', 'plainjob'].map((name) => `peers/${name}`)
  const packages = ['@taskloom/engine', 'better-sqlite3', ...names]
  const keeping = { machine, packages, versions: serverVersions(), isKept: isToBeKept(process.argv) }
  await keep('peers', { ...found, latencies }, keeping)
} finally {
  await postgres.close()
  await redis.close()
}

async function measureLatency() {
  const seconds = isQuick ? 3 : 10
  const ours = await inFolder((folder) => taskloomLatency({ folder, seconds }))
  const theirs = await bullmqLatency({ redis, seconds })
  return [
    { name: 'Taskloom', ...ours },
    { name: 'BullMQ', ...theirs },
  ]
}

function describeLatency(latencies) {
  const [ours, theirs] = latencies
  return formatTable(
    ['from enqueue to begin, 200 tasks/s', 'p50 ms', 'p99 ms'],
    [
      ...latencies.map(({ name, p50, p99 }) => [name, p50, p99]),
      ['ratio', ours.p50 / theirs.p50, ours.p99 / theirs.p99],
    ],
  )
}

async function inFolder(act) {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-peers-'))
  try {
    return await act(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
