import { errorKind, type TaskRecord } from '@taskloom/engine/store'
import { matchesFilter, type SortField, type SortOrder, type TaskFilter, type TaskStatus } from '@taskloom/protocol'
import { buildRecord } from '../build-record.ts'

/** Chance that repeats: the same seed gives the same numbers (0–1). */
export function createChance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A history over some hours in which many sort values are equal and every filter finds something. */
export function randomHistory(count: number, seed: number): readonly TaskRecord[] {
  const chance = createChance(seed)
  const pick = <T>(values: readonly T[]): T => values[Math.floor(chance() * values.length)] as T
  let createdAt = Date.UTC(2026, 0, 5, 12, 0, 30)
  return Array.from({ length: count }, (_, index) => {
    createdAt += Math.floor(chance() * 90_000)
    const status = pick<TaskStatus>([
      'success',
      'success',
      'success',
      'failed',
      'pending',
      'running',
      'cancelled',
      'interrupted',
    ])
    const hasStarted = status !== 'pending' && (status !== 'cancelled' || chance() < 0.5)
    const hasEnded = hasStarted && status !== 'running'
    const durationMs = pick([0, 0.5, 10, 10, 250, 1_000, 90_000])
    return buildRecord({
      createdAt,
      status,
      funcName: pick(['send_mail', 'send_sms', 'render', 'Import_CSV']),
      queue: pick(['default', 'mail', 'slow']),
      source: pick(['manual', 'manual', 'scheduled', 'retry', 'api']),
      tags: pick([{}, { env: 'prod' }, { env: 'dev' }, { env: 'prod', team: 'a' }]),
      args: pick(['[]', '[{"user":{"id":4,"name":"Ann"}}]', '["plain",7]', 'devalue:[[1],7]']),
      error: status === 'failed' ? pick(['Error: card declined', 'Error: timeout', 'TypeError: x']) : null,
      startTime: hasStarted ? createdAt + pick([0, 5, 70_000]) : null,
      waitMs: hasStarted ? pick([0, 5, 70_000]) : null,
      endTime: hasEnded ? createdAt + 100_000 : null,
      durationMs: hasEnded ? durationMs : null,
      attempt: hasStarted ? 1 : 0,
      retriesUsed: pick([0, 0, 0, 1, 3]),
      priority: pick([null, null, 0, 5, -2]),
      workerId: hasStarted ? pick(['w1', 'w2', 'w3']) : null,
      userLabel: [null, 'Ann Lee', 'anna', 'bob'][index % 4] ?? null,
    })
  })
}

/** The ids a list must give, found the plainest way. */
export function expectedIds(
  records: readonly TaskRecord[],
  filter: TaskFilter,
  sort: SortField,
  order: SortOrder,
): string[] {
  const sign = order === 'asc' ? 1 : -1
  return records
    .filter((record) => matches(record, filter))
    .sort((a, b) => (compare(valueOf(a, sort), valueOf(b, sort)) || compare(a.taskId, b.taskId)) * sign)
    .map(({ taskId }) => taskId)
}

export function matches(record: TaskRecord, filter: TaskFilter): boolean {
  const args: unknown = record.args.startsWith('devalue:') ? undefined : JSON.parse(record.args)
  const errorGroup = record.status === 'failed' ? errorKind(record).fingerprint : null
  return matchesFilter({ ...record, args, errorGroup }, filter)
}

/** Starts all of a portion at once, so that a store may put them together. */
export async function inBatches<T>(values: readonly T[], act: (value: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < values.length; start += 50) await Promise.all(values.slice(start, start + 50).map(act))
}

function valueOf(record: TaskRecord, sort: SortField): string | number | null {
  const values = {
    created_at: record.createdAt,
    func_name: record.funcName,
    status: record.status,
    duration: record.durationMs,
    retries_used: record.retriesUsed,
    start_time: record.startTime,
    end_time: record.endTime,
    priority: record.priority ?? 0,
    task_id: record.taskId,
  }
  return values[sort]
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0
  if (a === null) return -1
  return b === null || a > b ? 1 : -1
}
