import { transition, type AuditDraft, type Store, type TaskRecord } from '@taskloom/engine/store'
import { anyTask, parseSearch } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const now = Date.UTC(2026, 0, 20, 12, 30)

/** Failures, counted by kind as they are written. */
export function describeErrors(store: () => Store): void {
  const run = (changes: Partial<TaskRecord>) =>
    buildRecord({ createdAt: now - 10 * dayMs, status: 'running', attempt: 1, workerId: 'w', ...changes })
  const putRunning = async (records: readonly TaskRecord[]) => {
    await store().tasks.write(records.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
  }
  const fail = async (
    endTime: number,
    error = 'Error: no',
    changes: Partial<TaskRecord> = {},
    status: TaskRecord['status'] = 'failed',
  ) => {
    const record = run({ ...changes, errorCode: null })
    await putRunning([record])
    const end = { status, endTime, durationMs: 1, error, errorCode: changes.errorCode ?? 'Error' }
    await store().tasks.write([transition(record, end)])
    return record.taskId
  }
  const groups = (since: number | null = null) => store().views.errors({ now, since })

  describe('counts failures by kind', () => {
    it('over hours, a day and a week, in whole hours', async () => {
      expect(await groups()).toEqual([])
      const ends = [0, 20, 89, 91, 23 * 60, 25 * 60, 6 * 24 * 60, 7 * 24 * 60 + 29, 7 * 24 * 60 + 31]
      for (const minutes of ends.toReversed()) await fail(now - minutes * 60_000)
      const [group, ...others] = await groups()
      expect(others).toEqual([])
      expect(group).toMatchObject({ lastHour: 3, lastDay: 5, lastWeek: 8 })
      expect(group).toMatchObject({ firstSeen: now - (7 * 24 * 60 + 31) * 60_000, lastSeen: now })
    })

    it('whatever numbers, names and functions are in them; the last failure stands for all', async () => {
      await fail(now - 3, 'TypeError: no book 17 for "ann"', { funcName: 'send', errorCode: 'TypeError' })
      await fail(now - 2, 'TypeError: no book 4 for "ben"', { funcName: 'send', errorCode: 'TypeError' })
      const last = await fail(now - 1, 'TypeError: no book 1 for "cy"', { funcName: 'mail', errorCode: 'TypeError' })
      const other = await fail(now, 'RangeError: no book 1 for "cy"', { errorCode: 'RangeError' })
      const [second, first] = await groups()
      expect(second).toMatchObject({ type: 'RangeError', lastHour: 1, sampleTaskId: other })
      expect(first).toMatchObject({
        type: 'TypeError',
        message: 'TypeError: no book 1 for "cy"',
        functions: ['send', 'mail'],
        lastHour: 3,
        firstSeen: now - 3,
        lastSeen: now - 1,
        sampleTaskId: last,
      })
      expect(first?.fingerprint).toMatch(/^[\da-f]{16}$/)
      expect(first?.fingerprint).not.toBe(second?.fingerprint)
    })

    it('once for each task that ends as failed: no retry, no other end, no write that came too late', async () => {
      await fail(now, 'Error: no', {}, 'interrupted')
      await fail(now, 'Error: no', {}, 'cancelled')
      await fail(now, 'Error: no', {}, 'pending')
      expect(await groups()).toEqual([])
      const record = run({ errorCode: null })
      await putRunning([record])
      const end = transition(record, { status: 'failed', endTime: now, durationMs: 1, error: 'no', errorCode: 'E' })
      await store().tasks.write([end, end])
      await store().tasks.write([end, transition(end.next, { retryCount: 1 })])
      expect(await groups()).toMatchObject([{ type: 'E', lastHour: 1 }])
    })

    it('of many that fail together', async () => {
      const records = Array.from({ length: 120 }, () => run({ errorCode: null }))
      await putRunning(records)
      const end = { status: 'failed', endTime: now, durationMs: 1, error: 'no', errorCode: 'E' } as const
      await store().tasks.write(records.map((record) => transition(record, end)))
      expect(await groups()).toMatchObject([{ lastHour: 120, lastDay: 120, lastWeek: 120 }])
    })

    it('still when their tasks are deleted', async () => {
      const taskId = await fail(now - hourMs)
      expect(await store().tasks.deleteHistory({ statuses: ['failed'], endedBefore: now, limit: 10 })).toEqual([taskId])
      expect(await groups()).toMatchObject([{ lastDay: 1, sampleTaskId: taskId }])
    })

    it('and leaves out those that were not seen in the stretch asked for', async () => {
      await fail(now - 2 * hourMs, 'old')
      await fail(now - hourMs, 'new')
      expect((await groups(now - hourMs)).map(({ message }) => message)).toEqual(['new'])
      expect((await groups(now - 2 * hourMs)).map(({ message }) => message)).toEqual(['new', 'old'])
    })

    it('so that a search for a kind finds the tasks that failed so, and no others', async () => {
      const ofBooks = [
        await fail(now - 3, 'TypeError: no book 17', { errorCode: 'TypeError' }),
        await fail(now - 2, 'TypeError: no book 4', { errorCode: 'TypeError', queue: 'mail' }),
      ]
      await fail(now - 1, 'TypeError: no shelf 4', { errorCode: 'TypeError' })
      // It may still succeed.
      await fail(now - 1, 'TypeError: no book 4', { errorCode: 'TypeError' }, 'pending')
      const { fingerprint } = (await groups()).find(({ message }) => message.includes('book')) ?? {}
      const filter = { ...anyTask, search: parseSearch(`error_group:${fingerprint}`) }
      const page = await store().views.list({ filter, sort: 'task_id', order: 'asc', limit: 10, cursor: null })
      expect(page.tasks.map(({ taskId }) => taskId).sort()).toEqual([...ofBooks].sort())
      expect(page).toMatchObject({ total: 2, totalIsCapped: false })
      const until = [...ofBooks].sort().at(-1) ?? ''
      expect((await store().views.ids({ filter, after: null, until, limit: 10 })).taskIds).toEqual([...ofBooks].sort())
      expect(await store().views.metrics(filter)).toMatchObject({ total: 2, failed: 2, success: 0 })
      expect(await store().views.metrics({ ...filter, queues: ['mail'] })).toMatchObject({ total: 1, failed: 1 })
      expect(await store().views.metrics({ ...filter, statuses: ['success'] })).toMatchObject({ total: 0 })
    })

    it('hour by hour over the last 24 hours', async () => {
      for (const hours of [0, 0, 1, 23, 24]) await fail(now - hours * hourMs)
      const [group] = await groups()
      expect(group?.trend).toEqual([1, ...Array.from({ length: 21 }, () => 0), 1, 2])
    })

    it('and keeps what was said of them, with its deed, until they come back', async () => {
      const { errorMarks, audit } = store()
      const act = { actor: 'ann', role: null, address: null, outcome: 'ok', reason: null, code: null } as const
      const deed = (fingerprint: string): AuditDraft => {
        return { ...act, at: now, action: 'x', target: fingerprint, affected: [], affectedCount: 0, detail: null }
      }
      await fail(now - 2, 'Error: no')
      const fingerprint = (await groups())[0]?.fingerprint ?? ''
      const mark = (word: 'resolved' | 'ignored' | null, at: number, of = fingerprint) =>
        errorMarks.mark({ fingerprint: of, mark: word, at, by: 'ann' }, deed(of))
      expect(await groups()).toMatchObject([{ state: 'open', stateAt: null, stateBy: null }])
      expect(await mark('resolved', now - 1)).toBe(true)
      expect(await groups()).toMatchObject([{ state: 'resolved', stateAt: now - 1, stateBy: 'ann' }])
      await fail(now, 'Error: no')
      expect(await groups()).toMatchObject([{ state: 'regressed', stateAt: now - 1, lastHour: 2 }])
      expect(await mark('ignored', now)).toBe(true)
      await fail(now + 1, 'Error: no')
      expect(await groups()).toMatchObject([{ state: 'ignored', stateAt: now }])
      expect(await mark(null, now)).toBe(true)
      expect(await groups()).toMatchObject([{ state: 'open', stateAt: null, stateBy: null }])
      expect(await mark('resolved', now, 'nothing')).toBe(false)
      const { entries } = await audit.list({ cursor: null, limit: 10 })
      expect(entries.map(({ target }) => target)).toEqual([fingerprint, fingerprint, fingerprint])
    })

    it('of at most 500 kinds: what was not seen for the longest time makes room', async () => {
      const records = Array.from({ length: 503 }, () => run({ errorCode: null }))
      await putRunning(records)
      const end = (index: number) =>
        ({ status: 'failed', endTime: now + index, durationMs: 1, error: 'no', errorCode: `E${index}` }) as const
      await store().tasks.write(records.map((record, index) => transition(record, end(index))))
      const kept = await groups()
      expect(kept).toHaveLength(500)
      expect(kept[0]?.type).toBe('E502')
      expect(kept.at(-1)?.type).toBe('E3')
    })
  })
}
