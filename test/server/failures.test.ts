import { beforeEach, describe, expect, it } from 'vitest'
import { TaskError } from '../../packages/engine/src/core/errors.ts'
import { createHandler, type Handler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import type { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { mount, type Mounted } from './mounted.ts'
import { ask, codeOf } from './request.ts'

let source: ScriptedSource
let handler: Handler
let errors: unknown[]
let open: Mounted['open']

beforeEach(() => {
  ;({ source, handler, errors, open } = mount())
})

describe('failures', () => {
  it('of the source say nothing but an id, which the host hears, too', async () => {
    const secret = new Error('password=hunter2 at /srv/app.ts')
    source.fail('list', secret)
    const response = await ask(handler, '')
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).toMatch(/"extra":\{"id":"[0-9a-f-]{36}"\}/)
    expect(text).not.toContain('hunter2')
    expect(errors).toEqual([secret])
  })

  it.each([
    [undefined],
    [null],
    ['text'],
    [new Proxy({}, {})],
    [Object.assign(new Error('x'), { name: 'TaskError', code: 'constructor' })],
  ])('may be anything: %s', async (thrown) => {
    source.fail('list', thrown)
    expect(await codeOf(ask(handler, ''))).toBe('500 internal')
  })

  it('of the store are temporary', async () => {
    source.fail('health', new TaskError('store_failed', { message: 'SQLITE_IOERR in /data/tasks.db' }))
    const response = await ask(handler, '/health')
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.clone().text()).not.toContain('/data')
    expect(await codeOf(response)).toBe('503 unavailable')
  })

  it('of the listener do no harm', async () => {
    source.fail('list', new Error('x'))
    const fragile = open({
      onError: () => {
        throw new Error('listener')
      },
    })
    expect((await ask(fragile, '')).status).toBe(500)
  })
})

describe('options', () => {
  it.each([
    [{ wirte: false }],
    [{ write: 'no' }],
    [{ title: 5 }],
    [{ title: 'x'.repeat(201) }],
    [{ onError: 'log' }],
    [{ __proto__x: 1 }],
  ])('%j are refused', (options) => {
    expect(() => createHandler(source, options as HandlerOptions)).toThrowError(
      expect.objectContaining({ name: 'TaskError', code: 'bad_option' }) as Error,
    )
  })
})
