import type { TaskStatus } from '@taskloom/protocol'
import { maxCountedWaits } from '../fleet.ts'
import { readBins } from '../histogram.ts'
import { MeterBook } from '../meter-book.ts'
import type { MeterAnswer, MeterQuestion } from '../metering.ts'
import type { Value } from '../sql/database.ts'
import { rowsOfAll, type Query, type Reads } from './reads.ts'

/** Totals from the roll-ups for all time and from the ledger: as many rows as there are functions, queues and statuses. */
export async function readMeters(reads: Reads, question: MeterQuestion): Promise<MeterAnswer> {
  const book = new MeterBook(question)
  for (const row of await rowsOfAll(reads, countQueries(reads))) {
    const [funcName, queue, status, isKept, tasks, durationSum, durationBins, waitSum, waitBins] = row
    const page = book.at(funcName as string, queue as string)
    page.count(status as TaskStatus, tasks as number, isKept === 1)
    page.duration.addSum(durationSum as number)
    readBins(durationBins as string | null, (bin, count) => page.duration.addBin(bin, count))
    page.wait.addSum(waitSum as number)
    readBins(waitBins as string | null, (bin, count) => page.wait.addBin(bin, count))
  }
  for (const [funcName, queue, retries] of await reads.session.rows(
    'SELECT func_name, queue, retries FROM @retry_counts',
  )) {
    book.at(funcName as string, queue as string).retries += retries as number
  }
  return { ...book.answer(), ...(await readNow(reads, question)) }
}

function countQueries({ hasChanges }: Reads): readonly Query[] {
  const kept = (isKept: 0 | 1): string =>
    `SELECT func_name, queue, status, ${isKept}, tasks, duration_sum, duration_bins, wait_sum, wait_bins`
  const parts = [
    `${kept(1)} FROM @rollups WHERE level = 0 AND bucket = 0`,
    ...(hasChanges ? [`${kept(1)} FROM @rollup_changes`] : []),
    `${kept(0)} FROM @deleted_counts`,
  ]
  return parts.map((sql) => ({ sql, params: [] }))
}

/** From the index alone: neither a long queue nor many delayed tasks make it read rows. */
async function readNow(
  { session, dialect }: Reads,
  { now }: MeterQuestion,
): Promise<Pick<MeterAnswer, 'delayed' | 'oldestDueAt' | 'sizeBytes'>> {
  const from = `FROM @tasks ${dialect.along('tasks_ready')} WHERE status = 'pending'`
  const [row = []] = await session.rows(
    `SELECT (SELECT count(*) ${from} AND run_at > ?),
       (SELECT created_at FROM @tasks WHERE id = (SELECT min(id) FROM (
          SELECT id ${from} AND run_at IS NULL ORDER BY urgency, id LIMIT ?) waiting)),
       (SELECT min(run_at) ${from} AND run_at <= ?), ${dialect.fileSize ?? 'NULL'}`,
    [now, maxCountedWaits, now],
  )
  const [delayed = 0, since = null, dueAt = null, sizeBytes = null] = row
  const instants = [since, dueAt].filter(isNumber)
  return {
    delayed: delayed as number,
    oldestDueAt: instants.length === 0 ? null : Math.min(...instants),
    sizeBytes: sizeBytes as number | null,
  }
}

function isNumber(value: Value): value is number {
  return typeof value === 'number'
}
