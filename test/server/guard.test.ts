import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler } from '../../packages/engine/src/server/handler.ts'
import type { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { fixedNow, mount } from './mounted.ts'
import { ask, codeOf } from './request.ts'

let source: ScriptedSource
let handler: Handler

beforeEach(() => {
  ;({ source, handler } = mount())
})

describe('proof of origin', () => {
  const cancel = (headers: Record<string, string>) => ask(handler, '/nobody/cancel', { method: 'POST', headers })
  const json = { 'content-type': 'application/json' }

  it.each([
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ origin: 'http://shop.test' }],
    [{ origin: 'https://shop.test' }],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://behind-a-proxy.test' }],
    [{ 'x-requested-with': 'taskloom' }],
    [json],
  ])('is given by %j', async (headers) => {
    expect((await cancel(headers as Record<string, string>)).status).toBe(404)
  })

  it.each([
    [{}],
    [{ 'content-type': 'text/plain' }],
    [{ 'x-requested-with': 'XMLHttpRequest' }],
    [{ ...json, origin: 'https://evil.test' }],
    [{ ...json, origin: 'null' }],
    [{ ...json, origin: 'null', 'sec-fetch-site': 'same-origin' }],
    [{ ...json, 'sec-fetch-site': 'cross-site' }],
    [{ ...json, 'sec-fetch-site': 'same-site' }],
    [{ ...json, 'sec-fetch-site': 'cross-site', origin: 'http://shop.test' }],
    [{ ...json, origin: 'http://shop.test.evil.test' }],
    [{ ...json, origin: 'http://evilshop.test' }],
    [{ ...json, origin: 'http://shop.test:8080' }],
    [{ ...json, origin: 'http://shop.test/path' }],
    [{ ...json, origin: 'http://user@shop.test' }],
    [{ ...json, origin: 'shop.test' }],
  ])('is not given by %j', async (headers) => {
    expect(await codeOf(cancel(headers as Record<string, string>))).toBe('403 cross_origin')
    expect(source.acts).toEqual([])
  })

  it('is asked of live streams, too', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    expect(await codeOf(ask(handler, '/stream', { headers }))).toBe('403 cross_origin')
  })
})

describe('bodies', () => {
  const send = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') =>
    ask(handler, '/nobody/cancel', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': type },
      body,
    })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/json, text/plain'])(
    'of %s are refused',
    async (type) => expect(await codeOf(send('{}', type))).toBe('415 unsupported_media_type'),
  )

  it.each(['Application/JSON; charset=utf-8', 'application/json;charset="UTF-8"'])('of %s are read', async (type) => {
    expect(await codeOf(send('{}', type))).toBe('404 unknown_task')
  })

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['null', 'null'],
    ['a key twice', '{"reason":"a","reason":"b"}'],
    ['a key twice, once escaped', '{"reason":"a","\\u0072eason":"b"}'],
    ['a key twice deep inside', '{"x":[{"a":1,"b":{"a":1},"a":2}]}'],
    ['a wrong type', '{"reason":5}'],
    ['a NUL', '{"reason":"\\u0000"}'],
    ['a long reason', JSON.stringify({ reason: 'x'.repeat(1_001) })],
    ['deep nesting', `{"x":${'['.repeat(64)}${']'.repeat(64)}}`],
  ])('with %s are refused', async (_, body) => expect(await codeOf(send(body))).toBe('400 bad_body'))

  it('may be as deep as sixty-four, repeat keys in different objects and hold brackets in strings', async () => {
    for (const body of [
      `{"x":${'['.repeat(63)}${']'.repeat(63)}}`,
      '{"a":{"a":1},"b":[{"a":1},{"a":1}]}',
      JSON.stringify({ x: '[{"'.repeat(100) }),
    ]) {
      expect(await codeOf(send(body))).toBe('404 unknown_task')
    }
  })

  it('that are not UTF-8 are refused', async () => {
    expect(await codeOf(send(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('400 bad_body')
  })

  it('of more than a mebibyte are refused, whether they say so or not', async () => {
    const large = JSON.stringify({ reason: 'x'.repeat(1024 * 1024) })
    expect(await codeOf(send(large))).toBe('413 payload_too_large')
    const hostile = `"${'\\"'.repeat(500_000)}`
    expect(await codeOf(send(hostile))).toBe('400 bad_body')
  })

  it('that do not arrive are not waited for', async () => {
    const deadlines: (() => void)[] = []
    const impatient = createHandler(source, {
      clock: {
        now: () => fixedNow,
        after(_, callback) {
          deadlines.push(callback)
          return () => undefined
        },
      },
    })
    const body = new ReadableStream<Uint8Array>()
    const headers = { 'sec-fetch-site': 'same-origin' }
    const init = { method: 'POST', headers, body, duplex: 'half' as const }
    const answer = impatient(new Request('http://h/tasks/x/cancel', init), { basePath: '/tasks' })
    await expect.poll(() => deadlines).toHaveLength(1)
    deadlines[0]?.()
    expect(await codeOf(answer)).toBe('400 bad_body')
  })
})
