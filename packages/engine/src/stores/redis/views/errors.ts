import { errorWindows, trendHours } from '../../error-book.ts'
import { stateOf } from '../../error-marks.ts'
import type { ErrorGroup, ErrorQuestion } from '../../fleet.ts'
import type { Command, RedisConnection } from '../connection.ts'
import { decodeGroup, decodeMark, type StoredGroup, type StoredMark } from '../register-fields.ts'
import { inPipelines } from './counts.ts'
import { pairsOf } from './replies.ts'

/** The groups with their counts, the one that was seen last first. */
export async function readErrorGroups(
  connection: RedisConnection,
  { now, since }: ErrorQuestion,
): Promise<readonly ErrorGroup[]> {
  const { keys } = connection
  const [stored, marked] = await connection.pipeline([
    ['HGETALL', keys.errors()],
    ['HGETALL', keys.errorMarks()],
  ])
  const marks = new Map(pairsOf(marked).map(([fingerprint, text]) => [fingerprint, decodeMark(text)]))
  const groups = pairsOf(stored)
    .map(([fingerprint, text]) => ({ fingerprint, ...decodeGroup(text) }))
    .filter(({ lastSeen }) => since === null || lastSeen >= since)
    .sort((a, b) => b.lastSeen - a.lastSeen || (a.fingerprint < b.fingerprint ? -1 : 1))
  const hours = await inPipelines(
    connection,
    groups.map(({ fingerprint }): Command => ['HGETALL', keys.errorHours(fingerprint)]),
  )
  return groups.map((group, index) => {
    const counts = new Map(pairsOf(hours[index]).map(([hour, tasks]) => [Number(hour), Number(tasks)]))
    return groupOf(group, marks.get(group.fingerprint), counts, now)
  })
}

function groupOf(
  group: StoredGroup & { readonly fingerprint: string },
  said: StoredMark | undefined,
  counts: ReadonlyMap<number, number>,
  now: number,
): ErrorGroup {
  const { hour, day, week } = errorWindows(now)
  const from = (start: number): number => [...counts].reduce((sum, [at, n]) => (at >= start ? sum + n : sum), 0)
  const stateAt = said?.at ?? null
  return {
    ...group,
    lastHour: from(hour),
    lastDay: from(day),
    lastWeek: from(week),
    trend: trendHours(now).map((at) => counts.get(at) ?? 0),
    state: stateOf(said?.mark ?? null, stateAt, group.lastSeen),
    stateAt,
    stateBy: said?.by ?? null,
  }
}
