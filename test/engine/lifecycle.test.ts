import fc from 'fast-check'
import { isTerminal, taskStatuses } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import {
  cancelPending,
  markRetried,
  requestCancel,
  runNow,
  settle,
  take,
  type Outcome,
  type SettlePolicy,
} from '../../packages/engine/src/core/lifecycle.ts'
import { createRecord, type TaskRecord } from '../../packages/engine/src/core/record.ts'

const policy: SettlePolicy = {
  retries: 2,
  delayMs: 1_000,
  backoff: 2,
  maxDelayMs: 60_000,
  jitter: false,
  requeueOnInterrupt: false,
  maxInterruptions: 3,
}

function pending(changes: Partial<TaskRecord> = {}): TaskRecord {
  const birth = { taskId: 'a', createdAt: 1_000, args: '[]' }
  return { ...createRecord({ funcName: 'f', queue: 'default', maxRetries: 2 }, birth), ...changes }
}

function running(changes: Partial<TaskRecord> = {}): TaskRecord {
  return { ...take(pending(), { workerId: 'w', now: 2_000 }).next, ...changes }
}

function ended(record: TaskRecord, outcome: Outcome, changes: Partial<SettlePolicy> = {}) {
  return settle(record, outcome, { policy: { ...policy, ...changes }, now: 5_000, startedAt: 2_000, random: 0 })
}

describe('take', () => {
  it('starts an attempt and says how long it waited', () => {
    const { next, attempt, previous } = take(pending(), { workerId: 'w', now: 2_500 })
    expect(next).toMatchObject({
      status: 'running',
      attempt: 1,
      workerId: 'w',
      startTime: 2_500,
      waitMs: 1_500,
      version: 2,
    })
    expect(attempt).toEqual({
      attempt: 1,
      startedAt: 2_500,
      endedAt: null,
      outcome: null,
      error: null,
      stacktrace: null,
      workerId: 'w',
    })
    expect(previous.status).toBe('pending')
  })

  it('counts the wait of a delayed task from when it was due', () => {
    expect(take(pending({ runAt: 4_000 }), { workerId: 'w', now: 4_100 }).next).toMatchObject({
      waitMs: 100,
      runAt: null,
    })
  })

  it('keeps start and wait of the first attempt', () => {
    const again = take(pending({ attempt: 1, startTime: 1_500, waitMs: 500, runAt: 9_000 }), {
      workerId: 'w',
      now: 9_000,
    })
    expect(again.next).toMatchObject({ attempt: 2, startTime: 1_500, waitMs: 500 })
  })
})

describe('settle', () => {
  const table: [string, TaskRecord, Outcome, Partial<SettlePolicy>, Partial<TaskRecord>, string][] = [
    [
      'a value',
      running(),
      { kind: 'returned', value: [1] },
      {},
      { status: 'success', result: '[1]', durationMs: 3_000 },
      'success',
    ],
    [
      'an error with retries left',
      running(),
      { kind: 'threw', error: new Error('x') },
      {},
      { status: 'pending', runAt: 6_000, retriesUsed: 1, workerId: null, error: 'x', endTime: null },
      'failed',
    ],
    [
      'the second error',
      running({ retriesUsed: 1 }),
      { kind: 'threw', error: 'x' },
      {},
      { status: 'pending', runAt: 7_000, retriesUsed: 2 },
      'failed',
    ],
    [
      'the last error',
      running({ retriesUsed: 2 }),
      { kind: 'threw', error: 'x' },
      {},
      { status: 'failed', endTime: 5_000, runAt: null },
      'failed',
    ],
    [
      'a timeout',
      running({ retriesUsed: 2 }),
      { kind: 'timed_out', timeoutMs: 3_000 },
      {},
      { status: 'failed', errorCode: 'timed_out', error: 'Timed out after 3s' },
      'timed_out',
    ],
    [
      'a cancel',
      running(),
      { kind: 'cancelled', reason: 'by ann' },
      {},
      { status: 'cancelled', error: 'by ann' },
      'cancelled',
    ],
    [
      'an error after a wish to cancel',
      running({ cancelRequestedAt: 3_000 }),
      { kind: 'threw', error: 'x' },
      {},
      { status: 'cancelled' },
      'cancelled',
    ],
    [
      'an interruption',
      running(),
      { kind: 'interrupted', reason: 'gone' },
      {},
      { status: 'interrupted', interruptions: 1 },
      'interrupted',
    ],
    [
      'an interruption that waits again',
      running(),
      { kind: 'interrupted', reason: 'gone' },
      { requeueOnInterrupt: true },
      { status: 'pending', runAt: null, interruptions: 1, retriesUsed: 0 },
      'interrupted',
    ],
    [
      'the last of a crash loop',
      running({ interruptions: 2 }),
      { kind: 'interrupted', reason: 'gone' },
      { requeueOnInterrupt: true },
      { status: 'interrupted' },
      'interrupted',
    ],
  ]

  it.each(table)('makes of %s what it should', (_name, record, outcome, changes, expected, attemptOutcome) => {
    const { next, attempt, previous } = ended(record, outcome, changes)
    expect(next).toMatchObject(expected)
    expect(next.version).toBe(previous.version + 1)
    expect(attempt).toMatchObject({ attempt: 1, startedAt: 2_000, endedAt: 5_000, outcome: attemptOutcome })
  })

  it('writes a line for each retry', () => {
    const { logs, next } = ended(running(), { kind: 'threw', error: new Error('no route') })
    expect(logs.map(({ message }) => message)).toEqual(['Attempt 1 failed: no route. Retry 1 of 2 in 1s'])
    expect(next.hasLogs).toBe(true)
  })

  it('keeps a task successful whose result cannot be stored', () => {
    const { next, logs } = ended(running(), { kind: 'returned', value: () => 1 })
    expect(next).toMatchObject({ status: 'success', result: null, truncated: ['result'], hasLogs: true })
    expect(logs).toHaveLength(1)
  })
})

describe('operator changes', () => {
  it('cancel what waits, and note it', () => {
    const { next, logs } = cancelPending(pending(), 9_000, 'Cancelled by ann')
    expect(next).toMatchObject({ status: 'cancelled', endTime: 9_000, durationMs: null, hasLogs: true })
    expect(logs).toMatchObject([{ level: 'info', message: 'Cancelled by ann', at: 9_000 }])
  })

  it('only ask what runs', () => {
    expect(requestCancel(running(), 9_000, 'x').next).toMatchObject({ status: 'running', cancelRequestedAt: 9_000 })
  })

  it('make a delayed task due', () => {
    expect(runNow(pending({ runAt: 99_000 }), 9_000, 'x').next.runAt).toBeNull()
  })

  it('refuse any other status with a stable code', () => {
    const wrong = expect.objectContaining({ code: 'wrong_status' })
    expect(() => cancelPending(running(), 1, '')).toThrow(wrong)
    expect(() => requestCancel(pending(), 1, '')).toThrow(wrong)
    expect(() => runNow(running(), 1, '')).toThrow(wrong)
    for (const status of taskStatuses.filter((word) => word !== 'failed' && word !== 'interrupted')) {
      expect(() => markRetried(pending({ status }), 1, '')).toThrow(wrong)
    }
  })
})

describe('any history of outcomes', () => {
  const outcome: fc.Arbitrary<Outcome> = fc.oneof(
    fc.record({ kind: fc.constant('returned' as const), value: fc.anything() }),
    fc.record({ kind: fc.constant('threw' as const), error: fc.anything() }),
    fc.record({ kind: fc.constant('timed_out' as const), timeoutMs: fc.nat() }),
    fc.record({ kind: fc.constant('cancelled' as const), reason: fc.string() }),
    fc.record({ kind: fc.constant('interrupted' as const), reason: fc.string() }),
  )

  it('ends, within its attempts, with a record whose parts agree', () => {
    fc.assert(
      fc.property(fc.infiniteStream(outcome), fc.nat(5), fc.boolean(), (outcomes, retries, requeueOnInterrupt) => {
        let record = pending({ maxRetries: retries })
        let now = 2_000
        for (const next of outcomes) {
          record = take(record, { workerId: 'w', now }).next
          const settling = {
            policy: { ...policy, retries, requeueOnInterrupt },
            now: now + 10,
            startedAt: now,
            random: 0.5,
          }
          record = settle(record, next, settling).next
          if (isTerminal(record.status)) break
          expect(record).toMatchObject({ status: 'pending', workerId: null, endTime: null, durationMs: null })
          now = Math.max(now + 10, record.runAt ?? 0)
        }
        expect(isTerminal(record.status)).toBe(true)
        expect(record.attempt).toBeLessThanOrEqual(1 + retries + 3)
        expect(record.retriesUsed).toBeLessThanOrEqual(retries)
        expect(record.durationMs).toBe(record.endTime! - record.startTime!)
        expect(record.error === null).toBe(record.status === 'success')
      }),
    )
  })
})
