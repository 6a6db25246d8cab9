import type { TaskStatus } from '@taskloom/protocol'
import { readBins } from '../histogram.ts'
import { MeterBook } from '../meter-book.ts'
import type { MeterAnswer, MeterQuestion } from '../metering.ts'
import type { StatementCache } from './statement-cache.ts'

/** Totals from the roll-ups for all time and from the ledger: as many rows as there are functions, queues and statuses. */
export function readMeters(cache: StatementCache, question: MeterQuestion): MeterAnswer {
  const book = new MeterBook(question)
  for (const row of cache.rows(countsSql)) {
    const [funcName, queue, status, isKept, tasks, durationSum, durationBins, waitSum, waitBins] = row
    const page = book.at(funcName as string, queue as string)
    page.count(status as TaskStatus, tasks as number, isKept === 1)
    page.duration.addSum(durationSum as number)
    readBins(durationBins as string | null, (bin, count) => page.duration.addBin(bin, count))
    page.wait.addSum(waitSum as number)
    readBins(waitBins as string | null, (bin, count) => page.wait.addBin(bin, count))
  }
  for (const [funcName, queue, retries] of cache.rows('SELECT func_name, queue, retries FROM retry_counts')) {
    book.at(funcName as string, queue as string).retries += retries as number
  }
  const { now } = question
  return {
    ...book.answer(),
    delayed: cache.row(delayedSql, now)?.[0] as number,
    oldestDueAt: readOldestDueAt(cache, now),
    sizeBytes: cache.row(sizeSql)?.[0] as number,
  }
}

const countsSql = `
  SELECT func_name, queue, status, 1, tasks, duration_sum, duration_bins, wait_sum, wait_bins
  FROM rollups WHERE level = 0 AND bucket = 0
  UNION ALL
  SELECT func_name, queue, status, 0, tasks, duration_sum, duration_bins, wait_sum, wait_bins FROM deleted_counts`
const delayedSql = `SELECT count(*) FROM tasks INDEXED BY tasks_due WHERE status = 'pending' AND run_at > ?`
const sizeSql = 'SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()'

/** From the index alone: neither a long queue nor many delayed tasks make it read rows. */
function readOldestDueAt(cache: StatementCache, now: number): number | null {
  const [since = null] = cache.row(
    `SELECT created_at FROM tasks WHERE id =
       (SELECT min(id) FROM tasks INDEXED BY tasks_due WHERE status = 'pending' AND run_at IS NULL)`,
  ) ?? [null]
  const [dueAt = null] = cache.row(
    `SELECT min(run_at) FROM tasks INDEXED BY tasks_due WHERE status = 'pending' AND run_at <= ?`,
    now,
  ) ?? [null]
  const instants = [since, dueAt].filter((instant) => typeof instant === 'number')
  return instants.length === 0 ? null : Math.min(...instants)
}
