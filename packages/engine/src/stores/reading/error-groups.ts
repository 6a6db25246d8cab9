import { errorWindows, trendHours } from '../error-book.ts'
import { stateOf, type ErrorMark } from '../error-marks.ts'
import type { ErrorGroup, ErrorQuestion } from '../fleet.ts'
import type { Reads } from './reads.ts'

/** The groups with their counts, the one that was seen last first. */
export async function readErrorGroups(
  { session, dialect }: Reads,
  { now, since }: ErrorQuestion,
): Promise<readonly ErrorGroup[]> {
  const { hour, day, week } = errorWindows(now)
  const pair = dialect.concat('counted.hour', "' '", 'counted.tasks')
  const sums = Array.from({ length: 3 }, () => dialect.sumWhere('counted.tasks', 'counted.hour >= ?'))
  const rows = await session.rows(
    `SELECT kept.fingerprint, type, message, functions, first_seen, last_seen, sample_task, ${sums.join(', ')},
       mark, marked_at, marked_by, ${dialect.joined(`CASE WHEN counted.hour >= ? THEN ${pair} END`, ',')}
     FROM @error_groups kept LEFT JOIN @error_counts counted ON counted.fingerprint = kept.fingerprint
     WHERE last_seen >= ? GROUP BY kept.fingerprint ORDER BY last_seen DESC, kept.fingerprint`,
    [hour, day, week, trendHours(now)[0] ?? 0, since ?? Number.MIN_SAFE_INTEGER],
  )
  return rows.map((row) => ({
    fingerprint: row[0] as string,
    type: row[1] as string,
    message: row[2] as string,
    functions: JSON.parse(row[3] as string) as string[],
    firstSeen: row[4] as number,
    lastSeen: row[5] as number,
    sampleTaskId: row[6] as string,
    lastHour: row[7] as number,
    lastDay: row[8] as number,
    lastWeek: row[9] as number,
    trend: trendOf(row[13] as string | null, now),
    state: stateOf(row[10] as ErrorMark | null, row[11] as number | null, row[5] as number),
    stateAt: row[11] as number | null,
    stateBy: row[12] as string | null,
  }))
}

/** Counts by hour, given as `hour count` and commas in any order. */
function trendOf(text: string | null, now: number): readonly number[] {
  const counts = new Map(
    (text ?? '').split(',').map((pair): [number, number] => {
      const [hour, tasks] = pair.split(' ').map(Number)
      return [hour ?? 0, tasks ?? 0]
    }),
  )
  return trendHours(now).map((hour) => counts.get(hour) ?? 0)
}
