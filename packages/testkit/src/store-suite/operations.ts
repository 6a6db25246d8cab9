import { transition, type AuditDraft, type ItemResult, type NewOperation, type Store } from '@taskloom/engine/store'
import { anyTask } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { buildId, buildRecord } from '../build-record.ts'
import { expectedIds, inBatches, randomHistory } from './sample.ts'

/** What is being done to many tasks at once, and the report of it. */
export function describeOperations(store: () => Store): void {
  const add = async (status: 'pending' | 'failed' = 'pending') => {
    const next = buildRecord({ status, createdAt: nextInstant() })
    await store().tasks.write([{ previous: null, next, attempt: null, logs: [] }])
    return next
  }
  /** An operation with these tasks, owned by w1. */
  const begin = async (taskIds: readonly string[]) => {
    const { operations } = store()
    const operation = newOperation()
    const { operationId } = operation
    await operations.create(
      operation,
      taskIds.map((taskId) => result(operationId, taskId, 'waiting')),
    )
    await operations.claim(operationId, 'w1', null, 2_000)
    return operationId
  }
  const outcomes = async (operationId: string) => {
    const items = await store().operations.items({ operationId, outcome: null, after: null, limit: 100 })
    return items.map(({ taskId, outcome }) => [taskId, outcome])
  }

  describe('keeps operations', () => {
    it('with every field, those that are listed collected at once', async () => {
      const { operations } = store()
      const { taskId } = await add()
      const listed = newOperation({ reason: 'wörds\u2028', role: 'admin', address: '::1', again: true, filter: null })
      const stored = await operations.create(listed, [
        result(listed.operationId, 'b', 'waiting'),
        result(listed.operationId, 'a', 'skipped', { reason: 'unknown' }),
      ])
      const fresh = {
        ...{ status: 'pending', workerId: null, lastTaskId: taskId, collectedTo: null, isCollected: true },
        ...{ total: 2, succeeded: 0, skipped: 1, failed: 0, startedAt: null, endedAt: null },
        ...{ cancelRequestedAt: null, error: null, beginsAt: null, perSecond: null },
      }
      expect(stored).toEqual({ ...listed, ...fresh })
      expect(await operations.get(listed.operationId)).toEqual(stored)
      expect(await operations.get('nobody')).toBeUndefined()
      const page = await operations.items({ operationId: listed.operationId, outcome: null, after: null, limit: 9 })
      expect(page).toEqual([
        { taskId: 'a', outcome: 'skipped', reason: 'unknown', newTaskId: null, at: 5 },
        { taskId: 'b', outcome: 'waiting', reason: null, newTaskId: null, at: null },
      ])
    })

    it('the newest first, and those that have not ended from the oldest on', async () => {
      const { operations } = store()
      const made = [newOperation(), newOperation(), newOperation()]
      for (const operation of made) await operations.create(operation, [])
      const [first, second, third] = made.map(({ operationId }) => operationId) as [string, string, string]
      const idsOf = async (read: ReturnType<typeof operations.list>) => (await read).map((one) => one.operationId)
      expect(await idsOf(operations.list(null, 2))).toEqual([third, second])
      expect(await idsOf(operations.list(second, 2))).toEqual([first])
      await operations.claim(second, 'w1', null, 1)
      await operations.finish({ operationId: second, workerId: 'w1', status: 'done', error: null, at: 9 })
      expect(await idsOf(operations.unfinished(9))).toEqual([first, third])
      expect(await idsOf(operations.unfinished(1))).toEqual([first])
    })

    it('of one owner at a time, who is followed by whoever knows of him', async () => {
      const { operations } = store()
      const { operationId } = await operations.create(newOperation(), [])
      expect(await operations.claim(operationId, 'w1', null, 10)).toMatchObject({
        ...{ status: 'running', workerId: 'w1', startedAt: 10 },
      })
      expect(await operations.claim(operationId, 'w2', null, 20)).toBeNull()
      expect(await operations.claim(operationId, 'w2', 'w1', 20)).toMatchObject({ workerId: 'w2', startedAt: 10 })
      expect(await operations.claim(operationId, 'w1', 'w1', 20)).toBeNull()
      const end = { operationId, status: 'failed', error: 'why', at: 30 } as const
      expect(await operations.finish({ ...end, workerId: 'w1' })).toBe(false)
      expect(await operations.finish({ ...end, workerId: 'w2' })).toBe(true)
      expect(await operations.finish({ ...end, workerId: 'w2' })).toBe(false)
      expect(await operations.get(operationId)).toMatchObject({ status: 'failed', error: 'why', endedAt: 30 })
      expect(await operations.claim(operationId, 'w2', 'w2', 40)).toBeNull()
    })

    it('and collects their tasks in slices, each once', async () => {
      const { operations } = store()
      await add()
      const { operationId, isCollected } = await operations.create(newOperation(), null)
      expect(isCollected).toBe(false)
      const slice = { operationId, workerId: 'w1', from: null, to: 'b', taskIds: ['a', 'b'], isLast: false }
      expect(await operations.collect(slice)).toBe(false)
      await operations.claim(operationId, 'w1', null, 1)
      expect(await operations.collect(slice)).toBe(true)
      expect(await operations.collect(slice)).toBe(false)
      expect(await operations.collect({ ...slice, from: 'a' })).toBe(false)
      expect(await operations.collect({ ...slice, workerId: 'w2', from: 'b' })).toBe(false)
      expect(await operations.get(operationId)).toMatchObject({ total: 2, collectedTo: 'b', isCollected: false })
      const last = { ...slice, from: 'b', to: 'c', taskIds: ['b', 'c'], isLast: true }
      expect(await operations.collect(last)).toBe(true)
      expect(await operations.collect({ ...last, from: 'c' })).toBe(false)
      expect(await operations.get(operationId)).toMatchObject({ total: 3, isCollected: true })
      expect(await operations.waiting(operationId, 2)).toEqual(['a', 'b'])
    })

    it('that have nothing to collect where there is no task', async () => {
      expect(await store().operations.create(newOperation(), null)).toMatchObject({ isCollected: true, total: 0 })
    })

    it('with an outcome that is stored if, and only if, its write is', async () => {
      const { tasks, operations } = store()
      const [first, second, third] = [await add(), await add(), await add()]
      const operationId = await begin([first.taskId, second.taskId, third.taskId])
      const done = (taskId: string) => result(operationId, taskId, 'succeeded')
      const cancelled = { ...transition(first, { status: 'cancelled' }), operation: done(first.taskId) }
      const stale = { ...second, attempt: 7 }
      const written = await tasks.write([
        cancelled,
        { ...transition(stale, { status: 'cancelled' }), operation: done(second.taskId) },
        // Its item is settled by the one before.
        { ...transition(third, { status: 'running', attempt: 1 }), operation: done(first.taskId) },
        { ...transition(third, { status: 'running', attempt: 1 }), operation: done('no item') },
      ])
      expect(written).toEqual([cancelled.next, null, null, null])
      expect((await tasks.get(third.taskId))?.status).toBe('pending')
      expect(await outcomes(operationId)).toEqual([
        [first.taskId, 'succeeded'],
        [second.taskId, 'waiting'],
        [third.taskId, 'waiting'],
      ])
      expect(await operations.get(operationId)).toMatchObject({ total: 3, succeeded: 1, skipped: 0 })
    })

    it('with the task that a retry minted, or nothing of it', async () => {
      const { tasks, operations } = store()
      const original = await add('failed')
      const operationId = await begin([original.taskId])
      const minted = Array.from({ length: 60 }, () => buildRecord())
      const writes = minted.map((next) => ({
        ...{ previous: null, next, attempt: null, logs: [] },
        operation: result(operationId, original.taskId, 'succeeded', { newTaskId: next.taskId }),
      }))
      const stored = (await tasks.write(writes)).filter((answer) => answer !== null)
      expect(stored).toEqual([minted[0]])
      const [item] = await operations.items({ operationId, outcome: 'succeeded', after: null, limit: 9 })
      expect(item).toMatchObject({ taskId: original.taskId, newTaskId: minted[0]?.taskId, at: 5 })
      expect((await store().views.queues()).reduce((sum, { total }) => sum + total, 0)).toBe(2)
    })

    it('and deletes only what its item is open for', async () => {
      const { tasks, operations } = store()
      const [ended, other, waiting] = [await add('failed'), await add('failed'), await add()]
      const operationId = await begin([ended.taskId, waiting.taskId])
      const done = (taskId: string) => result(operationId, taskId, 'succeeded')
      expect(await tasks.delete(ended.taskId, { operation: done(ended.taskId) })).toBe(true)
      expect(await tasks.delete(other.taskId, { operation: done(ended.taskId) })).toBe(false)
      expect(await tasks.delete(waiting.taskId, { operation: done(waiting.taskId) })).toBe(false)
      expect(await tasks.get(other.taskId)).toBeDefined()
      expect(await operations.get(operationId)).toMatchObject({ succeeded: 1 })
      expect(await outcomes(operationId)).toEqual([
        [ended.taskId, 'succeeded'],
        [waiting.taskId, 'waiting'],
      ])
    })

    it('and settles what nothing was done to, once', async () => {
      const { operations } = store()
      const operationId = await begin(['a', 'b', 'c'])
      const skipped = result(operationId, 'a', 'skipped', { reason: 'wrong_status' })
      await operations.settle([skipped, result(operationId, 'b', 'failed', { reason: 'Oh' }), skipped])
      await operations.settle([result(operationId, 'a', 'failed'), result('nobody', 'a', 'failed')])
      expect(await operations.get(operationId)).toMatchObject({ skipped: 1, failed: 1, succeeded: 0 })
      const failed = await operations.items({ operationId, outcome: 'failed', after: null, limit: 9 })
      expect(failed).toEqual([{ taskId: 'b', outcome: 'failed', reason: 'Oh', newTaskId: null, at: 5 }])
      expect(await operations.waiting(operationId, 9)).toEqual(['c'])
      const page = await operations.items({ operationId, outcome: null, after: 'a', limit: 1 })
      expect(page.map(({ taskId }) => taskId)).toEqual(['b'])
    })

    it('that nothing more is done for once they have ended', async () => {
      const { tasks, operations } = store()
      const record = await add()
      const operationId = await begin([record.taskId])
      expect(await operations.requestCancel(operationId, 3_000)).toBe(true)
      await operations.requestCancel(operationId, 4_000)
      expect(await operations.get(operationId)).toMatchObject({ status: 'running', cancelRequestedAt: 3_000 })
      await operations.finish({ operationId, workerId: 'w1', status: 'cancelled', error: null, at: 5_000 })
      expect(await operations.requestCancel(operationId, 6_000)).toBe(false)
      expect(await operations.requestCancel('nobody', 6_000)).toBe(false)
      const operation = result(operationId, record.taskId, 'succeeded')
      expect(await tasks.write([{ ...transition(record, { status: 'cancelled' }), operation }])).toEqual([null])
      await operations.settle([operation])
      expect(await outcomes(operationId)).toEqual([[record.taskId, 'waiting']])
    })

    it('that begin at their time: nothing is done before, and until then they can be undone', async () => {
      const { operations, audit } = store()
      const plain = newOperation()
      expect(await operations.create(plain, [])).toMatchObject({ beginsAt: null, perSecond: null })
      const later = newOperation({ beginsAt: 5_000, perSecond: 7 })
      const { operationId } = later
      const item = result(operationId, 'a', 'succeeded')
      const created = await operations.create(later, [{ ...item, outcome: 'waiting' }])
      expect(created).toMatchObject({ status: 'pending', beginsAt: 5_000, perSecond: 7, total: 1 })
      const early = { status: 'pending', workerId: 'w1', startedAt: null }
      expect(await operations.claim(operationId, 'w1', null, 4_999)).toMatchObject(early)
      await operations.settle([item])
      expect(await outcomes(operationId)).toEqual([['a', 'waiting']])
      expect(await operations.undo('nobody', 4_999, draft('undone'))).toBe(false)
      expect(await operations.undo(plain.operationId, 4_999, draft('undone'))).toBe(false)
      expect(await operations.claim(operationId, 'w1', 'w1', 5_000)).toMatchObject({
        status: 'running',
        startedAt: 5_000,
      })
      expect(await operations.undo(operationId, 5_000, draft('undone'))).toBe(false)
      await operations.settle([item])
      expect(await outcomes(operationId)).toEqual([['a', 'succeeded']])
      const other = newOperation({ beginsAt: 5_000 })
      await operations.create(other, null)
      expect(await operations.undo(other.operationId, 4_000, draft('undone'))).toBe(true)
      expect(await operations.undo(other.operationId, 4_001, draft('undone'))).toBe(false)
      expect(await operations.get(other.operationId)).toMatchObject({
        status: 'cancelled',
        endedAt: 4_000,
        startedAt: null,
      })
      expect(await operations.claim(other.operationId, 'w1', null, 6_000)).toBeNull()
      expect((await audit.list({ cursor: null, limit: 10 })).entries.map(({ action }) => action)).toEqual(['undone'])
    })

    it('with an entry of the audit log when they begin, are to stop and end, and none for what is not done', async () => {
      const { operations, audit } = store()
      const operation = newOperation()
      const { operationId } = operation
      await operations.create(operation, [], draft('begin'))
      await operations.requestCancel('nobody', 5, draft('nothing'))
      await operations.requestCancel(operationId, 5, draft('stop'))
      const end = { operationId, workerId: 'w1', status: 'done', error: null, at: 9 } as const
      await operations.finish(end, draft('nothing'))
      await operations.claim(operationId, 'w1', null, 8)
      await operations.finish(end, draft('end'))
      const { entries } = await audit.list({ cursor: null, limit: 10 })
      expect(entries.map(({ action }) => action)).toEqual(['end', 'stop', 'begin'])
    })

    it('no longer than wanted, a slice at a time', async () => {
      const { operations } = store()
      const ids: string[] = []
      for (let index = 0; index < 5; index += 1) {
        const operationId = await begin(['a', 'b', 'c'])
        ids.push(operationId)
        const end = { operationId, workerId: 'w1', status: 'done', error: null } as const
        if (index > 0) await operations.finish({ ...end, at: index === 1 ? 90 : 100 })
      }
      // The first has not ended and stays; the second is too old, and only two of the others are kept.
      let rows = 0
      for (let pruned = -1; pruned !== 0; rows += pruned) {
        pruned = await operations.prune({ keep: 2, endedBefore: 100, limit: 2 })
        expect(pruned).toBeLessThanOrEqual(2)
      }
      expect(rows).toBe(8)
      const left = await operations.list(null, 9)
      expect(left.map(({ operationId }) => operationId)).toEqual([ids[4], ids[3], ids[0]])
      expect(await outcomes(ids[1] ?? '')).toEqual([])
      expect(await outcomes(ids[3] ?? '')).toHaveLength(3)
    })
  })

  describe('gives the ids of a filter', () => {
    it('rising, in slices, as the list has them', async () => {
      const history = randomHistory(300, 7)
      await inBatches(history, (next) => store().tasks.write([{ previous: null, next, attempt: null, logs: [] }]))
      const until = history[250]?.taskId ?? ''
      const filters = [
        anyTask,
        { ...anyTask, statuses: ['failed', 'interrupted'] as const },
        { ...anyTask, queues: ['mail'], funcNames: ['render', 'send_sms'] },
        { ...anyTask, tags: [{ key: 'env', value: 'prod' }] },
        { ...anyTask, search: [{ kind: 'error', text: 'declined', negated: false }] as const },
        { ...anyTask, queues: ['nowhere'] },
      ]
      for (const filter of filters) {
        const found: string[] = []
        let after: string | null = null
        do {
          const { taskIds, next } = await store().views.ids({ filter, after, until, limit: 40 })
          expect(taskIds.length).toBeLessThanOrEqual(40)
          found.push(...taskIds)
          after = next
        } while (after !== null)
        expect(found).toEqual(expectedIds(history, filter, 'task_id', 'asc').filter((taskId) => taskId <= until))
      }
    })
  })
}

function draft(action: string): AuditDraft {
  const who = { at: 1, actor: 'ann', role: null, address: null, reason: null }
  return { ...who, action, target: null, outcome: 'ok', code: null, affected: [], affectedCount: 0, detail: null }
}

let instant = Date.UTC(2026, 0, 5, 12)

/** Ids of later instants are greater. */
function nextInstant(): number {
  instant += 1
  return instant
}

function newOperation(changes: Partial<NewOperation> = {}): NewOperation {
  return {
    ...{
      operationId: buildId(nextInstant(), 1),
      action: 'cancel',
      filter: '{}',
      again: false,
      actor: 'ann',
      reason: null,
    },
    ...{ role: null, address: null, createdAt: 1_000 },
    ...changes,
  }
}

function result(
  operationId: string,
  taskId: string,
  outcome: ItemResult['outcome'],
  changes: Partial<ItemResult> = {},
): ItemResult {
  return { operationId, taskId, outcome, reason: null, newTaskId: null, at: 5, ...changes }
}
