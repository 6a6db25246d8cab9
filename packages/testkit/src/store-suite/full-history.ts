import {
  transition,
  type AuditDraft,
  type Creation,
  type Store,
  type TaskRecord,
  type Write,
} from '@taskloom/engine/store'
import { anyTask, type Attempt } from '@taskloom/protocol'
import { buildId, buildRecord } from '../build-record.ts'

const start = Date.UTC(2026, 0, 5, 12)

/** Writes something of every kind that a store keeps into an empty one. The ids of its tasks. */
export async function writeFullHistory(store: Store): Promise<readonly string[]> {
  const tasks = fullTasks()
  const { failed, deleted, original, holder } = tasks
  const writes: readonly Write[] = [
    ...Object.values(tasks).map((next) => creation(next)),
    { ...creation(buildRecord({ createdAt: start + 60, locks: ['Book:1'] })), joins: holder.taskId },
    transition(
      failed,
      {
        status: 'failed',
        retriesUsed: 1,
        error: 'declined: 4711',
        errorCode: 'CardError',
        endTime: start + 900,
        durationMs: 9.25,
      },
      { attempt: attempt(2, 'failed'), logs: [line('it failed'), line('for good')] },
    ),
    transition(deleted, { status: 'success', endTime: start + 10, durationMs: 3.125 }),
  ]
  await store.tasks.write(writes)
  await store.tasks.write([
    { ...creation(buildRecord({ retriedFrom: original.taskId })), marks: transition(original, { retryCount: 1 }) },
  ])
  await store.tasks.appendLogs(failed.taskId, [line('much later')])
  await store.tasks.delete(deleted.taskId, { audit: draft('delete', deleted.taskId) })
  await writeRegisters(store, failed.taskId)
  const { taskIds } = await store.views.ids({ filter: anyTask, after: null, until: '~', limit: 500 })
  return taskIds
}

function fullTasks() {
  const at = (minutes: number, changes: Partial<TaskRecord>): TaskRecord =>
    buildRecord({ createdAt: start + minutes * 60_000, ...changes })
  return {
    holder: at(0, { locks: ['Book:1', 'Book:2'], affected: ['Book 1'], tags: { env: 'prod', b: '', a: 'ü' } }),
    running: at(1, { status: 'running', attempt: 1, startTime: start + 61_000, waitMs: 0.125, workerId: 'w1' }),
    success: at(90, { ...ended('success'), attempt: 1, result: '{"a":[1,null]}', idempotencyKey: 'key' }),
    failed: at(200, { status: 'running', attempt: 2, retriesUsed: 0, maxRetries: 1, startTime: start + 12_000_000 }),
    original: at(300, { ...ended('failed'), error: 'other', stacktrace: 'at x', truncated: ['error'] }),
    cancelled: at(900, { ...ended('cancelled'), queue: 'mail', userLabel: 'Ann', priority: -3 }),
    interrupted: at(901, { ...ended('interrupted'), interruptions: 2, executor: 'thread', source: 'api' }),
    delayed: at(902, { runAt: start + 9e9, schedule: 'nightly', slotAt: start + 9e9, source: 'scheduled' }),
    progressed: at(903, { progress: { percent: 40, message: 'half' }, progressPayload: '{}' }),
    deleted: at(904, { status: 'running', attempt: 1, startTime: start }),
  }
}

function ended(status: 'success' | 'failed' | 'cancelled' | 'interrupted') {
  return { status, startTime: start + 100, endTime: start + 4_100, durationMs: 4_000.5, waitMs: 100 }
}

function creation(next: TaskRecord): Creation {
  const { status, attempt: number, startTime } = next
  const isRunning = status === 'running' || status === 'success'
  const first: Attempt | null =
    isRunning && startTime !== null && number > 0 ? { ...attempt(number, null), ...ends(next) } : null
  return { previous: null, next, attempt: first, logs: [], ...(status === 'running' ? outbox(next) : {}) }
}

function ends({ status, startTime, endTime, workerId }: TaskRecord) {
  const outcome = status === 'success' ? status : null
  return { startedAt: startTime ?? start, endedAt: outcome === null ? null : endTime, outcome, workerId }
}

function attempt(number: number, outcome: string | null): Attempt {
  const isOver = outcome !== null
  return {
    ...{ attempt: number, startedAt: start + number, endedAt: isOver ? start + 900 : null, outcome, workerId: null },
    ...{ error: isOver ? 'declined: 4711' : null, stacktrace: isOver ? 'at pay' : null },
  }
}

function outbox({ taskId, createdAt }: TaskRecord) {
  const message = { recipient: 'hook', event: 'started', taskId, createdAt, body: '{"ü":1}' }
  return { outbox: [{ id: `m-${taskId}`, ...message }] }
}

function line(message: string) {
  return { at: start, level: 'info' as const, message, attempt: 1, extra: { n: 1 } }
}

function draft(action: string, target: string): AuditDraft {
  const who = { at: start, actor: 'ann', role: 'admin', address: '::1', reason: null, code: null }
  return { ...who, action, target, outcome: 'ok', affected: [target], affectedCount: 1, detail: { why: ['x'] } }
}

async function writeRegisters(store: Store, failedId: string): Promise<void> {
  await store.schedules.put(
    { name: 'nightly', isPaused: true, lastSlotAt: start, missed: 3 },
    draft('pause', 'nightly'),
  )
  await store.queueControls.pause({ queue: 'mail', since: start, by: 'ann' }, draft('pause', 'mail'))
  await store.secrets.keep('public-tokens', 'secret secret')
  const [message] = await store.outbox.take({ recipient: 'hook', now: start * 2, until: start * 2, limit: 1 })
  if (message) await store.outbox.failed(message.id, null, 'no route')
  const [group] = await store.views.errors({ now: start, since: null })
  const mark = { mark: 'ignored', at: start, by: 'ann' } as const
  if (group) await store.errorMarks.mark({ fingerprint: group.fingerprint, ...mark }, draft('ignore', 'error'))
  const operationId = buildId(start, 9)
  const operation = { operationId, action: 'retry', filter: '{}', again: true, actor: 'ann', reason: 'why' } as const
  const asked = { role: 'admin', address: '::1', createdAt: start, beginsAt: start + 5, perSecond: 10 }
  const item = { operationId, reason: null, newTaskId: null, at: start }
  await store.operations.create({ ...operation, ...asked }, [
    { ...item, taskId: failedId, outcome: 'waiting' },
    { ...item, taskId: 'gone', outcome: 'skipped', reason: 'unknown' },
  ])
}
