import { TaskManager } from '@taskloom/engine'
import { bullmq } from '@taskloom/engine/bullmq'
import { redis } from '@taskloom/engine/redis'
import { createFakeClock } from '@taskloom/testkit'
import { describe, expect, it } from 'vitest'
import { Intake } from '../../packages/engine/src/queues/bullmq/intake.ts'
import { Seat } from '../../packages/engine/src/queues/bullmq/seat.ts'
import { Slots } from '../../packages/engine/src/queues/bullmq/slots.ts'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'
import { openPlainQueue } from './plain-queue.ts'

const patience = { timeout: 30_000, interval: 20 }
const limit = { timeout: 60_000 }
const never = (): boolean => false
const always = (): boolean => true

describe('slots', () => {
  it('let in so many, and the others in their order', async () => {
    const slots = new Slots(2, createFakeClock())
    const inside: string[] = []
    const enter = (name: string) => slots.enter(never).then(() => inside.push(name))
    const all = Promise.all(['a', 'b', 'c', 'd'].map(enter))
    await settle()
    expect(inside).toEqual(['a', 'b'])
    slots.leave()
    await settle()
    expect(inside).toEqual(['a', 'b', 'c'])
    slots.leave()
    await all
    for (let left = 0; left < 2; left += 1) slots.leave()
    expect(await slots.enter(never)).toBe(true)
  })

  it('are shared by functions that are over when they return, and by no others', async () => {
    const slots = new Slots(16, createFakeClock())
    const inside: string[] = []
    const enter = (name: string, isPrompt: boolean) => slots.enter(never, isPrompt).then(() => inside.push(name))
    const all = [...many(15, 'late'), ...many(5, 'prompt')].map(({ name }) => enter(name, name === 'prompt'))
    all.push(enter('last', false))
    await settle()
    expect(inside).toEqual([...many(15, 'late'), ...many(4, 'prompt')].map(({ name }) => name))
    slots.leave(true)
    await settle()
    expect(inside.slice(19)).toEqual(['prompt'])
    slots.leave(false)
    await Promise.all(all)
    expect(inside.at(-1)).toBe('last')
  })

  it('are not shared where there are few', async () => {
    const slots = new Slots(15, createFakeClock())
    let inside = 0
    for (let count = 0; count < 20; count += 1) void slots.enter(never, true).then(() => (inside += 1))
    await settle()
    expect(inside).toBe(15)
  })

  it('give up after a while who is too many, and nobody else', async () => {
    const clock = createFakeClock()
    const slots = new Slots(1, clock)
    await slots.enter(never)
    const answers: string[] = []
    const wait = (name: string, isTooMany: () => boolean) =>
      slots.enter(isTooMany).then((isInside) => answers.push(`${name} ${isInside}`))
    const all = [wait('spare', always), wait('due', never)]
    await clock.advance(99)
    expect(answers).toEqual([])
    await clock.advance(101)
    expect(answers).toEqual(['spare false'])
    slots.leave()
    all.push(wait('last', never))
    await settle()
    slots.clear()
    await Promise.all(all)
    expect(answers).toEqual(['spare false', 'due true', 'last false'])
  })
})

describe('an intake', () => {
  const build = (size: number, isEager = true, tasksPerJob = 1) => {
    const told: number[] = []
    return { intake: new Intake({ size, isEager, tasksPerJob, onChange: (jobs) => told.push(jobs) }), told }
  }

  it('takes ahead while functions are over soon, up to as many as may run', () => {
    const { intake, told } = build(16)
    for (let ended = 0; ended < 20; ended += 1) intake.ran(5)
    expect(told.at(-1)).toBe(32)
    expect(told).toHaveLength(16)
    intake.ran(60_000)
    expect(told.at(-1)).toBe(31)
  })

  it('takes more ahead while functions are over when they return', () => {
    const { intake, told } = build(16)
    for (let ended = 0; ended < 60; ended += 1) intake.ran(0, true)
    expect(told.at(-1)).toBe(64)
    intake.ran(5)
    expect(told.at(-1)).toBe(32)
  })

  it.each([
    ['where a limit holds', 16, false],
    ['where few may run', 15, true],
  ])('takes nothing ahead %s', (_, size, isEager) => {
    const { intake, told } = build(size, isEager)
    intake.ran(5)
    expect(told).toEqual([])
  })

  it('holds as many jobs as have tasks enough, whatever they have', () => {
    const { intake } = build(100, true, 50)
    expect(intake.jobs).toBe(2)
    intake.took(50)
    expect(intake.jobs).toBe(2)
    intake.took(20)
    // Thirty more may run: two jobs like the last.
    expect(intake.jobs).toBe(4)
    intake.took(1)
    expect(intake.jobs).toBe(32)
    for (const tasks of [50, 20, 1]) {
      for (let given = 0; given < tasks; given += 1) intake.gave()
      intake.left(tasks)
    }
    expect(intake.jobs).toBe(100)
    intake.took(500)
    expect(intake.jobs).toBe(1)
  })

  it('holds more jobs as soon as tasks of a shared one are over, however long the last of them takes', () => {
    const { intake, told } = build(100, true, 50)
    for (let jobs = 0; jobs < 2; jobs += 1) intake.took(50)
    expect(intake.jobs).toBe(2)
    for (let given = 0; given < 98; given += 1) intake.gave()
    // Two tasks are left, and there is room for two jobs more.
    expect(intake.jobs).toBe(4)
    expect(told.at(-1)).toBe(4)
  })

  it('gives back what was taken ahead and does not begin, and takes nothing ahead then', async () => {
    const clock = createFakeClock()
    const slots = new Slots(16, clock)
    const { intake, told } = build(16)
    for (let ended = 0; ended < 3; ended += 1) intake.ran(5)
    const seats = Array.from({ length: 19 }, () => new Seat(slots, intake, clock))
    for (const _seat of seats) intake.took(1)
    const answers: boolean[] = []
    for (const seat of seats) void seat.enter().then((isInside) => answers.push(isInside))
    await clock.advance(200)
    expect(answers.filter((isInside) => isInside)).toHaveLength(16)
    expect(answers.filter((isInside) => !isInside)).toHaveLength(3)
    for (let left = 0; left < 3; left += 1) intake.left(1)
    expect(told.at(-1)).toBe(16)
  })
})

describe('a worker on BullMQ', () => {
  const server = useServer(startRedis)

  it('gives jobs back that it has taken ahead, for others that can run them', limit, async () => {
    const [store, connection] = [await server.database(), await server.database()]
    const plain = openPlainQueue('default', connection)
    let letGo: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (letGo = resolve))
    const ran: string[] = []
    const managers: TaskManager[] = []
    const join = async (name: string): Promise<TaskManager> => {
      const tasks = new TaskManager({ store: redis(store), queue: bullmq({ connection }), concurrency: 16 })
      managers.push(tasks)
      tasks.define('note', () => void ran.push(name))
      tasks.define('block', () => {
        ran.push('block')
        return gate
      })
      await tasks.start()
      return tasks
    }
    try {
      const first = await join('first')
      await first.enqueueMany(many(200, 'note'))
      await expect.poll(() => ran.length, patience).toBe(200)
      await first.enqueueMany(many(16, 'block'))
      await expect.poll(() => ran.length, patience).toBe(216)
      const notes = await first.enqueueMany(many(16, 'note'))
      const hasTaken = async ({ id }: { readonly id: string }) => ((await plain.getJob(id))?.attemptsStarted ?? 0) > 0
      await expect.poll(async () => (await Promise.all(notes.map(hasTaken))).includes(true), patience).toBe(true)
      await join('second')
      await expect.poll(() => ran.filter((name) => name === 'second').length, patience).toBe(16)
    } finally {
      letGo()
      for (const manager of managers) await manager.shutdown({ timeoutMs: 1_000 })
      await plain.close()
    }
  })
})

function many(count: number, name: string): readonly { readonly name: string }[] {
  return Array.from({ length: count }, () => ({ name }))
}

async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve))
}
