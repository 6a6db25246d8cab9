import { memory } from '@taskloom/engine'
import type { OutboxEntry, TaskRecord, Write } from '@taskloom/engine/store'
import { buildRecord, createFakeClock } from '@taskloom/testkit'
import { beforeEach, describe, expect, it } from 'vitest'
import { IdSource } from '../../packages/engine/src/core/ids.ts'
import { Relay, recipient } from '../../packages/engine/src/queues/bullmq/relay.ts'
import type { Cover } from '../../packages/engine/src/queues/bullmq/spell.ts'
import type { QueueHost } from '../../packages/engine/src/queues/queue.ts'

const fake = createFakeClock()
/** How far this process has set its clock back. */
let behindMs = 0
const clock = { ...fake, now: () => fake.now() - behindMs }
const ids = new IdSource((bytes) => bytes.fill(1))
let store: ReturnType<typeof memory>
let relay: Relay
/** Tasks whose jobs were made to agree. */
let mended: string[]

beforeEach(async () => {
  store = memory()
  await store.open()
  mended = []
  behindMs = 0
  relay = open(store)
})

/** `onMend` is called when jobs are made to agree. */
function open(own: typeof store, onMend: () => unknown = () => undefined): Relay {
  const fault = (_: string, error: unknown): never => expect.fail(String(error))
  const host = { store: own, clock, announcer: { events: { fault } } }
  return new Relay(host as unknown as QueueHost, async (taskIds) => {
    mended.push(...taskIds)
    if (taskIds.length > 0) await onMend()
  })
}

const newTask = (changes: Partial<TaskRecord> = {}): Write & { readonly next: TaskRecord } => {
  const createdAt = clock.now()
  const next = buildRecord({ taskId: ids.next(createdAt), createdAt, ...changes })
  return { previous: null, next, attempt: null, logs: [] }
}

const newTasks = (count: number): ReturnType<typeof newTask>[] => Array.from({ length: count }, () => newTask())

/** Messages that go with writes that are formed in one turn. */
const stamp = (writes: readonly Write[]): (readonly OutboxEntry[])[] => writes.map((write) => relay.messages(write))

/** Stores these tasks as one batch; answers what each is under. */
async function keep(writes: readonly ReturnType<typeof newTask>[]): Promise<Cover[]> {
  const messages = stamp(writes)
  await store.tasks.write(writes.map((write, index) => ({ ...write, outbox: messages[index] ?? [] })))
  return coversOf(writes)
}

function coversOf(writes: readonly ReturnType<typeof newTask>[]): Cover[] {
  return writes.map(({ next }) => {
    const cover = relay.coverOf(next)
    if (cover === null) throw new Error(`${next.taskId} is under no message`)
    return cover
  })
}

/** Their jobs are there: ids of messages that may go. */
const bring = (covers: readonly Cover[]): string[] =>
  covers.flatMap((cover) => (cover.brought() ? [cover.messageId] : []))

const idsOf = (writes: readonly ReturnType<typeof newTask>[]): string[] => writes.map(({ next }) => next.taskId)
const messages = (writes: readonly Write[]): number => stamp(writes).flat().length
const waiting = async (): Promise<number> => (await store.outbox.count(recipient)).waiting

describe('a message of one task', () => {
  it('goes as soon as its job is there, and the next task has its own', async () => {
    for (let round = 0; round < 3; round += 1) {
      const covers = await keep(newTasks(1))
      expect(await waiting()).toBe(1)
      const gone = bring(covers)
      expect(gone.length).toBe(1)
      await store.outbox.delivered(gone, recipient)
      expect(await waiting()).toBe(0)
      await clock.advance(1)
    }
  })

  it('covers nothing while nobody knows whether it is stored, but what comes in the same turn', async () => {
    expect(messages(newTasks(1))).toBe(1)
    await Promise.resolve()
    expect(messages(newTasks(1))).toBe(1)
    expect(messages(newTasks(1))).toBe(0)
  })

  it('is that of at most a hundred in one turn, or of 256 K characters', () => {
    expect(messages(newTasks(1_000))).toBe(10)
    const long = 'x'.repeat(100_000)
    expect(messages(Array.from({ length: 12 }, () => newTask({ args: long })))).toBe(6)
  })

  it('covers what comes within a second once it is stored, and goes when all of it is brought', async () => {
    const first = newTask()
    const [cover] = await keep([first])
    await clock.advance(999)
    const more = newTasks(500)
    expect(messages(more)).toBe(0)
    await clock.advance(1)
    expect(messages(newTasks(1))).toBe(1)
    const others = coversOf(more)
    expect(bring([cover!, ...others.slice(1)])).toEqual([])
    expect(bring(others.slice(0, 1))).toEqual([cover!.messageId])
  })

  it('covers no task that was made before it, or after its second', async () => {
    const early = newTask()
    await keep(newTasks(1))
    const inTime = newTask({ createdAt: clock.now() + 1_000 })
    const late = newTask({ createdAt: clock.now() + 1_001 })
    expect(messages([inTime])).toBe(0)
    expect(messages([early])).toBe(1)
    await Promise.resolve()
    expect(messages([late])).toBe(1)
  })

  it('covers nothing later when it was not stored itself, though others of its turn were', async () => {
    const writes = newTasks(3)
    expect(messages(writes)).toBe(1)
    coversOf(writes.slice(1))
    await Promise.resolve()
    expect(messages(newTasks(1))).toBe(1)
  })

  it('covers nothing when the clock has gone back: it is not due for long', async () => {
    await keep(newTasks(1))
    behindMs = 3_600_000
    expect(messages(newTasks(1))).toBe(1)
  })

  it.each<[string, Partial<TaskRecord>]>([
    ['an idempotency key', { idempotencyKey: 'key' }],
    ['conflict locks', { locks: ['lock'] }],
    ['a slot of a schedule', { schedule: 'nightly', slotAt: 1 }],
  ])('neither covers a task with %s nor lets it cover others', async (_, changes) => {
    const refusable = newTask(changes)
    await keep([refusable])
    expect(messages(newTasks(1))).toBe(1)
    await keep(newTasks(1))
    expect(stamp([newTask(changes)]).flat()).toMatchObject([{ body: '' }])
  })

  it('neither covers nor is covered where the host may roll a write back', () => {
    relay = open({ ...store, supports: { ...store.supports, hostTransactions: true } })
    expect(stamp(newTasks(3)).map((own) => own[0]?.body)).toEqual(['', '', ''])
  })

  it('is told of a task once, however often that is offered', async () => {
    const [write] = newTasks(1)
    await keep([write!])
    expect(relay.coverOf(write!.next)).toBeNull()
  })
})

describe('a message that stays', () => {
  /** Another process looks for what was left. */
  const takeUp = async (): Promise<void> => {
    const other = open(store)
    await clock.advance(6_000)
    other.open()
    await expect.poll(waiting).toBe(0)
    other.close()
  }

  it('brings all that it covers, in pages, and each task once', async () => {
    const writes = newTasks(300)
    await keep(writes)
    await clock.advance(900)
    const later = newTasks(250)
    expect(messages(later)).toBe(0)
    await store.tasks.write(later)
    // Another that covers a part of the same, and a part that is its own.
    await clock.advance(50)
    relay = open(store)
    const last = newTasks(2)
    await keep(last)
    await clock.advance(2_000)
    const other = newTask()
    await store.tasks.write([other])
    await takeUp()
    expect(mended.sort()).toEqual(idsOf([...writes, ...later, ...last]).sort())
  })

  it('brings what is due later, too, and nothing that has ended', async () => {
    const [first, cancelled] = newTasks(2)
    const later = newTask({ runAt: clock.now() + 3_600_000 })
    await keep([first!, cancelled!, later])
    const next = { ...cancelled!.next, status: 'cancelled', endTime: clock.now(), version: 2 } as const
    await store.tasks.write([{ previous: cancelled!.next, next, attempt: null, logs: [] }])
    await takeUp()
    expect(mended).toEqual(idsOf([first!, later]))
  })

  it('is left by a task that was refused, and forgets none of the others', async () => {
    const writes = newTasks(4)
    const own = stamp(writes)
    await store.tasks.write(
      writes.map((write, index) => ({ ...write, outbox: own[index] ?? [] })).filter((_, index) => index !== 2),
    )
    const stored = writes.filter((_, index) => index !== 2)
    expect(bring(coversOf(stored))).toEqual([])
    expect(await waiting()).toBe(1)
    await takeUp()
    expect(mended).toEqual(idsOf(stored))
  })

  it('stays when who has taken it up ends before all is brought', async () => {
    await keep(newTasks(300))
    const other = open(store, () => other.close())
    await clock.advance(6_000)
    other.open()
    await expect.poll(() => mended.length).toBeGreaterThan(0)
    await clock.advance(60_000)
    expect(mended.length).toBe(200)
    expect(await waiting()).toBe(3)
    await takeUp()
    expect(new Set(mended).size).toBe(300)
  })

  it('is left to others when who has taken it up was busy with another for too long', async () => {
    const first = newTask()
    await keep([first])
    await clock.advance(5_000)
    await keep(newTasks(1))
    const other = open(store, () => {
      // Meanwhile others take what may be taken again.
      behindMs = -30_000
      return store.outbox.take({ recipient, now: clock.now(), until: clock.now() + 3_600_000, limit: 10 })
    })
    await clock.advance(6_000)
    other.open()
    await expect.poll(waiting).toBe(1)
    await clock.advance(10_000)
    expect(mended).toEqual(idsOf([first]))
    other.close()
  })

  it('brings its own task alone when an earlier version has stored it, or when it says what is not known', async () => {
    const writes = newTasks(3)
    const bodies = ['', 'whatever']
    await store.tasks.write(
      writes.map((write, index) => {
        const body = bodies[index]
        const message = {
          id: `m${index}`,
          recipient,
          event: 'create',
          taskId: write.next.taskId,
          createdAt: clock.now(),
        }
        return body === undefined ? write : { ...write, outbox: [{ ...message, body }] }
      }),
    )
    await takeUp()
    expect(mended).toEqual(idsOf(writes.slice(0, 2)))
  })
})
