import { maxCountedEnds, maxCountedWaits, type LoadAnswer, type LoadQuestion } from '../fleet.ts'
import { LoadBook } from '../load-book.ts'
import { readCube } from './cube.ts'
import type { StatementCache } from './statement-cache.ts'

/** From roll-ups and a bounded number of rows: it costs the same however long the history and the queues are. */
export function readLoad(cache: StatementCache, { now, endedSince, recentSince }: LoadQuestion): LoadAnswer {
  const book = new LoadBook()
  for (const { funcName, queue, status, tasks } of readCube(cache, { since: null, until: null })) {
    if (status === 'pending' || status === 'running') book.add({ funcName, queue, [status]: tasks })
  }
  for (const { funcName, queue, tasks } of readCube(cache, { since: recentSince, until: null })) {
    book.add({ funcName, queue, recent: tasks })
  }
  for (const [queue, at] of [
    ...cache.rows(waitingSql, maxCountedWaits),
    ...cache.rows(delayedSql, now, maxCountedWaits),
  ])
    book.wait(queue as string, at as number)
  let ends = 0
  let firstEnd = Number.POSITIVE_INFINITY
  for (const [queue, tasks, first] of cache.rows(endedSql, endedSince, maxCountedEnds)) {
    book.end(queue as string, tasks as number)
    ends += tasks as number
    firstEnd = Math.min(firstEnd, first as number)
  }
  return book.answer(ends < maxCountedEnds ? endedSince : firstEnd)
}

const waitingSql = `
  SELECT queue, min(created_at) FROM (
    SELECT queue, created_at FROM tasks INDEXED BY tasks_due WHERE status = 'pending' AND run_at IS NULL
    ORDER BY coalesce(priority, 0) DESC, id LIMIT ?) GROUP BY queue`
const delayedSql = `
  SELECT queue, min(run_at) FROM (
    SELECT queue, run_at FROM tasks INDEXED BY tasks_due WHERE status = 'pending' AND run_at <= ?
    ORDER BY run_at LIMIT ?) GROUP BY queue`
const endedSql = `
  SELECT queue, count(*), min(end_time) FROM (
    SELECT queue, end_time FROM tasks INDEXED BY tasks_end_time WHERE end_time >= ? ORDER BY end_time DESC LIMIT ?)
  GROUP BY queue`
