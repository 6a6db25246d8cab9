// Taskloom against its peers, interleaved in one run, medians. `npm run bench:peers`. Needs redis-server and PostgreSQL.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatTable } from '../figures.ts'
import { bullmq, graphile, pgBoss, piscina, plainjob, raw, taskloom, taskloomThreads } from './contenders.mjs'
import { bullmqLatency, taskloomLatency } from './latency.mjs'
import { inRounds, medians, ratios } from './rounds.mjs'
import { startPostgres, startRedis } from './servers.mjs'

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
  console.log(formatTable(['durable enqueue + run', 'tasks/s'], medians(figures)))
  console.log(`\n${formatTable(['ratio', 'measured', 'bound', ''], ratios(figures, bounds))}`)
  const latency = await measureLatency()
  console.log(`\n${formatTable(['from enqueue to begin, 200 tasks/s', 'p50 ms', 'p99 ms'], latency)}`)
} finally {
  await postgres.close()
  await redis.close()
}

async function measureLatency() {
  const seconds = isQuick ? 3 : 10
  const ours = await inFolder((folder) => taskloomLatency({ folder, seconds }))
  const theirs = await bullmqLatency({ redis, seconds })
  return [
    ['Taskloom', ours.p50, ours.p99],
    ['BullMQ', theirs.p50, theirs.p99],
    ['ratio', ours.p50 / theirs.p50, ours.p99 / theirs.p99],
  ]
}

async function inFolder(act) {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-peers-'))
  try {
    return await act(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
