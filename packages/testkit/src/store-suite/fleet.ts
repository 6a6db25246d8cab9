import {
  transition,
  type AuditDraft,
  type Store,
  type TaskRecord,
  type WorkerFacts,
  type WorkerState,
} from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

const minuteMs = 60_000
const now = Date.UTC(2026, 0, 5, 12, 30)

/** Which queues are paused, what processes say of themselves, and how busy queues are. */
export function describeFleet(store: () => Store): void {
  const put = (...records: readonly Partial<TaskRecord>[]) =>
    store().tasks.write(
      records.map((record) => ({ previous: null, next: buildRecord(record), attempt: null, logs: [] })),
    )
  const load = () => store().views.load({ now, endedSince: now - 5 * minuteMs, recentSince: now - 60 * minuteMs })

  describe('keeps which queues are paused', () => {
    it('by name, with who paused them first, until they are resumed', async () => {
      const { queueControls } = store()
      expect(await queueControls.paused()).toEqual([])
      expect(await queueControls.pause({ queue: 'mail', since: 5, by: 'ann' })).toBe(true)
      expect(await queueControls.pause({ queue: 'mail', since: 9, by: 'ben' })).toBe(false)
      expect(await queueControls.pause({ queue: '__proto__', since: 6, by: 'ben' })).toBe(true)
      expect(await queueControls.paused()).toEqual([
        { queue: '__proto__', since: 6, by: 'ben' },
        { queue: 'mail', since: 5, by: 'ann' },
      ])
      expect(await queueControls.resume('mail')).toBe(true)
      expect(await queueControls.resume('mail')).toBe(false)
      expect((await queueControls.paused()).map(({ queue }) => queue)).toEqual(['__proto__'])
    })
  })

  describe('keeps who paused and resumed', () => {
    it('together with it', async () => {
      const { queueControls, audit } = store()
      const draft = (action: string): AuditDraft => ({
        at: 1,
        actor: 'ann',
        role: null,
        address: null,
        action,
        target: 'mail',
        outcome: 'ok',
        reason: 'moving',
        code: null,
        affected: [],
        affectedCount: 0,
        detail: null,
      })
      await queueControls.pause({ queue: 'mail', since: 5, by: 'ann' }, draft('queue_pause'))
      await queueControls.resume('mail', draft('queue_resume'))
      await queueControls.resume('mail')
      const { entries } = await audit.list({ cursor: null, limit: 10 })
      expect(entries.map(({ action, target, reason }) => [action, target, reason])).toEqual([
        ['queue_resume', 'mail', 'moving'],
        ['queue_pause', 'mail', 'moving'],
      ])
    })
  })

  describe('keeps what processes say of themselves', () => {
    it('with each beat, or nothing', async () => {
      const { workers } = store()
      await workers.beat(worker('w1', { facts }))
      await workers.beat(worker('w2'))
      expect(byId(await workers.list()).map((one) => one.facts ?? null)).toEqual([facts, null])
      await workers.beat(worker('w1', { facts: { ...facts, isStopping: true } }))
      expect(byId(await workers.list())[0]?.facts).toEqual({ ...facts, isStopping: true })
    })

    it('and what they can run, until they are forgotten', async () => {
      const { workers } = store()
      await workers.beat(worker('w1'))
      await workers.beat(worker('w2'))
      await workers.register({ workerId: 'w1', funcNames: ['old'] })
      await workers.register({ workerId: 'w1', funcNames: ['send', '"ä"'] })
      await workers.register({ workerId: 'w2', funcNames: [] })
      await workers.register({ workerId: 'nobody', funcNames: ['send'] })
      expect(byId(await workers.functions())).toEqual([
        { workerId: 'w1', funcNames: ['send', '"ä"'] },
        { workerId: 'w2', funcNames: [] },
      ])
      await workers.beat(worker('w1', { heartbeatAt: 99 }))
      await workers.remove('w2')
      await workers.beat(worker('w2'))
      expect(await workers.functions()).toEqual([{ workerId: 'w1', funcNames: ['send', '"ä"'] }])
    })
  })

  describe('says how busy queues are', () => {
    it('by function: what waits, runs and came lately', async () => {
      expect(await load()).toEqual({ cells: [], queues: [], endedFrom: now - 5 * minuteMs })
      const old = { createdAt: now - 90 * minuteMs }
      await put(
        { ...old, funcName: 'send', queue: 'mail' },
        { ...old, funcName: 'send', queue: 'mail', status: 'running', attempt: 1 },
        { createdAt: now - minuteMs, funcName: 'send', queue: 'mail', status: 'success' },
        { createdAt: now - 60 * minuteMs, funcName: 'render', queue: 'mail' },
        { ...old, funcName: 'forgotten', queue: 'slow', status: 'success' },
      )
      const cells = [...(await load()).cells].sort((a, b) => (a.funcName < b.funcName ? -1 : 1))
      expect(cells).toEqual([
        { funcName: 'render', queue: 'mail', pending: 1, running: 0, recent: 1 },
        { funcName: 'send', queue: 'mail', pending: 1, running: 1, recent: 1 },
      ])
    })

    it('by queue: since when the longest wait lasts, delays apart, and how many ended', async () => {
      const at = (minutes: number) => now - minutes * minuteMs
      const ended = (minutes: number) => ({ status: 'success' as const, endTime: at(minutes), durationMs: 1 })
      await put(
        { queue: 'a', createdAt: at(3), priority: 5 },
        { queue: 'a', createdAt: at(7), priority: -5 },
        { queue: 'a', createdAt: at(60), runAt: now + 1 },
        { queue: 'b', createdAt: at(60), runAt: at(2) },
        { queue: 'b', createdAt: at(1) },
        { queue: 'c', createdAt: at(60), runAt: now + 1 },
        { queue: 'c', createdAt: at(60), ...ended(5) },
        { queue: 'c', createdAt: at(60), ...ended(1) },
        { queue: 'd', createdAt: at(60), ...ended(6) },
      )
      expect((await load()).queues).toEqual([
        { queue: 'a', oldestDueAt: at(7), ended: 0 },
        { queue: 'b', oldestDueAt: at(2), ended: 0 },
        { queue: 'c', oldestDueAt: null, ended: 2 },
      ])
    })

    it('and follows changes', async () => {
      const record = buildRecord({ createdAt: now - minuteMs, queue: 'a' })
      await store().tasks.write([{ previous: null, next: record, attempt: null, logs: [] }])
      const running = transition(record, { status: 'running', attempt: 1, startTime: now, workerId: 'w' })
      await store().tasks.write([running])
      expect(await load()).toMatchObject({ cells: [{ pending: 0, running: 1, recent: 1 }], queues: [] })
      await store().tasks.write([transition(running.next, { status: 'success', endTime: now, durationMs: 0 })])
      expect(await load()).toMatchObject({ cells: [{ pending: 0, running: 0, recent: 1 }], queues: [{ ended: 1 }] })
    })
  })
}

const facts: WorkerFacts = {
  version: '1.2.3',
  isStopping: false,
  queues: ['mail', 'slow'],
  concurrency: 10,
  running: 3,
  functions: 7,
  cpuPercent: 12.5,
  rssBytes: 50_000_000,
  eventLoopLagMs: null,
}

function worker(workerId: string, changes: Partial<WorkerState> = {}): WorkerState {
  return { workerId, hostname: 'h', pid: 1, startedAt: 1, heartbeatAt: 2, leaseUntil: 3, ...changes }
}

function byId<T extends { readonly workerId: string }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (a.workerId < b.workerId ? -1 : 1))
}
