import type { TaskViews } from '../../store.ts'
import type { RedisConnection } from '../connection.ts'
import { readArgs } from './args.ts'
import { readDetail, readLogs } from './detail.ts'
import { readEnds } from './ends.ts'
import { readErrorGroups } from './errors.ts'
import { readHistogram, readLatency, readMetrics, readQueues, readTimeline, readTypes } from './figures.ts'
import { readIds } from './ids.ts'
import { readLineage } from './lineage.ts'
import { readList } from './list.ts'
import { readLoad } from './load.ts'
import { readMeters } from './meters.ts'
import { readLastRuns, readRuns } from './runs.ts'

/**
 * The dashboard's questions. What counts know is answered from them alone; lists walk sets in order; only what neither
 * knows is looked for among tasks, in portions and up to a bound, so that Redis is never held up.
 */
export function redisViews(connection: RedisConnection): TaskViews {
  return {
    list: (question) => readList(connection, question),
    metrics: (filter) => readMetrics(connection, filter),
    timeline: (question) => readTimeline(connection, question),
    types: (filter) => readTypes(connection, filter),
    queues: () => readQueues(connection),
    detail: (taskId) => readDetail(connection, taskId),
    logs: (question) => readLogs(connection, question),
    lastRuns: (schedules) => readLastRuns(connection, schedules),
    ids: (question) => readIds(connection, question),
    meters: (question) => readMeters(connection, question),
    load: (question) => readLoad(connection, question),
    errors: (question) => readErrorGroups(connection, question),
    args: (question) => readArgs(connection, question),
    runs: (question) => readRuns(connection, question),
    ends: (question) => readEnds(connection, question),
    histogram: (filter) => readHistogram(connection, filter),
    latency: (question) => readLatency(connection, question),
    lineage: (taskId) => readLineage(connection, taskId),
  }
}
