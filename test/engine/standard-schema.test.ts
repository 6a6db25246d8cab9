import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite, type SchemaResult, type StandardSchema, type TaskError } from '@taskloom/engine'
import { afterAll, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-schema-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const act = { actor: 'ann', reason: null }

function schemaOf(validate: (value: unknown) => SchemaResult | Promise<SchemaResult>): StandardSchema {
  return { '~standard': { version: 1, vendor: 'by hand', validate } }
}

/** One argument with an address, which is trimmed; copies are 1 where they are not said. */
const mail = schemaOf((value) => {
  const [order = {}] = value as [{ email?: unknown; copies?: unknown }?]
  const { email, copies = 1 } = order
  const issues = [
    ...(typeof email === 'string' && email.includes('@') ? [] : [{ message: 'Not an address', path: [0, 'email'] }]),
    ...(typeof copies === 'number' ? [] : [{ message: 'Not a number', path: [{ key: 0 }, { key: 'copies' }] }]),
  ]
  return issues.length > 0 ? { issues } : { value: [{ email: (email as string).trim(), copies }] }
})
const later = schemaOf(async (value) => mail['~standard'].validate(value))

async function refusalOf(promise: Promise<unknown>): Promise<TaskError> {
  return promise.then(
    () => Promise.reject(new Error('It was not refused')),
    (error: unknown) => error as TaskError,
  )
}

describe.each([
  ['at once', mail],
  ['later', later],
])('a schema that answers %s', (_name, args) => {
  it('stores what the schema makes of the arguments', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ returns: null }])
    const send = tasks.define('send', { args }, work.run as (order: { email: string; copies?: number }) => unknown)
    await tasks.start()
    const { id } = await send.enqueue({ email: ' a@b.c ' })
    const [many] = await tasks.enqueueMany([{ name: 'send', args: [{ email: 'd@e.f', copies: 2 }] }])
    await Promise.all([tasks.wait(id), tasks.wait(many!.id)])
    expect(work.calls).toEqual([[{ email: 'a@b.c', copies: 1 }], [{ email: 'd@e.f', copies: 2 }]])
    expect((await tasks.get(id))?.args).toBe('[{"email":"a@b.c","copies":1}]')
    // @ts-expect-error the types are still those of the function
    const wrong = () => send.enqueue({ email: 5 })
    expect(wrong).toBeTypeOf('function')
  })

  it('refuses with every issue, and stores nothing', async () => {
    const tasks = openManager()
    tasks.define('send', { args }, () => null)
    await tasks.start()
    const bad = [{ email: 'nobody', copies: 'many' }]
    const single = await refusalOf(tasks.enqueue('send', bad))
    expect(single).toMatchObject({
      code: 'bad_argument',
      details: {
        funcName: 'send',
        issues: [
          { path: '[0].email', message: 'Not an address' },
          { path: '[0].copies', message: 'Not a number' },
        ],
      },
    })
    expect(single.message).toBe(
      'The arguments of send do not fit its schema: [0].email: Not an address; [0].copies: Not a number',
    )
    const many = tasks.enqueueMany([{ name: 'send', args: bad }])
    expect(await refusalOf(many)).toEqual(withCode('bad_argument'))
    await tasks.idle()
    expect((await tasks.list()).total).toBe(0)
  })

  it('is asked for schedules, by slot, at startup and by hand', async () => {
    const clock = createFakeClock(Date.UTC(2026, 0, 1))
    const tasks = openManager({ clock })
    const seen: unknown[][] = []
    const filled = schemaOf((value) => {
      const answer = { value: [...(value as unknown[]), 'default'] }
      return args === later ? Promise.resolve(answer) : answer
    })
    tasks.schedule('tick', { every: '1m', args: filled, runOnStartup: true }, (...given: unknown[]) => seen.push(given))
    await tasks.start()
    await clock.advance(60_000)
    await tasks.wait((await tasks.source.runSchedule('tick', act)).taskId)
    expect(seen).toEqual([['default'], ['default'], ['default']])
  })
})

it('counts slots whose arguments are refused as missed, and goes on', async () => {
  const clock = createFakeClock(Date.UTC(2026, 0, 1))
  const tasks = openManager({ clock })
  const faults: string[] = []
  tasks.on('error', ({ during }) => faults.push(during))
  tasks.schedule('tick', { every: '1m', args: mail }, () => null)
  await tasks.start()
  await clock.advance(3 * 60_000)
  expect(await tasks.source.schedules()).toMatchObject([{ missed: 3, lastTaskId: null }])
  expect(faults).toEqual(['the schedule tick', 'the schedule tick', 'the schedule tick'])
  await expect(tasks.source.runSchedule('tick', act)).rejects.toEqual(withCode('bad_argument'))
})

it('is not asked again for a retry, which repeats what was stored', async () => {
  const store = () => sqlite(join(folder, 'retry.db'))
  let asked = 0
  const number = schemaOf((value) => {
    asked += 1
    const [text] = value as [unknown]
    return typeof text === 'string' ? { value: [Number(text) + 1] } : { issues: [{ message: 'Not a text' }] }
  })
  const first = openManager({ store: store() })
  first.define('work', { args: number }, () => {
    throw new Error('no')
  })
  await first.start()
  const { id } = await first.enqueue('work', ['1'])
  await first.wait(id)
  const again = await first.retry(id)
  await first.wait(again.taskId)
  await first.shutdown()

  const second = openManager({ store: store() })
  const work = scriptedTask([{ returns: null }])
  second.define('work', { args: number }, work.run)
  await second.start()
  const bulk = await second.source.bulkRetry([id, again.taskId], { again: true }, act)
  expect(bulk.dispatched).toBe(2)
  await second.idle()
  expect(work.calls).toEqual([[2], [2]])
  expect(asked).toBe(1)
})

describe('a schema that is broken', () => {
  it.each([
    ['throws', () => { throw new Error('broken') }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['gives nothing', () => undefined],
    ['gives no list', () => ({ value: 'text' })],
    ['gives issues that are none', () => ({ issues: [null, 5] })],
    ['gives no issue', () => ({ issues: [] })],
  ])('refuses the arguments when it %s', async (_name, validate) => {
    const tasks = openManager()
    tasks.define('work', { args: schemaOf(validate as never) }, () => null)
    await expect(tasks.enqueue('work')).rejects.toEqual(withCode('bad_argument'))
  })

  it('is told of in bounded words', async () => {
    const tasks = openManager()
    const issues = Array.from({ length: 5_000 }, (_, at) => ({ message: 'x'.repeat(5_000), path: [0, `k${at}`] }))
    tasks.define('work', { args: schemaOf(() => ({ issues })) }, () => null)
    const error = await refusalOf(tasks.enqueue('work'))
    expect(error.message.length).toBeLessThanOrEqual(1_000)
    expect(error.details['issues']).toHaveLength(20)
    expect(JSON.stringify(error.details).length).toBeLessThan(20_000)
  })

  it.each([[5], [null], [{}], [{ '~standard': { version: 2, validate: () => 1 } }], [{ '~standard': { version: 1 } }]])(
    'or none at all is refused at the definition: %o',
    (args) => {
      expect(() => openManager().define('work', { args: args as never }, () => 1)).toThrow(/^args: /)
    },
  )
})
