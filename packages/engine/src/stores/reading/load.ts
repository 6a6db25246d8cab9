import { maxCountedEnds, maxCountedWaits, type LoadAnswer, type LoadQuestion } from '../fleet.ts'
import { LoadBook } from '../load-book.ts'
import type { Dialect } from '../sql/database.ts'
import type { Query, Reads } from './reads.ts'
import { readCube } from './rollups.ts'

/** From roll-ups and a bounded number of rows: it costs the same however long the history and the queues are. */
export async function readLoad(reads: Reads, { now, endedSince, recentSince }: LoadQuestion): Promise<LoadAnswer> {
  const book = new LoadBook()
  for (const { funcName, queue, status, tasks } of await readCube(reads, { since: null, until: null })) {
    if (status === 'pending' || status === 'running') book.add({ funcName, queue, [status]: tasks })
  }
  for (const { funcName, queue, tasks } of await readCube(reads, { since: recentSince, until: null })) {
    book.add({ funcName, queue, recent: tasks })
  }
  for (const { sql, params } of [waitingQuery(reads.dialect), delayedQuery(reads.dialect, now)]) {
    for (const [queue, at] of await reads.session.rows(sql, params)) book.wait(queue as string, at as number)
  }
  let ends = 0
  let firstEnd = Number.POSITIVE_INFINITY
  const ended = endedQuery(reads.dialect, endedSince)
  for (const [queue, tasks, first] of await reads.session.rows(ended.sql, ended.params)) {
    book.end(queue as string, tasks as number)
    ends += tasks as number
    firstEnd = Math.min(firstEnd, first as number)
  }
  return book.answer(ends < maxCountedEnds ? endedSince : firstEnd)
}

function waitingQuery(dialect: Dialect): Query {
  const sql = `SELECT queue, min(created_at) FROM (
      SELECT queue, created_at FROM @tasks ${dialect.along('tasks_ready')}
      WHERE status = 'pending' AND run_at IS NULL ORDER BY urgency, id LIMIT ?) waiting GROUP BY queue`
  return { sql, params: [maxCountedWaits] }
}

function delayedQuery(dialect: Dialect, now: number): Query {
  const sql = `SELECT queue, min(run_at) FROM (
      SELECT queue, run_at FROM @tasks ${dialect.along('tasks_ready')}
      WHERE status = 'pending' AND run_at <= ? ORDER BY run_at LIMIT ?) waiting GROUP BY queue`
  return { sql, params: [now, maxCountedWaits] }
}

function endedQuery(dialect: Dialect, since: number): Query {
  const sql = `SELECT queue, count(*), min(end_time) FROM (
      SELECT queue, end_time FROM @tasks ${dialect.along('tasks_end_time')}
      WHERE end_time >= ? ORDER BY end_time DESC LIMIT ?) ended GROUP BY queue`
  return { sql, params: [since, maxCountedEnds] }
}
