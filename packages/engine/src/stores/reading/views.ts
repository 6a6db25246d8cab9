import type { Database } from '../sql/database.ts'
import { asked } from '../sql/writer.ts'
import type { TaskViews } from '../store.ts'
import { readHistogram, readLatency, readMetrics, readQueues, readTimeline, readTypes } from './aggregate.ts'
import { readArgs } from './args.ts'
import { readDetail, readLastRuns, readLogs, readRuns } from './detail.ts'
import { readEnds } from './ends.ts'
import { readErrorGroups } from './error-groups.ts'
import { readIds } from './ids.ts'
import { readLineage } from './lineage.ts'
import { readList } from './list.ts'
import { readLoad } from './load.ts'
import { readMeters } from './meters.ts'
import type { Reads } from './reads.ts'

/** Reads everything that one answer needs at one moment. */
export type AtOneMoment = <T>(read: (reads: Reads) => Promise<T>) => Promise<T>

/** The dashboard's questions, put to a database that speaks SQL. */
export function viewsOf(atOnce: AtOneMoment): TaskViews {
  const question = <I, T>(read: (reads: Reads, input: I) => Promise<T>) => {
    return (input: I): Promise<T> => atOnce((reads) => read(reads, input))
  }
  return {
    list: question(readList),
    metrics: question(readMetrics),
    timeline: question(readTimeline),
    types: question(readTypes),
    queues: () => atOnce(readQueues),
    detail: question(readDetail),
    lineage: question(readLineage),
    logs: question(readLogs),
    lastRuns: question(readLastRuns),
    ids: question(readIds),
    meters: question(readMeters),
    load: question(readLoad),
    errors: question(readErrorGroups),
    args: question(readArgs),
    histogram: question(readHistogram),
    latency: question(readLatency),
    runs: question(readRuns),
    ends: question(readEnds),
  }
}

/** The same for a database on a server. */
export function sqlViews(database: Database): TaskViews {
  const { dialect } = database
  return viewsOf((read) => asked(database.snapshot((session) => read({ session, dialect, hasChanges: true }))))
}
