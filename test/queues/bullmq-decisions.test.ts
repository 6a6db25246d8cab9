import { buildRecord } from '@taskloom/testkit'
import { describe, expect, it } from 'vitest'
import { parseDefinition, type FunctionOptions } from '../../packages/engine/src/core/definition.ts'
import { transition, type TaskRecord } from '../../packages/engine/src/core/record.ts'
import { agree, stateOf } from '../../packages/engine/src/queues/bullmq/agree.ts'
import { jobOf, priorityOf, taskIdsOf } from '../../packages/engine/src/queues/bullmq/job.ts'
import { parseBullmq, type BullmqOptions } from '../../packages/engine/src/queues/bullmq/options.ts'
import { settlePause } from '../../packages/engine/src/queues/bullmq/pause-verdict.ts'
import { placeOf } from '../../packages/engine/src/queues/bullmq/place.ts'
import { Recent } from '../../packages/engine/src/queues/bullmq/recent.ts'
import { decideTake, strangerPause, tell } from '../../packages/engine/src/queues/bullmq/verdict.ts'
import { withCode } from '../engine/open-manager.ts'

const now = Date.UTC(2026, 0, 5, 13)
const createdAt = now - 3_600_000
const build = (changes: Partial<TaskRecord> = {}): TaskRecord => buildRecord({ createdAt, ...changes })
const changed = (record: TaskRecord, changes: Partial<TaskRecord>): TaskRecord => transition(record, changes).next
const terms = { now, keepCompleted: 0, keepFailed: 5 }

describe('the job of a task', () => {
  it('has its id, and nothing of what it is', () => {
    const record = build({ maxRetries: 3, args: '["secret"]' })
    expect(jobOf(record, terms)).toEqual({
      name: 'work',
      data: { taskId: record.taskId },
      opts: {
        jobId: record.taskId,
        timestamp: createdAt,
        attempts: 4,
        backoff: { type: 'taskloom' },
        removeOnComplete: true,
        removeOnFail: 5,
        priority: 1_048_576,
      },
    })
    expect(jobOf(changed(record, { retriesUsed: 2 }), terms).opts.attempts).toBe(2)
    for (const retriesUsed of [3, 9]) {
      const { opts } = jobOf(changed(record, { retriesUsed }), terms)
      expect([opts.attempts, opts.backoff]).toEqual([undefined, undefined])
    }
  })

  it('is due when the task is: BullMQ counts from its timestamp', () => {
    const delay = (runAt: number | null) => jobOf(build({ runAt }), terms).opts.delay
    expect(delay(now + 50)).toBe(3_600_050)
    expect(delay(now)).toBeUndefined()
    expect(delay(null)).toBeUndefined()
  })

  it('goes before those of lower priority', () => {
    const numbers = [2e9, 1_000_000, 10, 1, 0, null, -1, -10, -2e9].map((priority) => priorityOf({ priority }))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(numbers.at(0)).toBe(1)
    expect(numbers.at(-1)).toBe(2_097_152)
    expect(priorityOf({ priority: null })).toBe(priorityOf({ priority: 0 }))
  })

  it('is told from jobs of others', () => {
    expect(taskIdsOf({ taskId: 'abc' })).toEqual(['abc'])
    expect(taskIdsOf({ taskIds: ['abc', 'def'] })).toEqual(['abc', 'def'])
    const many = Array.from({ length: 501 }, () => 'abc')
    const lists = [[], [7], ['abc', ''], many, 'abc', null].map((taskIds) => ({ taskIds }))
    const tasks = ['', 7, 'x'.repeat(65), null].map((taskId) => ({ taskId }))
    for (const data of [null, undefined, 'abc', {}, ...tasks, ...lists]) expect(taskIdsOf(data)).toBeNull()
  })
})

describe('a job is made to agree with its task', () => {
  const priority = priorityOf({ priority: null })
  const pending = build()
  const ended = changed(pending, { status: 'cancelled' })
  const later = build({ runAt: now + 60_000 })

  it.each([
    ['is missing', pending, null, ['add']],
    ['waits as it should', pending, { state: 'waiting', priority }, []],
    ['has another priority', pending, { state: 'waiting', priority: 7 }, ['prioritize']],
    ['is delayed although it is due', pending, { state: 'delayed', priority }, ['promote']],
    ['is delayed as it should', later, { state: 'delayed', priority }, []],
    ['waits although it is not due', later, { state: 'waiting', priority }, ['replace']],
    ['is with a worker', pending, { state: 'active', priority: 7 }, []],
    ['has failed', pending, { state: 'failed', priority }, ['retry']],
    ['has completed', pending, { state: 'completed', priority }, ['replace']],
    ['waits while the task runs', changed(pending, { status: 'running' }), { state: 'delayed', priority }, []],
    ['waits although the task has ended', ended, { state: 'waiting', priority }, ['remove']],
    ['is with a worker although the task has ended', ended, { state: 'active', priority }, []],
    ['waits for a task that is not there', undefined, { state: 'delayed', priority }, ['remove']],
    ['is missing like its task', undefined, null, []],
  ] as const)('that %s', (_, record, job, deeds) => {
    expect(agree(record, job, now)).toEqual(deeds)
  })

  it('in few words for what BullMQ calls it', () => {
    const words = ['waiting', 'prioritized', 'paused', 'waiting-children', 'delayed', 'active', 'failed', 'unknown']
    const waiting = ['waiting', 'waiting', 'waiting', 'waiting']
    expect(words.map(stateOf)).toEqual([...waiting, 'delayed', 'active', 'failed', null])
  })
})

describe('a job that a worker is given', () => {
  const decide = (record: TaskRecord, job: object = {}, circumstances: object = {}) =>
    decideTake(
      record,
      { place: 'default', attemptsMade: 0, ...job },
      { now, isHere: false, isHeld: false, place: 'default', ...circumstances },
    )
  const pending = build()
  const running = changed(pending, { status: 'running', attempt: 1, workerId: 'w' })
  const failed = changed(running, { status: 'failed', retriesUsed: 1 })

  it('is run when its task waits, here and now', () => {
    expect(decide(pending)).toEqual({ kind: 'take' })
    expect(decide(pending, { place: 'other' })).toEqual({ kind: 'discard' })
    expect(decide(build({ runAt: now + 500 }))).toEqual({ kind: 'take' })
    expect(decide(build({ runAt: now + 5_000 }))).toEqual({ kind: 'later', at: now + 5_000 })
  })

  it('is not run beside an attempt that runs', () => {
    expect(decide(running)).toEqual({ kind: 'interrupt' })
    expect(decide(running, {}, { isHere: true })).toEqual({ kind: 'join' })
    expect(decide(running, {}, { isHeld: true })).toEqual({ kind: 'later', at: now + 1_000 })
  })

  it('is nothing when its task has ended, unless somebody retried it by hand', () => {
    expect(decide(failed, { attemptsMade: 1 })).toEqual({ kind: 'discard' })
    expect(decide(failed, { attemptsMade: 2 })).toEqual({ kind: 'retry' })
    expect(decide(changed(running, { status: 'success' }), { attemptsMade: 9 })).toEqual({ kind: 'discard' })
    expect(decide(changed(pending, { status: 'cancelled' }), { attemptsMade: 9 })).toEqual({ kind: 'discard' })
  })

  it('rests ever longer when nobody here knows its function', () => {
    const after = (waitedMs: number) => strangerPause(build(), createdAt + waitedMs)
    expect([0, 8_000, 40_000, 1e9].map(after)).toEqual([1_000, 2_000, 10_000, 15_000])
    expect(strangerPause(build({ runAt: now }), now + 8_000)).toBe(2_000)
  })

  it('is told what became of the attempt', () => {
    const told = (changes: Partial<TaskRecord>, isLast = false) => tell(running, changed(running, changes), isLast)
    const again = { status: 'pending', retriesUsed: 1, runAt: now + 9, error: 'Out of paper' } as const
    expect(tell(running, null, false)).toEqual({ kind: 'completed' })
    expect(told({ status: 'success' })).toEqual({ kind: 'completed' })
    expect(told({ status: 'failed', error: 'Out of paper' })).toEqual({ kind: 'ended', why: 'Out of paper' })
    expect(told({ status: 'cancelled' })).toEqual({ kind: 'ended', why: 'cancelled' })
    expect(told(again)).toEqual({ kind: 'failed', why: 'Out of paper', retryAt: now + 9 })
    // BullMQ would not try again; the record says so.
    expect(told(again, true)).toEqual({ kind: 'delayed', at: now + 9 })
    expect(told({ status: 'pending', runAt: now + 9 })).toEqual({ kind: 'delayed', at: now + 9 })
    expect(told({ status: 'pending', runAt: null })).toEqual({ kind: 'waiting' })
  })
})

describe('the place of a task', () => {
  const define = (options: FunctionOptions) => parseDefinition('send mail', options, () => undefined)
  const slow = { max: 1, perMs: 1_000 }
  const fast = { max: 100, perMs: 1_000 }

  it('is that of its queue, unless its function has limits', () => {
    const plain = { name: 'mail', queue: 'mail', funcName: null, concurrency: null, rateLimit: null }
    expect(placeOf(define({}), 'mail', undefined)).toEqual(plain)
    expect(placeOf(undefined, 'mail', undefined)).toEqual(plain)
    expect(placeOf(define({ concurrency: 3 }), 'mail', undefined)).toMatchObject({
      name: 'mail~send mail',
      funcName: 'send mail',
      concurrency: 3,
    })
  })

  it('has the narrower limits of both', () => {
    const definition = define({ concurrency: 3, rateLimit: { max: 100, per: '1s' } })
    const limits = { concurrency: 2, rateLimit: slow }
    expect(placeOf(definition, 'mail', limits)).toMatchObject({ concurrency: 2, rateLimit: slow })
    expect(placeOf(definition, 'mail', { concurrency: 9, rateLimit: null })).toMatchObject({
      concurrency: 3,
      rateLimit: fast,
    })
  })

  it('has a name that BullMQ takes and no other place has', () => {
    const names = ['a:b', 'a%3Ab', 'a~b', 'a%7Eb'].map((queue) => placeOf(undefined, queue, undefined).name)
    expect(names.some((name) => name.includes(':'))).toBe(false)
    expect(new Set([...names, placeOf(define({ concurrency: 1 }), 'a', undefined).name]).size).toBe(5)
  })
})

describe('a queue that is paused', () => {
  it.each([
    ['nowhere', false, false, false, true, null],
    ['on both sides', true, false, true, true, null],
    ['here alone', true, false, false, true, 'pause there'],
    ['there alone', false, false, true, true, 'pause here'],
    ['there, and resumed there', true, true, false, true, 'resume here'],
    ['but for functions with limits', true, false, true, false, 'pause there'],
    ['for functions with limits alone', false, false, false, false, 'resume there'],
  ] as const)('%s', (_, isPaused, isFromThere, isPausedThere, isAlike, deed) => {
    expect(settlePause({ isPaused, isFromThere, isPausedThere, isAlike })).toBe(deed)
  })
})

describe('options of bullmq()', () => {
  const parse = (options: Partial<BullmqOptions>) => parseBullmq({ connection: 'redis://localhost', ...options })

  it('have defaults', () => {
    expect(parse({})).toEqual({
      backend: 'redis',
      connection: 'redis://localhost',
      prefix: 'taskloom',
      globalConcurrency: new Map(),
      lockDuration: 30_000,
      sweepEvery: 15_000,
      tasksPerJob: 1,
      keepCompleted: 0,
      keepFailed: 1_000,
    })
    expect(parse({ queues: { mail: { globalConcurrency: 5 }, other: {} } }).globalConcurrency).toEqual(
      new Map([['mail', 5]]),
    )
  })

  it('say by the connection what BullMQ is over', () => {
    const backendOf = (connection: string | object) => parse({ connection }).backend
    expect(backendOf('rediss://x')).toBe('redis')
    expect(backendOf({ host: 'x' })).toBe('redis')
    expect(backendOf({ options: {}, status: 'ready', connect: () => 1, query: () => 1 })).toBe('redis')
    expect(backendOf('postgres://x')).toBe('postgres')
    expect(backendOf('postgresql://x')).toBe('postgres')
    expect(backendOf({ connectionString: 'postgres://x' })).toBe('postgres')
    expect(backendOf({ connect: () => 1, query: () => 1, options: { host: 'x' } })).toBe('postgres')
    expect(() => backendOf({ connect: () => 1, query: () => 1 })).toThrow('connection: expected')
  })

  it.each([
    ['connection', { connection: 'mysql://x' }],
    ['connection', { connection: '' }],
    ['connection', { connection: null as never }],
    ['prefix', { prefix: 'a:b' }],
    ['prefix', { prefix: '' }],
    ['queues', { queues: [] as never }],
    ['queues.mail.globalConcurrency', { queues: { mail: { globalConcurrency: 0 } } }],
    ['lockDuration', { lockDuration: 10 }],
    ['keepCompleted', { keepCompleted: -1 }],
    ['keepFailed', { keepFailed: 1.5 }],
    ['speed', { speed: 9 } as never],
  ])('name %s when it is at fault', (option, options) => {
    expect(() => parse(options)).toThrow(withCode('bad_option'))
    expect(() => parse(options)).toThrow(expect.objectContaining({ details: expect.objectContaining({ option }) }))
  })
})

describe('recent records', () => {
  it('are given once, the newest of a task', () => {
    const recent = new Recent()
    const record = build()
    const newer = changed(record, { priority: 5 })
    recent.put(record)
    recent.put(newer)
    expect(recent.take(record.taskId)).toBe(newer)
    expect(recent.take(record.taskId)).toBeUndefined()
    recent.put(record)
    recent.drop(record.taskId)
    recent.drop('unknown')
    expect(recent.take(record.taskId)).toBeUndefined()
  })

  it('are forgotten, the oldest first, where they are too many or too large', () => {
    const recent = new Recent()
    const records = Array.from({ length: 10_001 }, () => build())
    for (const record of records) recent.put(record)
    expect(recent.take(records[0]?.taskId ?? '')).toBeUndefined()
    expect(recent.take(records[1]?.taskId ?? '')).toBe(records[1])
    const large = Array.from({ length: 3 }, () => build({ args: 'x'.repeat(15 * 1_048_576) }))
    for (const record of large) recent.put(record)
    expect(recent.take(large[0]?.taskId ?? '')).toBeUndefined()
    expect(recent.take(large[2]?.taskId ?? '')).toBe(large[2])
  })
})
