import { transition, type TaskRecord, type Write } from '@taskloom/engine/store'
import { isTerminal, type Attempt } from '@taskloom/protocol'
import { buildRecord } from '@taskloom/testkit'
import fc from 'fast-check'

const startMs = Date.UTC(2026, 0, 5, 12)

/** A write that is made of numbers when its turn comes: of which task depends on what there is by then. */
export interface Step {
  readonly action: number
  readonly which: number
  readonly amount: number
}

export const batches = fc.array(
  fc.array(fc.record({ action: fc.nat(13), which: fc.nat(12), amount: fc.nat(5) }), { minLength: 1, maxLength: 12 }),
  { minLength: 1, maxLength: 6 },
)

/**
 * Makes a write as the engine would, or one that comes too late: of one of `tasks`, each as it once was stored. `stored` is
 * what there is now.
 */
export function writeOf(
  { action, which, amount }: Step,
  tasks: readonly TaskRecord[],
  stored: (taskId: string) => TaskRecord | undefined,
): Write {
  const once = tasks[which % Math.max(1, tasks.length)]
  const now = once && stored(once.taskId)
  // Whoever is not too late knows the task as it is.
  const known = now && once && isGuardedAlike(now, once) ? now : once
  if (!known || action <= 3) return create(action, amount, known)
  // What is over stays so: it may get other tags, or be retried.
  return change(known, isTerminal(known.status) && action !== 11 ? 13 : action, amount)
}

function isGuardedAlike(a: TaskRecord, b: TaskRecord): boolean {
  return a.status === b.status && a.attempt === b.attempt && a.workerId === b.workerId && a.queue === b.queue
}

function create(action: number, amount: number, known: TaskRecord | undefined): Write {
  const common = { createdAt: startMs + amount * 40_000, priority: amount % 3 || null }
  const next = buildRecord({ ...common, ...[plain, keyed, slotted, locked][action % 4]?.(amount) })
  const write = { previous: null, next, attempt: next.status === 'running' ? attemptOf(next) : null, logs: [] } as const
  return known ? { ...write, joins: known.taskId } : write
}

const plain = (amount: number): Partial<TaskRecord> => [{}, running, { tags: { env: 'x' } }, failed][amount % 4] ?? {}
const keyed = (amount: number): Partial<TaskRecord> => ({ idempotencyKey: `key ${amount % 2}` })
const slotted = (amount: number): Partial<TaskRecord> => ({ schedule: 'nightly', slotAt: amount % 3 })
const locked = (amount: number): Partial<TaskRecord> => ({ locks: [`a${amount % 2}`, `b${amount % 3}`] })
const running = { status: 'running', attempt: 1, workerId: 'w', startTime: startMs } as const
const failed = { status: 'failed', endTime: startMs, error: 'Error: no' } as const

function change(previous: TaskRecord, action: number, amount: number): Write {
  const line = { at: amount, level: 'info', message: `${amount}`, attempt: previous.attempt, extra: null } as const
  const now = startMs + amount
  const start = { ...running, attempt: previous.attempt + 1, waitMs: amount } as const
  const over = { endTime: now, durationMs: amount } as const
  switch (action) {
    case 4:
      return transition(previous, start, { attempt: attemptOf({ ...previous, ...start }) })
    case 5:
      return transition(previous, { ...over, status: 'success' }, { attempt: ended(previous, now, 'success') })
    case 6:
      return transition(previous, { ...over, ...failed }, { attempt: ended(previous, now, 'failed'), logs: [line] })
    case 7: {
      const changes = { status: 'pending', retriesUsed: previous.retriesUsed + 1, runAt: now, workerId: null } as const
      return transition(previous, changes, { attempt: ended(previous, now, 'failed') })
    }
    case 8:
      return transition(previous, { progress: { percent: amount, message: null } }, { logs: [line, line] })
    case 9:
      return transition(previous, { queue: `q${amount % 2}`, priority: amount })
    case 10:
      return transition(previous, { ...over, status: 'interrupted' })
    case 11:
      return transition(previous, { tags: amount % 2 ? { env: 'y', team: 'a' } : {} })
    case 12:
      return transition(previous, { status: 'pending', attempt: Math.max(0, previous.attempt - 1), workerId: null })
    default: {
      const marks = transition(previous, { retryCount: previous.retryCount + 1, hasLogs: true }, { logs: [line] })
      const next = buildRecord({ createdAt: now, source: 'retry', retriedFrom: previous.taskId })
      return { previous: null, next, attempt: null, logs: [], marks }
    }
  }
}

function attemptOf({ attempt, workerId }: TaskRecord): Attempt {
  return { attempt, startedAt: startMs, endedAt: null, outcome: null, error: null, stacktrace: null, workerId }
}

function ended(record: TaskRecord, endedAt: number, outcome: string): Attempt {
  return { ...attemptOf(record), endedAt, outcome }
}
