import type { TaskStatus } from '@taskloom/protocol'
import Database from 'better-sqlite3'
import { createRecord, type TaskRecord } from '../packages/engine/src/core/record.ts'
import { fillStore } from './fill-store.ts'

/** The history ends here and begins thirty days before, so that every run measures the same rows. */
export const historyEnd = Date.UTC(2026, 5, 30, 12)
const historyMs = 30 * 86_400_000

const kinds = [
  { funcName: 'send_mail', queue: 'mail', source: 'manual', share: 0.3, medianMs: 180 },
  { funcName: 'make_thumbnail', queue: 'media', source: 'manual', share: 0.2, medianMs: 420 },
  { funcName: 'call_webhook', queue: 'webhooks', source: 'api', share: 0.15, medianMs: 250 },
  { funcName: 'update_index', queue: 'default', source: 'manual', share: 0.12, medianMs: 30 },
  { funcName: 'import_csv', queue: 'imports', source: 'manual', share: 0.08, medianMs: 9_000 },
  { funcName: 'heartbeat', queue: 'default', source: 'scheduled', share: 0.07, medianMs: 2 },
  { funcName: 'charge_card', queue: 'default', source: 'api', share: 0.04, medianMs: 800 },
  { funcName: 'render_report', queue: 'media', source: 'scheduled', share: 0.03, medianMs: 20_000 },
  { funcName: 'sync_inventory', queue: 'imports', source: 'scheduled', share: 0.01, medianMs: 60_000 },
] as const

const errors = [
  'Error: card declined by the issuer',
  'TimeoutError: no answer within 10000 ms',
  'TypeError: Cannot read properties of undefined (reading "id")',
  'FetchError: 502 Bad Gateway from https://hooks.example/orders',
]

/** When a history ends, epoch milliseconds, and how long it is. */
export interface HistoryTime {
  readonly end: number
  readonly spanMs: number
}

const thirtyDays: HistoryTime = { end: historyEnd, spanMs: historyMs }

/** Writes a SQLite store of `count` tasks by the store's own row and roll-up code, in big transactions. */
export function buildHistory(path: string, count: number, time: HistoryTime = thirtyDays): void {
  const chance = createChance(1)
  fillStore(path, count, (index) => {
    const record = historicTask(index, count, chance, time)
    const { attempt, startTime, endTime, status, error, stacktrace, workerId } = record
    const ran = startTime !== null && attempt > 0
    const outcome = endTime === null ? null : status
    const ended = { attempt, startedAt: startTime ?? 0, endedAt: endTime, outcome, error, stacktrace, workerId }
    return { previous: null, next: record, attempt: ran ? ended : null, logs: [] }
  })
  const db = new Database(path)
  db.exec('ANALYZE')
  db.close()
}

function historicTask(index: number, count: number, chance: () => number, { end, spanMs }: HistoryTime): TaskRecord {
  const kind = pickKind(chance())
  const createdAt = Math.floor(end - spanMs + (spanMs * (index + chance())) / count)
  const status = pickStatus(index, count, chance())
  const hasStarted = status !== 'pending' && (status !== 'cancelled' || chance() < 0.3)
  const hasEnded = hasStarted && status !== 'running'
  const waitMs = Math.floor(chance() ** 4 * 3_000)
  const durationMs = Math.max(1, Math.round(kind.medianMs * Math.exp(spread(chance))))
  const startTime = hasStarted ? createdAt + waitMs : null
  const isFailed = status === 'failed'
  const retriesUsed = isFailed ? 3 : chance() < 0.05 ? 1 : 0
  const taskId = idAt(createdAt, index, chance)
  const args = JSON.stringify([{ user: { id: Math.floor(chance() * 5_000) }, order: `A-${index}` }])
  const request = {
    funcName: kind.funcName,
    queue: kind.queue,
    source: kind.source === 'scheduled' ? 'scheduled' : chance() < 0.03 ? 'retry' : kind.source,
    status,
    maxRetries: 3,
    retriesUsed,
    attempt: hasStarted ? retriesUsed + 1 : 0,
    startTime,
    waitMs: hasStarted ? waitMs : null,
    durationMs: hasEnded ? durationMs : null,
    endTime:
      hasEnded && startTime !== null ? startTime + durationMs : status === 'cancelled' ? createdAt + 5_000 : null,
    priority: chance() < 0.1 ? 5 : null,
    workerId: hasStarted ? `worker-${Math.floor(index / Math.max(1, count / 20))}` : null,
    error: isFailed ? (errors[Math.floor(chance() * errors.length)] ?? null) : null,
    stacktrace: isFailed
      ? 'Error\n    at send (file:///app/mail.js:10:5)\n    at run (file:///app/tasks.js:3:1)'
      : null,
    tags: chance() < 0.3 ? { env: chance() < 0.9 ? 'prod' : 'staging' } : {},
    result: status === 'success' ? '{"ok":true}' : null,
  }
  return createRecord(request, { taskId, createdAt, args })
}

/** The last few tasks are still waiting or running; before them, most went well. */
function pickStatus(index: number, count: number, chance: number): TaskStatus {
  if (index >= count - 40) return chance < 0.7 ? 'pending' : 'running'
  if (chance < 0.9) return 'success'
  if (chance < 0.97) return 'failed'
  return chance < 0.99 ? 'cancelled' : 'interrupted'
}

function pickKind(chance: number): (typeof kinds)[number] {
  let rest = chance
  return kinds.find(({ share }) => (rest -= share) < 0) ?? kinds[0]
}

/** A bell curve around 0. */
function spread(chance: () => number): number {
  return (chance() + chance() + chance() + chance() - 2) * 1.4
}

function idAt(createdAt: number, index: number, chance: () => number): string {
  const time = createdAt.toString(16).padStart(12, '0')
  const order = (index & 0xfff).toString(16).padStart(3, '0')
  const tail = Math.floor(chance() * 2 ** 48)
    .toString(16)
    .padStart(12, '0')
  const middle = Math.floor(chance() * 2 ** 12)
    .toString(16)
    .padStart(3, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-8${middle}-${tail}`
}

function createChance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
