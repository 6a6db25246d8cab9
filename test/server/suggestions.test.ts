import { TaskManager } from '@taskloom/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { mount } from './mounted.ts'
import { ask, codeOf, readJson } from './request.ts'

let tasks: TaskManager
const handlers: Handler[] = []

const users: Record<string, object> = {
  mailer: { name: 'mailer', role: 'admin', queues: ['mail'] },
  acme: { name: 'acme', role: 'viewer', tags: { customer: 'acme' } },
  boss: { name: 'boss', role: 'admin' },
}

beforeEach(async () => {
  tasks = new TaskManager()
  tasks.define('send_mail', { queue: 'mail', redact: ['hidden'] }, (_order: unknown) => {
    throw new Error('refused by the other side')
  })
  tasks.define('send_bill', { queue: 'billing' }, (..._order: unknown[]) => null)
  tasks.define('never_run', () => null)
  await tasks.start()
  await tasks.enqueue('send_mail', [{ user: { id: 42, plan: 'pro' }, password: 'p1', hidden: 'h1' }], {
    tags: { customer: 'acme', env: 'prod' },
    user: 'Ann',
  })
  await tasks.enqueue('send_bill', ['A-17', { user: { id: 7 }, 'odd key': 1 }], { tags: { customer: 'beta' } })
  await tasks.enqueue('send_bill', ['A-18', { user: { id: 42 } }], { tags: { customer: 'beta', token: 't-secret' } })
  await tasks.idle()
})
afterEach(async () => {
  for (const handler of handlers.splice(0)) handler.close()
  await tasks.shutdown()
})

function open(options: HandlerOptions = {}): Handler {
  const handler = createHandler(tasks.source, {
    auth: (request: Request) => (users[request.headers.get('x-user') ?? ''] ?? null) as never,
    ...options,
  })
  handlers.push(handler)
  return handler
}

interface Answer {
  readonly values: readonly { readonly text: string; readonly count: number }[]
  readonly truncated: boolean
  readonly sampled: number | null
}

async function suggest(query: string, { user = 'boss', displayArgs = true } = {}): Promise<Answer> {
  const response = await ask(open({ displayArgs }), `/suggestions?${query}`, { headers: { 'x-user': user } })
  return (await readJson(response)) as unknown as Answer
}

async function texts(query: string, user?: string): Promise<readonly string[]> {
  const { values } = await suggest(query, user === undefined ? {} : { user })
  return values.map(({ text }) => text)
}

describe('GET suggestions', () => {
  it('tells functions and queues with all of their tasks', async () => {
    expect(await suggest('field=func')).toEqual({
      field: 'func',
      values: [
        { text: 'send_bill', count: 2 },
        { text: 'send_mail', count: 1 },
      ],
      truncated: false,
      sampled: null,
    })
    expect(await texts('field=queue')).toEqual(['billing', 'mail'])
  })

  it('puts what begins with the prefix before what holds it, in either case', async () => {
    expect(await texts('field=func&prefix=SEND_M')).toEqual(['send_mail'])
    expect(await texts('field=func&prefix=bill')).toEqual(['send_bill'])
    expect(await texts('field=queue&prefix=il')).toEqual(['billing', 'mail'])
    expect(await texts('field=queue&prefix=nothing')).toEqual([])
    const one = await suggest('field=func&limit=1')
    expect(one).toMatchObject({ values: [{ text: 'send_bill', count: 2 }], truncated: true })
  })

  it('tells tags, users, processes and errors of the newest tasks', async () => {
    expect(await suggest('field=tag')).toMatchObject({
      values: [
        { text: 'customer', count: 3 },
        { text: 'env', count: 1 },
        { text: 'token', count: 1 },
      ],
      sampled: 3,
    })
    expect((await suggest('field=tag.customer')).values).toEqual([
      { text: 'beta', count: 2 },
      { text: 'acme', count: 1 },
    ])
    expect(await texts('field=user')).toEqual(['Ann'])
    expect(await texts('field=worker')).toHaveLength(1)
    expect(await texts('field=error&prefix=refused')).toEqual(['refused by the other side'])
  })

  it('tells paths and values of arguments as a search understands them', async () => {
    expect(await texts('field=args')).toEqual(['user.id', '0', 'user.plan'])
    expect((await suggest('field=args.user.id')).values).toEqual([
      { text: '42', count: 2 },
      { text: '7', count: 1 },
    ])
    for (const text of await texts('field=args.0')) {
      const found = await readJson(await ask(open({ displayArgs: true }), `?q=args.0:${text}`, boss))
      expect(found['total'], text).toBe(1)
    }
  })

  it('never tells what is masked', async () => {
    expect(await texts('field=tag.token')).toEqual([])
    const paths = await texts('field=args')
    expect(paths).not.toContain('password')
    expect(paths).not.toContain('hidden')
    expect(await texts('field=args.hidden')).toEqual([])
    expect(await codeOf(ask(open({ displayArgs: true }), '/suggestions?field=args.password', boss))).toBe(
      '400 bad_query',
    )
  })

  it('tells nothing of arguments that are not shown', async () => {
    for (const displayArgs of [false, () => 'something']) {
      for (const field of ['args', 'args.user.id']) {
        expect(await codeOf(ask(open({ displayArgs }), `/suggestions?field=${field}`, boss))).toBe('400 bad_query')
      }
    }
  })

  it('tells each caller of the tasks that he sees', async () => {
    expect(await texts('field=func', 'mailer')).toEqual(['send_mail'])
    expect(await texts('field=queue', 'mailer')).toEqual(['mail'])
    expect(await texts('field=tag.customer', 'mailer')).toEqual(['acme'])
    expect(await texts('field=args.user.id', 'mailer')).toEqual(['42'])
    expect(await texts('field=func', 'acme')).toEqual(['send_mail'])
    expect(await texts('field=tag.customer', 'acme')).toEqual(['acme'])
    expect(await texts('field=args.0', 'acme')).toEqual([])
    expect(await texts('field=queue', 'acme')).toEqual(['mail'])
  })

  it.each([
    '',
    'field=',
    'field=nothing',
    'field=tag.',
    'field=args.a..b',
    'field=args.',
    'field=func.x',
    'field=queue&limit=21',
  ])('refuses %s', async (query) => {
    expect(await codeOf(ask(open({ displayArgs: true }), `/suggestions?${query}`, boss))).toBe('400 bad_query')
  })

  it('is answered by a source that has nothing but tasks', async () => {
    const { source, open: openScripted } = mount()
    await source.add({ tags: { env: 'prod' } })
    const handler = openScripted({ displayArgs: true })
    const found = await readJson(await ask(handler, '/suggestions?field=tag.env'))
    expect(found).toMatchObject({ values: [{ text: 'prod', count: 1 }], sampled: 1 })
    expect(await codeOf(ask(handler, '/suggestions?field=args'))).toBe('501 unsupported')
  })
})

const boss = { headers: { 'x-user': 'boss' } }
