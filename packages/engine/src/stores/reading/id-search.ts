import { minuteMs, taskStatuses } from '@taskloom/protocol'
import { firstIdAt } from './ids-of-time.ts'
import { maxSorted } from './limits.ts'
import { rowsOfAll, type Query, type Reads } from './reads.ts'
import { readRollups } from './rollups.ts'

/** Ids lie close together in their index: looking at so many of them costs some tens of milliseconds. */
const maxIdsLookedAt = 250_000
/** One more than may be sorted. */
const most = maxSorted + 1
/** Buckets in which the newest tasks are counted, each within the one before. */
const steps = [720 * minuteMs, 30 * minuteMs, minuteMs] as const

/** Ids that hold a word: among the newest anywhere, among all at the start. Only a narrow index is read. */
export async function idsAround(reads: Reads, word: string): Promise<readonly string[]> {
  const starting = {
    sql: 'SELECT id FROM @tasks WHERE id >= ? AND id < ? LIMIT ?',
    params: [word, `${word}g`, most],
  }
  const holding = reads.dialect.hasNarrowIds ? [amongNewest(reads, word)] : await amongStatuses(reads, word)
  const rows = await rowsOfAll(reads, [starting, ...holding])
  return [...new Set(rows.map(([taskId]) => taskId as string))]
}

function amongNewest({ dialect }: Reads, word: string): Query {
  return {
    sql: `SELECT id FROM (SELECT id FROM @tasks ${dialect.along('tasks_id')} ORDER BY id DESC LIMIT ?) newest
      WHERE ${dialect.position('id')} > 0 LIMIT ?`,
    params: [maxIdsLookedAt, word, most],
  }
}

/** Where the index of ids holds whole rows that of each status is read, down to about the same id. */
async function amongStatuses(reads: Reads, word: string): Promise<readonly Query[]> {
  const { dialect } = reads
  const oldest = firstIdAt(await sinceOfNewest(reads))
  return taskStatuses.map((status) => ({
    sql: `SELECT id FROM @tasks ${dialect.along('tasks_status')}
      WHERE status = ? AND id >= ? AND ${dialect.position('id')} > 0 LIMIT ?`,
    params: [status, oldest, word, most],
  }))
}

/** An instant since which there are as many tasks as are looked at, or a minute's more. */
async function sinceOfNewest(reads: Reads): Promise<number> {
  let window: { readonly since: number | null; readonly until: number | null } = { since: null, until: null }
  let missing = maxIdsLookedAt
  for (const longest of steps) {
    const rows = await readRollups(reads, { window, longest, columns: 'bucket, sum(tasks)', by: 'bucket' })
    const buckets = new Map<number, number>()
    for (const [at, tasks] of rows) {
      const bucket = Math.floor(Number(at) / longest) * longest
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + Number(tasks))
    }
    const falling = [...buckets].sort(([a], [b]) => b - a)
    const last = falling.find(([, tasks]) => (missing -= tasks) <= 0)
    if (!last) return window.since ?? 0
    const [since, tasks] = last
    missing += tasks
    window = { since, until: since + longest }
  }
  return window.since ?? 0
}
