// Taskloom on shared stores against engines that live on the same servers, interleaved in one run, medians.
// `npm run bench:stores`. Needs redis-server and PostgreSQL. So many tasks that the run tells of steady work, not of the first
// half second, in which nobody is warm.
import { isToBeKept, keep } from '../keep.ts'
import { describeMachine } from '../record.ts'
import { bullmq, bullmqAdds, graphile, pgBoss, taskloomOnPostgres, taskloomOnRedis } from './contenders.mjs'
import { describeRounds, inRounds, ratiosOf, speedsOf } from './rounds.mjs'
import { serverVersions, startPostgres, startRedis } from './servers.mjs'

const machine = describeMachine()
const isQuick = process.argv.includes('--quick')
const rounds = isQuick ? 3 : 7
const many = 25_000
const few = 2_000
const contenders = [
  { name: 'Taskloom on PostgreSQL', run: taskloomOnPostgres, count: many },
  { name: 'pg-boss, single sends', run: pgBoss, count: few },
  { name: 'graphile-worker, bulk + local queue', run: graphile({ bulk: true }), count: many },
  { name: 'Taskloom on Redis', run: taskloomOnRedis, count: many },
  { name: 'BullMQ', run: bullmq, count: many },
  { name: 'BullMQ, adds alone', run: bullmqAdds, count: many },
]
const bounds = [
  ['Taskloom on PostgreSQL', 'pg-boss, single sends', 3],
  ['Taskloom on PostgreSQL', 'graphile-worker, bulk + local queue', 1],
  ['Taskloom on Redis', 'BullMQ', 2],
  ['Taskloom on Redis', 'BullMQ, adds alone', 2],
]

const redis = await startRedis()
const postgres = await startPostgres()
try {
  const figures = await inRounds(rounds, contenders, ({ run, count }) => run({ redis, postgres, count }))
  const report = { rounds, speeds: speedsOf(figures), ratios: ratiosOf(figures, bounds) }
  console.log(describeRounds(report))
  const packages = ['@taskloom/engine', 'peers/bullmq', 'peers/graphile-worker', 'peers/pg-boss', 'pg', 'ioredis']
  const isKept = isToBeKept(process.argv)
  await keep('stores', report, { machine, packages, versions: serverVersions(), isKept })
} finally {
  await postgres.close()
  await redis.close()
}
