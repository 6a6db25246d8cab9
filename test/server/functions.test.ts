import { memory, TaskManager, type StandardSchema } from '@taskloom/engine'
import { createFakeClock } from '@taskloom/testkit'
import { functionDetail } from '@taskloom/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler } from '../../packages/engine/src/server/handler.ts'
import { mount } from './mounted.ts'
import { ask, codeOf, readJson } from './request.ts'

const clock = createFakeClock()
let tasks: TaskManager
let handler: Handler

beforeEach(async () => {
  tasks = new TaskManager({ clock, maxPending: 900 })
  handler = createHandler(tasks.source, { clock })
  await tasks.start()
})
afterEach(async () => {
  handler.close()
  await tasks.shutdown({ timeoutMs: 0 })
})

const form = { type: 'array', prefixItems: [{ type: 'object', properties: { email: { type: 'string' } } }] }
const accepts = (value: unknown) => ({ value })

function schemaWith(more: object, standard: object = {}): StandardSchema {
  return { '~standard': { version: 1, vendor: 'by hand', validate: accepts, ...standard }, ...more }
}

async function schemaOf(args: StandardSchema): Promise<unknown> {
  tasks.define('f', { args }, () => null)
  return (await readJson(await ask(handler, '/functions/f')))['args_schema']
}

describe('GET functions/{name}', () => {
  it('tells all that a function was defined with', async () => {
    tasks.define(
      'send',
      {
        queue: 'mail',
        description: 'Sends a mail',
        argsSchema: form,
        rateLimit: { max: 5, per: '2s' },
        retries: 3,
        retryIf: () => true,
        maxInterruptions: 7,
        redact: ['email'],
      },
      () => null,
    )
    const answer = await readJson(await ask(handler, '/functions/send'))
    expect(answer).toMatchObject({
      func_name: 'send',
      queue: 'mail',
      description: 'Sends a mail',
      args_schema: form,
      rate_limit: { max: 5, per: 2 },
      max_pending: 900,
      max_interruptions: 7,
      has_retry_if: true,
      has_retry_policy: false,
      checks_args: false,
      has_args_schema: true,
      redact: ['email'],
      stats: { total: 0 },
    })
    expect(Object.keys(answer).sort()).toEqual(Object.keys(functionDetail.schema['properties'] as object).sort())
    const [entry] = (await (await ask(handler, '/functions')).json()) as Record<string, unknown>[]
    const { args_schema: schema, ...rest } = answer
    expect(schema).toEqual(form)
    expect(entry).toEqual(rest)
  })

  it('answers 404 for a function that is not defined', async () => {
    expect(await codeOf(ask(handler, '/functions/nothing'))).toBe('404 not_found')
    const scripted = mount().handler
    expect(await codeOf(ask(scripted, '/functions/nothing'))).toBe('404 not_found')
    expect(await readJson(await ask(scripted, '/functions/work'))).toMatchObject({
      func_name: 'work',
      args_schema: null,
    })
  })

  it('hides functions of other queues from callers who see some', async () => {
    tasks.define('mine', { queue: 'mail' }, () => null)
    tasks.define('theirs', { queue: 'other' }, () => null)
    await tasks.enqueue('mine', [], { tags: { customer: 'x' }, delay: '1h' })
    const limited = createHandler(tasks.source, {
      clock,
      auth: () => ({ name: 'ann', role: 'viewer', queues: ['mail'], tags: { customer: 'none' } }) as never,
    })
    expect(await readJson(await ask(limited, '/functions/mine'))).toMatchObject({ stats: { total: 0 } })
    expect(await codeOf(ask(limited, '/functions/theirs'))).toBe('404 not_found')
    limited.close()
  })

  it('flags a function that only some processes define', async () => {
    const store = memory()
    const [first, second] = [1, 2].map(() => new TaskManager({ clock, store })) as [TaskManager, TaskManager]
    for (const one of [first, second]) one.define('shared', () => null)
    first.define('mine', () => null)
    await Promise.all([first.start(), second.start()])
    const [shared, mine] = await first.source.functions()
    expect(shared).toMatchObject({ funcName: 'shared', registeredIn: 2, liveWorkers: 2, drift: false })
    expect(mine).toMatchObject({ funcName: 'mine', registeredIn: 1, liveWorkers: 2, drift: true })
    await Promise.all([first.shutdown(), second.shutdown()])
  })
})

describe('the schema of the arguments', () => {
  it('is what a Standard JSON Schema writes of its input', async () => {
    const targets: string[] = []
    const input = ({ target }: { target: string }) => {
      targets.push(target)
      return form
    }
    expect(await schemaOf(schemaWith({}, { jsonSchema: { input, output: () => ({ type: 'null' }) } }))).toEqual(form)
    expect(targets).toEqual(['draft-2020-12'])
  })

  it.each(['toJSONSchema', 'toJsonSchema'])('is what %s() gives', async (method) => {
    expect(await schemaOf(schemaWith({ [method]: () => form }))).toEqual(form)
  })

  it.each([
    ['throws', () => JSON.parse('{')],
    ['is a list', () => [form]],
    ['is too long', () => ({ description: 'x'.repeat(70_000) })],
    ['is no data', () => ({ type: 1n })],
    ['is nothing', () => undefined],
  ])('is null where what is written %s', async (_name, toJSONSchema) => {
    expect(await schemaOf(schemaWith({ toJSONSchema }))).toBeNull()
  })

  it('is the given one before any that is written', async () => {
    tasks.define('f', { args: schemaWith({ toJSONSchema: () => ({ type: 'null' }) }), argsSchema: form }, () => null)
    expect(await readJson(await ask(handler, '/functions/f'))).toMatchObject({ args_schema: form, checks_args: true })
  })

  it.each([
    ['a text', 'x'],
    ['a list', []],
    ['too long', { a: 'x'.repeat(70_000) }],
    ['no data', { a: 1n }],
  ])('is refused as an option when it is %s', (_name, argsSchema) => {
    expect(() => tasks.define('f', { argsSchema: argsSchema as never }, () => null)).toThrow(
      expect.objectContaining({ code: 'bad_option', details: expect.objectContaining({ option: 'argsSchema' }) }),
    )
  })
})
