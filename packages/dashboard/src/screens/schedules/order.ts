import type { ScheduleEntry } from '@taskloom/protocol'

/** By what schedules are sorted. */
export type ScheduleOrder = 'next' | 'name' | 'last'
/** Which of them are shown. */
export type ScheduleShown = 'all' | 'active' | 'paused' | 'missed'

/** How long after its slot a schedule counts as late. */
export const lateAfterMs = 60_000

/** Whether the next slot has passed and nothing came of it yet. */
export function isLate({ status, nextRuns }: ScheduleEntry, now: number): boolean {
  const [next] = nextRuns
  return status === 'active' && next !== undefined && now - next > lateAfterMs
}

/** Those that are asked for, in the order that is. Paused ones have no next run and come last. */
export function arrange(
  schedules: readonly ScheduleEntry[],
  shown: ScheduleShown,
  order: ScheduleOrder,
): readonly ScheduleEntry[] {
  const wanted = schedules.filter(({ status, missed }) => {
    if (shown === 'all') return true
    return shown === 'missed' ? missed > 0 : status === shown
  })
  const nextOf = ({ status, nextRuns }: ScheduleEntry) => (status === 'paused' ? Infinity : (nextRuns[0] ?? Infinity))
  const lastOf = ({ lastRun }: ScheduleEntry) => -(lastRun ?? 0)
  const keyOf = { next: nextOf, last: lastOf, name: () => 0 }[order]
  return [...wanted].sort((one, other) => {
    const [left, right] = [keyOf(one), keyOf(other)]
    return left === right ? one.funcName.localeCompare(other.funcName) : left - right
  })
}
