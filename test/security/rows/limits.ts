import { createConnection } from 'node:net'
import { expect } from 'vitest'
import { codeOf, proof, type House } from '../house.ts'
import { millionTasks } from '../million.ts'
import type { Row } from './row.ts'

async function post(house: House, body: string, headers: Record<string, string> = {}) {
  const session = await house.signIn()
  return house.ask('/nobody/cancel', { method: 'POST', headers: { ...session, ...proof, ...headers }, body })
}

/** Section 3.7: what one caller may cost. */
export const limitRows: readonly Row[] = [
  {
    id: 'A46',
    title: 'bodies are bounded before they are read',
    async show(house) {
      const large = JSON.stringify({ reason: 'x'.repeat(2 * 1024 * 1024) })
      expect(codeOf(await post(house, large))).toBe('413 payload_too_large')
      const ids = JSON.stringify({ task_ids: Array.from({ length: 1_001 }, (_, index) => String(index)) })
      const session = await house.signIn()
      const many = { method: 'POST', headers: { ...session, ...proof }, body: ids }
      expect(codeOf(await house.ask('/bulk-retry', many))).toBe('400 bad_body')
      expect(codeOf(await post(house, '{}', { 'content-encoding': 'gzip' }))).toBe('415 unsupported_media_type')
      const head = [
        'POST /tasks/nobody/cancel HTTP/1.1',
        'host: shop.test',
        `cookie: ${session.cookie}`,
        'sec-fetch-site: same-origin',
        'content-type: application/json',
        'connection: close',
      ]
      const chunk = `40000\r\n${'x'.repeat(0x40000)}\r\n`
      const chunked = [...head, 'transfer-encoding: chunked', '', ''].join('\r\n') + chunk.repeat(8) + '0\r\n\r\n'
      expect(await house.raw(chunked)).toMatch(/^HTTP\/1\.1 413 [^]*payload_too_large/)
      const expecting = [...head, 'expect: 100-continue', 'content-length: 9999999', '', ''].join('\r\n')
      expect(await house.raw(expecting)).toMatch(/HTTP\/1\.1 413 [^]*payload_too_large/)
    },
  },
  {
    id: 'A47',
    title: 'deep JSON is refused',
    async show(house) {
      for (const depth of [65, 100_000]) {
        const body = `{"reason":${'['.repeat(depth)}${']'.repeat(depth)}}`
        expect(codeOf(await post(house, body))).toBe('400 bad_body')
      }
    },
  },
  {
    id: 'A48',
    title: 'odd JSON has one answer everywhere',
    async show(house) {
      const odd = [
        '{"reason":"a\\u0000"}',
        '{"reason":"a","reason":"b"}',
        '{"reason":1e999}',
        '{} x',
        'null',
        '[]',
        '"x"',
        '{"reason":5}',
        '{',
        '[',
      ]
      for (const body of odd) expect((await post(house, body)).status, body).toBe(400)
      for (const body of ['{"extra":-0}', '{"extra":12345678901234567890}', '', '\ufeff{}', '{"reason":"\\ud800"}']) {
        expect((await post(house, body)).status, body).toBe(404)
      }
      const session = await house.signIn()
      const bytes = [
        'POST /tasks/nobody/cancel HTTP/1.1',
        'host: shop.test',
        `cookie: ${session.cookie}`,
        'sec-fetch-site: same-origin',
        'content-type: application/json',
        'connection: close',
        'content-length: 14',
        '',
        '{"reason":"\xff"}',
      ]
      expect(await house.raw(bytes.join('\r\n'))).toMatch(/^HTTP\/1\.1 400 [^]*bad_body/)
    },
  },
  {
    id: 'A49',
    title: 'callers who send a byte now and then hold nobody up',
    async show(house) {
      const { port } = new URL(house.origins[0] ?? '')
      const slow = Array.from({ length: 500 }, () => createConnection(Number(port), '127.0.0.1'))
      try {
        for (const socket of slow) {
          socket.on('error', () => undefined)
          socket.write('POST /tasks/nobody/cancel HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 100\r\nx-slow: ')
        }
        const session = await house.signIn()
        const times: number[] = []
        for (let count = 0; count < 100; count += 1) {
          const begun = performance.now()
          expect((await house.askOne('/metrics', { headers: session })).status).toBe(200)
          times.push(performance.now() - begun)
        }
        // Against the same answers without them, not against a clock: machines differ.
        for (const socket of slow) socket.destroy()
        const alone: number[] = []
        for (let count = 0; count < 100; count += 1) {
          const begun = performance.now()
          await house.askOne('/metrics', { headers: session })
          alone.push(performance.now() - begun)
        }
        expect(median(times)).toBeLessThan(10 * median(alone) + 20)
      } finally {
        for (const socket of slow) socket.destroy()
      }
    },
  },
  {
    id: 'A50',
    title: 'dear questions are bounded',
    show: () => millionTasks(),
  },
]

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
