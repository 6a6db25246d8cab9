import { memory } from '@taskloom/engine'
import { beforeEach, describe, expect, it } from 'vitest'
import { redact } from '../../packages/engine/src/core/redact.ts'
import { createHandler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { openManager, withCode } from './open-manager.ts'

const order = { user: { name: 'Ann', password: 'canary' }, cards: [{ number: 'canary', month: 5 }], token: 'canary' }

describe('a path', () => {
  it('is looked for in any argument', () => {
    const args = [{ user: { password: 'x', name: 'Ann' } }, 7, { user: { password: ['y'] } }]
    expect(redact(args, ['user.password'])).toEqual([
      { user: { password: '<redacted>', name: 'Ann' } },
      7,
      { user: { password: '<redacted>' } },
    ])
  })

  it('with a number first is that argument', () => {
    expect(redact([{ token: 'x' }, { token: 'y' }], ['0.token'])).toEqual([{ token: '<redacted>' }, { token: 'y' }])
    expect(redact(['x', 'y'], ['1'])).toEqual(['x', '<redacted>'])
  })

  it('steps over anything with a star', () => {
    expect(redact([[{ n: 1 }, { n: 2 }], { a: { n: 3 } }], ['*.n'])).toEqual([
      [{ n: '<redacted>' }, { n: '<redacted>' }],
      { a: { n: '<redacted>' } },
    ])
    expect(redact([1, { a: 1 }], ['*'])).toEqual(['<redacted>', '<redacted>'])
  })

  it('hides a whole branch, and nothing where there is nothing', () => {
    expect(redact([{ user: { a: 1 } }, null], ['user'])).toEqual([{ user: '<redacted>' }, null])
    expect(redact([{ user: 'Ann' }], ['user.password', 'toString', '__proto__.x'])).toEqual([{ user: 'Ann' }])
    expect(redact([JSON.parse('{"__proto__":{"x":1}}')], ['__proto__.x'])).toEqual([
      JSON.parse('{"__proto__":{"x":"<redacted>"}}'),
    ])
  })

  it.each([['user'], ['a..b'], [''], [7], ['a\0b']])('is refused when it is none: %j', (paths) => {
    const given = paths === 'user' ? paths : [paths]
    const define = () => openManager().define('pay', { redact: given as string[] }, () => undefined)
    expect(define).toThrow(withCode('bad_option'))
  })
})

describe('redacted arguments', () => {
  let tasks: ReturnType<typeof openManager>
  let id: string

  beforeEach(async () => {
    tasks = openManager()
    tasks.define('pay', { redact: ['user.password', 'cards.*.number', 'token'] }, (_order: unknown) => undefined)
    await tasks.start()
    id = (await tasks.enqueue('pay', [order])).id
    await tasks.wait(id)
  })

  it('are shown redacted, also those that are no plain JSON', async () => {
    const shown = {
      user: { name: 'Ann', password: '<redacted>' },
      cards: [{ number: '<redacted>', month: 5 }],
      token: '<redacted>',
    }
    expect(await read(`/${id}`, { displayArgs: true })).toMatchObject({ args: [shown] })
    const rich = await tasks.enqueue('pay', [new Map([['token', new Date()]]), { user: { password: new Set([1n]) } }])
    expect(await read(`/${rich.id}`, { displayArgs: true })).toMatchObject({
      args: [{ token: '<redacted>' }, { user: { password: '<redacted>' } }],
    })
  })

  it('stay redacted in a process that does not define the function', async () => {
    const store = memory()
    const writer = openManager({ store })
    writer.define('pay', { redact: ['token'] }, (_order: unknown) => undefined)
    const { id: foreign } = await writer.enqueue('pay', [order])
    expect(await openManager({ store }).source.detail(foreign)).toMatchObject({ args: [{ token: '<redacted>' }] })
  })

  it('are what a function for display gets; what it returns is shown', async () => {
    const seen: unknown[] = []
    const displayArgs: HandlerOptions['displayArgs'] = (task) => {
      seen.push(task.args)
      return { for: task.funcName, at: new Date(0) }
    }
    expect(await read(`/${id}`, { displayArgs })).toMatchObject({
      args: { for: 'pay', at: '1970-01-01T00:00:00.000Z' },
    })
    expect(JSON.stringify(seen)).not.toContain('canary')
    expect(await read(`/${id}`, { displayArgs: () => undefined })).not.toHaveProperty('args')
    const errors: unknown[] = []
    const failing: HandlerOptions = {
      displayArgs: () => {
        throw new Error('no')
      },
      onError: (error) => errors.push(error),
    }
    expect(await read(`/${id}`, failing)).not.toHaveProperty('args')
    expect(errors).toHaveLength(1)
  })

  it('are not found by a search; without displayArgs nothing is', async () => {
    const total = async (query: string) =>
      ((await read(`?q=${query}`, { displayArgs: true, redact: false })) as { total: number }).total
    expect(await total('args.user.name:Ann')).toBe(1)
    expect(await total('args.user.password:canary')).toBe(0)
    for (const options of [{}, { displayArgs: () => null }]) {
      for (const path of ['', '/metrics', '/types', '/timeline', '/stream']) {
        const answer = await read(`${path}?q=-args.user.name:Ann`, options)
        expect(answer, path).toMatchObject({
          code: 'bad_query',
          parameter: 'q',
          detail: 'Arguments are not shown here and cannot be searched',
        })
      }
    }
  })

  it('tells the dashboard whether there are arguments to see', async () => {
    expect(await read('/capabilities', {})).toMatchObject({ display_args: false })
    expect(await read('/capabilities', { displayArgs: () => null })).toMatchObject({ display_args: true })
  })

  async function read(target: string, options: HandlerOptions): Promise<unknown> {
    const handler = createHandler(tasks.source, options)
    const response = await handler(new Request(`http://host${target}`), { basePath: '' })
    handler.close()
    return JSON.parse(await response.text()) as unknown
  }
})
