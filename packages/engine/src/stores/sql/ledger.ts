import { addBins } from '../histogram.ts'
import { tally, type Tallied, type Tally } from '../tally.ts'
import type { CountChange } from '../unit/index.ts'
import type { BulkSession, Dialect, Row, Value } from './database.ts'
import { take } from './guards.ts'

const deletedColumns = [
  ...['func_name', 'queue', 'status', 'tasks'],
  ...['duration_sum', 'duration_bins', 'wait_sum', 'wait_bins'],
] as const

/** Adds tasks to the counts of those that were deleted, which never fall; in the transaction that deletes them. */
export async function countDeleted(session: BulkSession, dialect: Dialect, tasks: readonly Tallied[]): Promise<void> {
  if (tasks.length === 0) return
  await take(session, dialect, 'ledger')
  const tallies = new Map<string, Tally>()
  tally(tallies, tasks)
  const funcNames = [...new Set(tasks.map(({ funcName }) => funcName))]
  const sql = `SELECT ${deletedColumns.join(', ')} FROM @deleted_counts WHERE ${dialect.among('func_name')}`
  const rows = await session.rows(sql, [funcNames])
  const known = new Map(rows.map((row) => [JSON.stringify(row.slice(0, 3)), row]))
  const summed = [...tallies].map(([key, deleted]) => toDeletedRow(deleted, known.get(key)))
  await session.insert('deleted_counts', deletedColumns, summed, 'replace')
}

/** The keys of a tally and of a row are the same: function, queue and status as JSON. */
function toDeletedRow({ funcName, queue, status, tasks, duration, wait }: Tally, known: Row | undefined): Value[] {
  const [stored, durationSum, durationBins, waitSum, waitBins] = known?.slice(3) ?? [0, 0, null, 0, null]
  return [
    ...[funcName, queue, status, Number(stored) + tasks],
    ...[Number(durationSum) + duration.sum, addBins(durationBins as string | null, duration.bins)],
    ...[Number(waitSum) + wait.sum, addBins(waitBins as string | null, wait.bins)],
  ]
}

/** Adds the retries of a batch to their counts, which never fall. */
export async function countRetries(session: BulkSession, changes: readonly CountChange[]): Promise<void> {
  const retries = new Map<string, [funcName: string, queue: string, count: number]>()
  for (const { before, after } of changes) {
    if (!before || !after || after.retriesUsed <= before.retriesUsed) continue
    const key = JSON.stringify([after.funcName, after.queue])
    const known = retries.get(key) ?? [after.funcName, after.queue, 0]
    known[2] += after.retriesUsed - before.retriesUsed
    retries.set(key, known)
  }
  // In the same order everywhere: nobody waits for somebody who waits for him.
  for (const key of [...retries.keys()].sort()) await addRetries(session, retries.get(key) ?? ['', '', 0])
}

async function addRetries(session: BulkSession, [funcName, queue, count]: [string, string, number]): Promise<void> {
  const add = (): Promise<number> =>
    session.run('UPDATE @retry_counts SET retries = retries + ? WHERE func_name = ? AND queue = ?', [
      count,
      funcName,
      queue,
    ])
  if ((await add()) > 0) return
  await session.insert('retry_counts', ['func_name', 'queue', 'retries'], [[funcName, queue, 0]], 'keep')
  await add()
}
