import type { Database } from 'better-sqlite3'
import { readMetrics, readQueues, readTimeline, readTypes } from './aggregate.ts'
import { readAuditCheck, readAuditPage } from './audit.ts'
import { readErrorGroups } from './error-groups.ts'
import { readDetail, readLastRuns, readLogs } from './detail.ts'
import { readIds } from './ids.ts'
import { readList } from './list.ts'
import { readLoad } from './load.ts'
import { readMeters } from './meters.ts'
import type { ReadVerbs } from './reader-messages.ts'
import { StatementCache } from './statement-cache.ts'

/** The dashboard's questions as plain synchronous functions. */
export type Reader = {
  [N in keyof ReadVerbs]: (...input: Parameters<ReadVerbs[N]>) => Awaited<ReturnType<ReadVerbs[N]>>
}

/** Answers from one connection. Each answer sees the store at one instant. */
export function createReader(db: Database): Reader {
  const cache = new StatementCache(db)
  const begin = db.prepare('BEGIN')
  const end = db.prepare('ROLLBACK')
  const atOneInstant = <A extends unknown[], T>(read: (...input: A) => T) => {
    return (...input: A): T => {
      begin.run()
      try {
        return read(...input)
      } finally {
        if (db.inTransaction) end.run()
      }
    }
  }
  return {
    list: atOneInstant((question) => readList(cache, question)),
    metrics: atOneInstant((filter) => readMetrics(cache, filter)),
    timeline: atOneInstant((question) => readTimeline(cache, question)),
    types: atOneInstant((filter) => readTypes(cache, filter)),
    queues: atOneInstant(() => readQueues(cache)),
    detail: atOneInstant((taskId) => readDetail(cache, taskId)),
    logs: atOneInstant((question) => readLogs(cache, question)),
    lastRuns: atOneInstant((schedules) => readLastRuns(cache, schedules)),
    ids: atOneInstant((question) => readIds(cache, question)),
    meters: atOneInstant((question) => readMeters(cache, question)),
    auditPage: atOneInstant((question) => readAuditPage(cache, question)),
    auditCheck: atOneInstant((question) => readAuditCheck(cache, question)),
    load: atOneInstant((question) => readLoad(cache, question)),
    errors: atOneInstant((question) => readErrorGroups(cache, question)),
  }
}
