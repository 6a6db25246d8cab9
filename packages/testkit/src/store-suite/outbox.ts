import { transition, type OutboxEntry, type Store } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'

/** Messages that are stored with changes and handed out until they have arrived. */
export function describeOutbox(store: () => Store): void {
  const put = (...outbox: readonly OutboxEntry[]) =>
    store().tasks.write([{ previous: null, next: buildRecord(), attempt: null, logs: [], outbox }])
  const take = (now: number, limit = 10, recipient = 'them') =>
    store().outbox.take({ recipient, now, until: now + 100, limit })
  const idsOf = async (taken: ReturnType<typeof take>) => (await taken).map(({ id }) => id)

  describe('keeps messages', () => {
    it('of writes that are stored, and of no others', async () => {
      const { tasks, outbox } = store()
      const first = buildRecord({ idempotencyKey: 'key' })
      const second = buildRecord({ idempotencyKey: 'key' })
      const creation = { previous: null, attempt: null, logs: [] } as const
      const plain = Array.from({ length: 60 }, (_, index) => ({
        ...creation,
        next: buildRecord(),
        outbox: [entry(`plain ${index}`)],
      }))
      await tasks.write([
        { ...creation, next: first, outbox: [entry('stored')] },
        { ...creation, next: second, outbox: [entry('deduplicated')] },
        { ...creation, next: { ...first, idempotencyKey: null }, outbox: [entry('refused')] },
        { ...transition(first, { status: 'running', attempt: 1 }), outbox: [entry('changed')] },
        { ...transition(first, { status: 'cancelled' }), outbox: [entry('too late')] },
        ...plain,
      ])
      const ids = await idsOf(take(2_000, 100))
      expect(ids.filter((id) => !id.startsWith('plain')).sort()).toEqual(['changed', 'stored'])
      expect(ids).toHaveLength(62)
      expect(await outbox.count('them')).toEqual({ waiting: 62, dead: 0 })
    })

    it('and gives back every field, first what is due longest, only to whom it is for', async () => {
      await put(entry('b', { createdAt: 20 }), entry('c', { createdAt: 20 }), entry('a', { createdAt: 30 }))
      await put(entry('other', { recipient: 'others' }))
      expect(await idsOf(take(19))).toEqual([])
      expect(await take(20, 1)).toEqual([{ ...entry('b', { createdAt: 20 }), attempts: 1 }])
      expect(await idsOf(take(30))).toEqual(['c', 'a'])
      expect(await idsOf(take(2_000, 10, 'others'))).toEqual(['other'])
    })

    it('until they are delivered, handing them out again when nothing is heard', async () => {
      const { outbox } = store()
      await put(entry('one', { createdAt: 10 }))
      expect(await outbox.nextDueAt('them')).toBe(10)
      expect(await take(10)).toMatchObject([{ id: 'one', attempts: 1 }])
      expect(await outbox.nextDueAt('them')).toBe(110)
      expect(await take(109)).toEqual([])
      expect(await take(110)).toMatchObject([{ id: 'one', attempts: 2 }])
      await outbox.delivered(['one', 'unknown'])
      expect(await take(9_999)).toEqual([])
      expect(await outbox.nextDueAt('them')).toBeNull()
      expect(await outbox.count('them')).toEqual({ waiting: 0, dead: 0 })
    })

    it('that failed until the instant they are due again; dead ones for good', async () => {
      const { outbox } = store()
      await put(entry('one', { createdAt: 10 }), entry('two', { createdAt: 10 }))
      await take(10)
      await outbox.failed('one', 500, 'refused')
      await outbox.failed('two', null, 'gone')
      await outbox.failed('unknown', 500, 'gone')
      expect(await outbox.nextDueAt('them')).toBe(500)
      expect(await idsOf(take(10_000))).toEqual(['one'])
      expect(await outbox.count('them')).toEqual({ waiting: 1, dead: 1 })
    })

    it('no longer than wanted, a few at a time', async () => {
      const { outbox } = store()
      await put(...[1, 2, 3, 4].map((at) => entry(`old ${at}`, { createdAt: at })), entry('new', { createdAt: 100 }))
      await outbox.failed('old 1', null, 'gone')
      expect(await outbox.purge(50, 3)).toBe(3)
      expect(await outbox.purge(50, 3)).toBe(1)
      expect(await idsOf(take(1_000))).toEqual(['new'])
    })
  })
}

function entry(id: string, changes: Partial<OutboxEntry> = {}): OutboxEntry {
  return {
    id,
    recipient: 'them',
    event: 'complete',
    taskId: 'task',
    createdAt: 1_000,
    body: '{"ä":"\\u0000"}',
    ...changes,
  }
}
