import type { TimeBounds } from '../time-bounds.ts'
import { segmentsBefore } from './cube.ts'
import type { ExactFilter } from './exact-filter.ts'
import type { Reads } from './reads.ts'
import { readRollups } from './rollups.ts'

/**
 * About how many tasks that were created outside a window are met along the index of a time before those within it whose
 * bounds these are. Read from the newest on these were created later, but not after the last of those within began or ended:
 * such come after it. Read from the oldest on they were created before, and began or ended as late as those within.
 */
export async function countPassedBy(
  reads: Reads,
  sign: 1 | -1,
  { since, until }: Pick<ExactFilter, 'since' | 'until'>,
  { earliest, latest }: Readonly<TimeBounds>,
): Promise<number> {
  if (sign === -1) {
    if (until === null || latest < until) return 0
    return sumOf(await readRollups(reads, { ...counted, window: { since: until, until: latest + 1 } }))
  }
  if (since === null) return 0
  const isLate = { sql: 'latest >= ?', params: [earliest] }
  const before = { window: { since: null, until: since }, parts: segmentsBefore(since, earliest), conditions: [isLate] }
  return sumOf(await readRollups(reads, { ...counted, ...before }))
}

const counted = { columns: 'sum(tasks)', by: 'status' } as const

function sumOf(rows: readonly (readonly unknown[])[]): number {
  return rows.reduce((sum, [tasks]) => sum + Number(tasks ?? 0), 0)
}
