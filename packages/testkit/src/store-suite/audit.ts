import { chainEntry, transition, type AuditDraft, type AuditEntry, type Store } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

/** A log that is only added to, together with what it tells of. */
export function describeAudit(store: () => Store): void {
  const all = async (): Promise<readonly AuditEntry[]> => {
    const { entries } = await store().audit.list({ cursor: null, limit: 1_000 })
    return [...entries].reverse()
  }
  const targets = async () => (await all()).map(({ target }) => target)
  const creation = { previous: null, attempt: null, logs: [] } as const

  describe('keeps the audit log', () => {
    it('of writes that are stored, and of no others, in their order', async () => {
      const { tasks } = store()
      const first = buildRecord({ idempotencyKey: 'key' })
      const plain = Array.from({ length: 60 }, (_, index) => ({
        ...creation,
        next: buildRecord(),
        ...(index % 2 === 0 ? { audit: draft(`plain ${index}`) } : {}),
      }))
      await tasks.write([
        { ...creation, next: first, audit: draft('stored') },
        { ...creation, next: buildRecord({ idempotencyKey: 'key' }), audit: draft('deduplicated') },
        { ...creation, next: { ...first, idempotencyKey: null }, audit: draft('refused') },
        { ...transition(first, { status: 'running', attempt: 1 }), audit: draft('changed') },
        { ...transition(first, { status: 'cancelled' }), audit: draft('too late') },
        ...plain,
      ])
      const even = plain.flatMap(({ audit }) => audit?.target ?? [])
      expect(await targets()).toEqual(['stored', 'changed', ...even])
      expect((await all()).map(({ seq }) => seq)).toEqual(Array.from({ length: 32 }, (_, index) => index + 1))
      expect(await store().audit.verify({ from: 1, limit: 100 })).toMatchObject({ checked: 32, broken: null })
    })

    it('of new tasks that are stored all or none', async () => {
      const { tasks } = store()
      const taken = buildRecord()
      await tasks.writeAll([{ ...creation, next: taken, audit: draft('together') }])
      const refused = tasks.writeAll([
        { ...creation, next: buildRecord(), audit: draft('with a refused one') },
        { ...creation, next: taken, audit: draft('refused') },
      ])
      await expect(refused).rejects.toMatchObject({ code: 'store_failed' })
      expect(await targets()).toEqual(['together'])
    })

    it('of what is deleted, with the ids of each slice', async () => {
      const { tasks } = store()
      const ended = ['a', 'b', 'c'].map((taskId) => buildRecord({ taskId, status: 'success', endTime: 10 }))
      const waiting = buildRecord()
      await tasks.write([...ended, waiting].map((next) => ({ ...creation, next })))
      expect(await tasks.delete('a', { audit: draft('a') })).toBe(true)
      expect(await tasks.delete('a', { audit: draft('a again') })).toBe(false)
      expect(await tasks.delete(waiting.taskId, { audit: draft('not ended') })).toBe(false)
      const old = { statuses: ['success' as const], endedBefore: 99, limit: 1 }
      const slices = [await tasks.deleteHistory(old, draft(null)), await tasks.deleteHistory(old, draft(null))]
      await tasks.deleteHistory(old, draft('nothing is left'))
      expect((await all()).map(({ target, affected, affectedCount }) => [target, affected, affectedCount])).toEqual([
        ['a', [], 0],
        [null, slices[0], 1],
        [null, slices[1], 1],
      ])
      expect(slices.flat().sort()).toEqual(['b', 'c'])
    })

    it('of schedules that are put', async () => {
      const state = { name: 's', isPaused: true, lastSlotAt: null, missed: 0 }
      await store().schedules.put(state)
      await store().schedules.put(state, draft('s'))
      expect(await targets()).toEqual(['s'])
    })

    it('and gives back every field, chained to the one before', async () => {
      const { audit } = store()
      const whole: AuditDraft = {
        at: 1_700_000_000_123,
        actor: 'ann',
        role: 'admin',
        address: '::1',
        action: 'retry',
        target: 'task',
        outcome: 'denied',
        reason: 'wrong customer',
        code: 'forbidden',
        affected: ['x', 'y'],
        affectedCount: 5_000,
        detail: { b: [1.5, null, 'ä', true], a: { nested: '\u2028' } },
      }
      const [first] = await audit.append([draft('first')])
      const [second] = await audit.append([whole])
      expect(first).toMatchObject({ seq: 1 })
      expect(second).toEqual({ ...whole, seq: 2, hash: second?.hash })
      expect(chainEntry({ entries: 1, hash: first?.hash ?? '' }, whole)).toEqual(second)
      expect(await all()).toEqual([first, second])
      expect(await audit.append([])).toEqual([])
    })

    it('with text that breaks no line, and bounded', async () => {
      const actor = 'ann\r\n2026 admin\0\u001b[31m\u2028x\ud800'
      const ids = Array.from({ length: 1_200 }, (_, index) => `${index}`)
      const detail = { long: 'x'.repeat(5_000) }
      const [entry] = await store().audit.append([
        { ...draft('t'.repeat(400)), actor, reason: 'r'.repeat(2_000), affected: ids, affectedCount: 1_200, detail },
      ])
      expect(entry?.actor).toBe('ann 2026 admin [31m x\ufffd')
      expect([entry?.target?.length, entry?.reason?.length]).toEqual([300, 1_000])
      expect([entry?.affected.length, entry?.affectedCount, entry?.detail]).toEqual([1_000, 1_200, { cut: true }])
      expect(await all()).toEqual([entry])
      expect(await store().audit.verify({ from: 1, limit: 10 })).toMatchObject({ checked: 1, broken: null })
    })

    it('and reads it newest first, page by page, whatever is added meanwhile', async () => {
      const { audit } = store()
      await audit.append(Array.from({ length: 7 }, (_, index) => draft(`${index + 1}`)))
      const seen: number[] = []
      let cursor: number | null = null
      do {
        const page = await audit.list({ cursor, limit: 3 })
        seen.push(...page.entries.map(({ seq }) => seq))
        cursor = page.next
        await audit.append([draft('later')])
      } while (cursor !== null)
      expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1])
      expect(await audit.list({ cursor: 1, limit: 3 })).toEqual({ entries: [], next: null })
      expect(await audit.list({ cursor: 4, limit: 3 })).toMatchObject({ next: null })
    })

    it('and finds entries by actor, action, outcome and time', async () => {
      const { audit } = store()
      await audit.append([
        { ...draft('1'), actor: 'ann', at: 10 },
        { ...draft('2'), actor: 'bob', action: 'cancel', at: 20 },
        { ...draft('3'), actor: 'ann', outcome: 'denied', code: 'forbidden', at: 30 },
        { ...draft('4'), actor: 'ann', action: 'cancel', at: 40 },
      ])
      const find = async (question: Partial<Parameters<typeof audit.list>[0]>) =>
        (await audit.list({ cursor: null, limit: 10, ...question })).entries.map(({ seq }) => seq)
      expect(await find({ actor: 'ann' })).toEqual([4, 3, 1])
      expect(await find({ actor: 'ann', action: 'cancel' })).toEqual([4])
      expect(await find({ outcome: 'denied' })).toEqual([3])
      expect(await find({ since: 20, until: 40 })).toEqual([3, 2])
      expect(await find({ actor: 'ann', cursor: 4 })).toEqual([3, 1])
      expect(await find({ actor: "' OR 1=1 --" })).toEqual([])
    })

    it('and finds the entries about one task: its own, those that name it, and those of its operations', async () => {
      const { audit, operations } = store()
      const operation = (operationId: string) => ({
        ...{
          operationId,
          action: 'cancel' as const,
          filter: '{}',
          again: false,
          actor: 'ann',
          reason: null,
          role: null,
        },
        ...{ address: null, createdAt: 1 },
      })
      const item = (operationId: string, taskId: string) =>
        ({ operationId, taskId, outcome: 'waiting', reason: null, newTaskId: null, at: 1 }) as const
      const of = (id: string) => ({ ...draft(null), detail: { operation: id } })
      await operations.create(operation('o1'), [item('o1', 'a'), item('o1', 'b')], of('o1'))
      await operations.create(operation('o2'), [item('o2', 'b')], of('o2'))
      await operations.claim('o2', 'w', null, 1)
      await audit.append([draft('a'), draft('b'), { ...draft('b'), affected: ['a', 'a', 'c'], affectedCount: 3 }])
      await audit.append([
        { ...draft(null), detail: { operation: 7 } },
        { ...draft('a'), actor: 'bob' },
      ])
      await operations.finish({ operationId: 'o2', workerId: 'w', status: 'done', error: null, at: 2 }, of('o2'))
      const find = async (question: Partial<Parameters<typeof audit.list>[0]>) =>
        (await audit.list({ cursor: null, limit: 10, ...question })).entries.map(({ seq }) => seq)
      expect(await find({ taskId: 'a' })).toEqual([7, 5, 3, 1])
      expect(await find({ taskId: 'b' })).toEqual([8, 5, 4, 2, 1])
      expect(await find({ taskId: 'c' })).toEqual([5])
      expect(await find({ taskId: 'd' })).toEqual([])
      expect(await find({ taskId: 'a', actor: 'bob' })).toEqual([7])
      expect(await find({ taskId: 'a', limit: 2 })).toEqual([7, 5])
      expect(await find({ taskId: 'a', limit: 2, cursor: 5 })).toEqual([3, 1])
    })

    it('and checks it in slices', async () => {
      const { audit } = store()
      expect(await audit.verify({ from: 1, limit: 5 })).toEqual({ checked: 0, hash: '', next: null, broken: null })
      const entries = await audit.append(Array.from({ length: 12 }, (_, index) => draft(`${index}`)))
      expect(await audit.verify({ from: 1, limit: 5 })).toEqual({
        checked: 5,
        hash: entries[4]?.hash,
        next: 6,
        broken: null,
      })
      expect(await audit.verify({ from: 6, limit: 5 })).toMatchObject({ checked: 5, next: 11, broken: null })
      expect(await audit.verify({ from: 11, limit: 5 })).toMatchObject({ checked: 2, next: null, broken: null })
      expect(await audit.verify({ from: 13, limit: 5 })).toMatchObject({ checked: 0, next: null, broken: null })
    })
  })
}

function draft(target: string | null): AuditDraft {
  return {
    at: 1_000,
    actor: 'somebody',
    role: null,
    address: null,
    action: 'retry',
    target,
    outcome: 'ok',
    reason: null,
    code: null,
    affected: [],
    affectedCount: 0,
    detail: null,
  }
}
