import { insertTask, saveTask, type Store, transition } from '@taskloom/engine/store'
import { anyTask, type Attempt } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

const hostile = 'nul \0 lone \ud800 \udc00 rtl \u202e <script> \'"`; DROP TABLE tasks; -- 𝄞'

/** Inserting, changing by guarded transitions, attempts, logs, schedules and workers. */
export function describeKeeping(store: () => Store): void {
  describe('keeps tasks', () => {
    it('gives back every field of a new task', async () => {
      const plain = buildRecord()
      const full = everyField()
      expect(await insertTask(store().tasks, plain)).toEqual({ record: plain, deduplicated: false })
      await insertTask(store().tasks, full)
      expect(await store().tasks.get(plain.taskId)).toEqual(plain)
      expect(await store().tasks.get(full.taskId)).toEqual(full)
      expect((await store().views.detail(full.taskId))?.record).toEqual(full)
      expect(await store().tasks.get('unknown')).toBeUndefined()
      expect(await store().views.detail('unknown')).toBeUndefined()
    })

    it('has what it says it supports', () => {
      expect(store().hostTransactions !== undefined).toBe(store().supports.hostTransactions === true)
    })

    it('does not take its own writes for those of others', async () => {
      const version = store().foreignVersion?.()
      await insertTask(store().tasks, buildRecord())
      await store().workers.remove('nobody')
      expect(store().foreignVersion?.()).toBe(version)
    })

    it('refuses a second task with the same id and keeps the first', async () => {
      const record = buildRecord()
      await insertTask(store().tasks, record)
      await expect(insertTask(store().tasks, { ...record, funcName: 'other' })).rejects.toThrow()
      expect(await store().tasks.get(record.taskId)).toEqual(record)
      expect((await store().views.metrics(anyTask)).total).toBe(1)
    })

    it('survives hostile text in every text field', async () => {
      const record = buildRecord({
        funcName: hostile,
        queue: hostile,
        error: hostile,
        args: JSON.stringify([hostile]),
        tags: { [hostile]: hostile, __proto__x: '1', 'a.b': '' },
        userLabel: hostile,
        workerId: hostile,
        idempotencyKey: hostile,
        affected: [hostile],
      })
      await insertTask(store().tasks, record)
      await store().tasks.appendLogs(record.taskId, [logLine(hostile)])
      const kept = await store().tasks.get(record.taskId)
      expect(kept?.taskId).toBe(record.taskId)
      expect(kept?.tags['a.b']).toBe('')
      await store().views.list({ filter: anyTask, sort: 'created_at', order: 'desc', limit: 10, cursor: null })
      await store().views.types(anyTask)
      expect((await store().views.logs(allLines(record.taskId))).logs).toHaveLength(1)
    })

    it('returns the holder of an idempotency key until it failed, was interrupted or cancelled', async () => {
      const { tasks } = store()
      const first = buildRecord({ idempotencyKey: 'key' })
      await insertTask(tasks, first)
      const again = await insertTask(tasks, buildRecord({ idempotencyKey: 'key' }))
      expect(again).toEqual({ record: first, deduplicated: true })

      await saveTask(tasks, transition(first, { status: 'running', attempt: 1 }))
      const running = await tasks.get(first.taskId)
      if (!running) throw new Error('lost')
      expect((await insertTask(tasks, buildRecord({ idempotencyKey: 'key' }))).deduplicated).toBe(true)
      await saveTask(tasks, transition(running, { status: 'failed' }))
      const next = buildRecord({ idempotencyKey: 'key' })
      expect(await insertTask(tasks, next)).toEqual({ record: next, deduplicated: false })
      await saveTask(tasks, transition(next, { status: 'success' }))
      expect((await insertTask(tasks, buildRecord({ idempotencyKey: 'key' }))).record.taskId).toBe(next.taskId)
    })

    it('lets one of many simultaneous inserts with one key win', async () => {
      const records = Array.from({ length: 20 }, () => buildRecord({ idempotencyKey: 'one' }))
      const answers = await Promise.all(records.map((record) => insertTask(store().tasks, record)))
      expect(answers.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1)
      expect(new Set(answers.map(({ record }) => record.taskId)).size).toBe(1)
    })

    it('mints one task per slot of a schedule, whatever became of it', async () => {
      const { tasks } = store()
      const first = buildRecord({ schedule: 'nightly', slotAt: 1_000, status: 'failed', endTime: 5 })
      await insertTask(tasks, first)
      const again = await insertTask(tasks, buildRecord({ schedule: 'nightly', slotAt: 1_000 }))
      expect(again).toEqual({ record: first, deduplicated: true })
      expect((await insertTask(tasks, buildRecord({ schedule: 'nightly', slotAt: 2_000 }))).deduplicated).toBe(false)
      expect((await insertTask(tasks, buildRecord({ schedule: 'weekly', slotAt: 1_000 }))).deduplicated).toBe(false)
    })
  })

  describe('saves transitions', () => {
    it('applies one whose previous state still holds, with its attempt and logs', async () => {
      const { tasks, views } = store()
      const record = buildRecord()
      await insertTask(tasks, record)
      const attempt = attemptOf(1)
      const start = transition(record, { status: 'running', attempt: 1, workerId: 'w1', startTime: 10 }, { attempt })
      expect(await saveTask(tasks, start)).toBe(true)
      const ended = { ...attempt, endedAt: 30, outcome: 'success' }
      const changes = { status: 'success', endTime: 30, durationMs: 20, result: '1', progress: null } as const
      const end = transition(start.next, changes, { attempt: ended, logs: [logLine('done')] })
      expect(await saveTask(tasks, end)).toBe(true)
      expect(await tasks.get(record.taskId)).toEqual({ ...end.next, hasLogs: true })
      const detail = await views.detail(record.taskId)
      expect(detail?.attempts).toEqual([ended])
      expect((await views.logs(allLines(record.taskId))).logs.map(({ message }) => message)).toEqual(['done'])
    })

    it('starts none that was moved to another queue meanwhile, alone or with others, and counts it where it is', async () => {
      const { tasks, views } = store()
      const records = [buildRecord(), buildRecord(), buildRecord()] as const
      for (const record of records) await insertTask(tasks, record)
      const [moved, , alone] = records
      expect(await saveTask(tasks, transition(moved, { queue: 'later', priority: 5 }))).toBe(true)
      expect(await saveTask(tasks, transition(alone, { queue: 'later' }))).toBe(true)
      const changes = { status: 'running', attempt: 1, workerId: 'w1', startTime: 10, waitMs: 9 } as const
      const starts = records.map((record) => transition(record, changes, { attempt: attemptOf(1) }))
      const answers = await Promise.all(starts.map((start) => saveTask(tasks, start)))
      expect(answers).toEqual([false, true, false])
      expect(await tasks.get(moved.taskId)).toMatchObject({ queue: 'later', priority: 5, status: 'pending' })
      const counts = await views.queues()
      expect(counts.find(({ queue }) => queue === 'later')).toMatchObject({ total: 2, counts: { pending: 2 } })
    })

    it('stores the first attempt together with a task that starts at once', async () => {
      const record = buildRecord({ status: 'running', attempt: 1, workerId: 'w1' })
      await insertTask(store().tasks, record, attemptOf(1))
      expect((await store().views.detail(record.taskId))?.attempts).toEqual([attemptOf(1)])
    })

    it('keeps an attempt that is open when its task moves on without a word about it', async () => {
      const { tasks, views } = store()
      const record = buildRecord({ status: 'running', attempt: 1, workerId: 'w1' })
      await insertTask(tasks, record, attemptOf(1))
      const stopped = transition(record, { status: 'interrupted', endTime: 30 })
      await saveTask(tasks, stopped)
      expect((await views.detail(record.taskId))?.attempts).toEqual([attemptOf(1)])

      const retried = transition(stopped.next, { status: 'running', attempt: 2 }, { attempt: attemptOf(2) })
      await saveTask(tasks, retried)
      await saveTask(tasks, transition(retried.next, { progress: { percent: 1, message: null } }))
      expect((await views.detail(record.taskId))?.attempts).toEqual([attemptOf(1), attemptOf(2)])
    })

    it('keeps nothing of an attempt that is taken back: the number goes back with it', async () => {
      const { tasks, views } = store()
      const record = buildRecord()
      await insertTask(tasks, record)
      const changes = { status: 'running', attempt: 1, workerId: 'w1', startTime: 5, waitMs: 4 } as const
      const start = transition(record, changes, { attempt: attemptOf(1) })
      await saveTask(tasks, start)
      const back = { status: 'pending', attempt: 0, workerId: null, startTime: null, waitMs: null } as const
      const given = transition(start.next, back)
      expect(await saveTask(tasks, given)).toBe(true)
      expect(await tasks.get(record.taskId)).toEqual(given.next)
      expect((await views.detail(record.taskId))?.attempts).toEqual([])
      const attempt = { ...attemptOf(1), startedAt: 7 }
      const again = transition(given.next, { ...changes, startTime: 7 }, { attempt })
      expect(await saveTask(tasks, again)).toBe(true)
      expect((await views.detail(record.taskId))?.attempts).toEqual([attempt])
    })

    it.each([
      ['status', { status: 'pending' }],
      ['attempt', { attempt: 2 }],
      ['worker', { workerId: 'other' }],
      ['missing worker', { workerId: null }],
    ] as const)('writes nothing when the %s is not what it was', async (_, difference) => {
      const { tasks, views } = store()
      const record = buildRecord({ status: 'running', attempt: 1, workerId: 'w1' })
      await insertTask(tasks, record)
      const before = await views.metrics(anyTask)
      const late = transition(
        { ...record, ...difference },
        { status: 'success', durationMs: 5, endTime: 9 },
        { attempt: attemptOf(1), logs: [logLine('late')] },
      )
      expect(await saveTask(tasks, late)).toBe(false)
      expect(await tasks.get(record.taskId)).toEqual(record)
      expect((await views.detail(record.taskId))?.attempts).toEqual([])
      expect((await views.logs(allLines(record.taskId))).total).toBe(0)
      expect(await views.metrics(anyTask)).toEqual(before)
    })

    it('answers false for an unknown task, and lets one of two equal transitions win', async () => {
      const { tasks } = store()
      const record = buildRecord()
      expect(await saveTask(tasks, transition(record, { status: 'cancelled' }))).toBe(false)
      await insertTask(tasks, record)
      const take = (workerId: string) =>
        saveTask(tasks, transition(record, { status: 'running', attempt: 1, workerId }))
      expect((await Promise.all([take('a'), take('b')])).filter(Boolean)).toHaveLength(1)
    })
  })

  describe('keeps logs', () => {
    it('numbers lines across transitions and appends, and never loses hasLogs', async () => {
      const { tasks, views } = store()
      const record = buildRecord({ status: 'running', attempt: 1 })
      await insertTask(tasks, record)
      await Promise.all([
        tasks.appendLogs(record.taskId, [logLine('one'), logLine('two', { at: 2, extra: { n: 1 } })]),
        tasks.appendLogs(record.taskId, [logLine('three')]),
        saveTask(tasks, transition(record, { status: 'failed' }, { logs: [logLine('four')] })),
      ])
      const page = await views.logs(allLines(record.taskId))
      expect(page.logs.map(({ line, message }) => [line, message])).toEqual([
        [1, 'one'],
        [2, 'two'],
        [3, 'three'],
        [4, 'four'],
      ])
      expect(page.logs[1]).toEqual({ line: 2, at: 2, level: 'info', message: 'two', attempt: 1, extra: { n: 1 } })
      expect(page).toMatchObject({ total: 4, logsNext: null })
      expect((await tasks.get(record.taskId))?.hasLogs).toBe(true)
      await tasks.appendLogs('unknown', [logLine('nowhere')])
      expect((await views.logs(allLines('unknown'))).total).toBe(0)
    })

    it('pages and filters lines by level and text', async () => {
      const { tasks, views } = store()
      const record = buildRecord()
      await insertTask(tasks, record)
      const levels = ['debug', 'info', 'warning', 'error'] as const
      await tasks.appendLogs(
        record.taskId,
        Array.from({ length: 40 }, (_, index) =>
          logLine(`Line ${index % 5} 100%_\\`, { level: levels[index % 4] ?? 'info' }),
        ),
      )
      const all = allLines(record.taskId)
      const first = await views.logs({ ...all, limit: 30 })
      expect(first.logs).toHaveLength(30)
      expect(first).toMatchObject({ logsNext: 30, total: 40 })
      const rest = await views.logs({ ...all, after: first.logsNext ?? 0, limit: 30 })
      expect(rest.logs.map(({ line }) => line)).toEqual([31, 32, 33, 34, 35, 36, 37, 38, 39, 40])
      expect(rest.logsNext).toBeNull()
      const grave = await views.logs({ ...all, minLevel: 'warning' })
      expect(new Set(grave.logs.map(({ level }) => level))).toEqual(new Set(['warning', 'error']))
      expect(grave.logs).toHaveLength(20)
      expect((await views.logs({ ...all, text: 'lINE 3' })).logs).toHaveLength(8)
      expect((await views.logs({ ...all, text: '%_\\' })).logs).toHaveLength(40)
      expect((await views.logs({ ...all, text: '%x' })).logs).toHaveLength(0)
    })
  })

  describe('keeps schedules and workers', () => {
    it('never takes the last slot of a schedule back', async () => {
      const { schedules } = store()
      expect(await schedules.get('nightly')).toBeUndefined()
      await schedules.put({ name: 'nightly', isPaused: false, lastSlotAt: 2_000, missed: 0 })
      await schedules.put({ name: 'nightly', isPaused: true, lastSlotAt: 1_000, missed: 3 })
      expect(await schedules.get('nightly')).toEqual({
        name: 'nightly',
        isPaused: true,
        lastSlotAt: 2_000,
        missed: 3,
      })
      await schedules.put({ name: 'nightly', isPaused: true, lastSlotAt: null, missed: 3 })
      expect((await schedules.get('nightly'))?.lastSlotAt).toBe(2_000)
      await schedules.put({ name: 'nightly', isPaused: false, lastSlotAt: 3_000, missed: 3 })
      expect((await schedules.get('nightly'))?.lastSlotAt).toBe(3_000)
    })

    it('moves a schedule on once, however many say so, and leaves its pause alone', async () => {
      const { schedules } = store()
      expect(await schedules.advance('nightly', 1_000, 1)).toBe(false)
      expect(await schedules.get('nightly')).toBeUndefined()
      await schedules.put({ name: 'nightly', isPaused: true, lastSlotAt: null, missed: 1 })
      const moved = await Promise.all([2, 2, 2].map((missed) => schedules.advance('nightly', 2_000, missed)))
      // Which of them comes first is nobody's promise.
      expect(moved.filter((isFirst) => isFirst)).toEqual([true])
      expect(await schedules.advance('nightly', 1_500, 9)).toBe(false)
      const state = { name: 'nightly', isPaused: true, lastSlotAt: 2_000, missed: 3 }
      expect(await schedules.get('nightly')).toEqual(state)
      await schedules.put({ ...state, isPaused: false, missed: 0 })
      expect(await schedules.get('nightly')).toEqual({ ...state, isPaused: false })
    })

    it('lists workers until they are removed, as they last renewed', async () => {
      const { workers } = store()
      const worker = { workerId: 'w1', hostname: 'h', pid: 7, startedAt: 1, heartbeatAt: 2, leaseUntil: 3, facts: null }
      await workers.beat(worker)
      await workers.beat({ ...worker, workerId: 'w2' })
      await workers.beat({ ...worker, heartbeatAt: 4, leaseUntil: 5 })
      const sorted = [...(await workers.list())].sort((a, b) => (a.workerId < b.workerId ? -1 : 1))
      expect(sorted).toEqual([
        { ...worker, heartbeatAt: 4, leaseUntil: 5 },
        { ...worker, workerId: 'w2' },
      ])
      await workers.remove('w1')
      await workers.remove('unknown')
      expect((await workers.list()).map(({ workerId }) => workerId)).toEqual(['w2'])
    })

    it('closes twice', async () => {
      await store().close()
      await store().close()
    })
  })
}

function everyField() {
  return buildRecord({
    funcName: 'send_mail',
    queue: 'mail',
    status: 'running',
    runAt: 1_001,
    startTime: 1_002,
    endTime: 1_003,
    durationMs: 1.5,
    waitMs: 0.25,
    attempt: 3,
    retriesUsed: 2,
    maxRetries: 5,
    priority: -4,
    executor: 'thread',
    source: 'retry',
    error: 'Error: boom',
    tags: { env: 'prod', 'a.b:c': 'x:y' },
    progress: { percent: 12.5, message: 'half' },
    userLabel: 'ann',
    workerId: 'w1',
    hasLogs: true,
    retriedFrom: 'origin',
    retryCount: 1,
    version: 9,
    args: '[{"user":{"id":42}},"x"]',
    result: '{"ok":true}',
    stacktrace: 'Error: boom\n    at x',
    errorCode: 'E_BOOM',
    progressPayload: '{"rows":3}',
    idempotencyKey: 'key-1',
    locks: ['Book:1'],
    affected: ['Book 1', 'Book 2'],
    redact: ['0.token', '*.password'],
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    tracestate: 'vendor=1',
    schedule: 'nightly',
    slotAt: 900,
    interruptions: 1,
    cancelRequestedAt: 1_004,
    truncated: ['args'],
  })
}

function attemptOf(attempt: number): Attempt {
  return { attempt, startedAt: 10, endedAt: null, outcome: null, error: null, stacktrace: null, workerId: 'w1' }
}

function logLine(message: string, changes: Partial<ReturnType<typeof plainLine>> = {}) {
  return { ...plainLine(message), ...changes }
}

function plainLine(message: string) {
  return { at: 1, level: 'info' as string, message, attempt: 1, extra: null as { readonly n: number } | null }
}

function allLines(taskId: string) {
  return { taskId, after: 0, minLevel: null, text: null, limit: 100 }
}
