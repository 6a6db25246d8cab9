import fc from 'fast-check'
import { routes, type Route } from '@taskloom/protocol'
import type { Ask } from './request.ts'

const table = Object.values(routes) as readonly Route[]
const oddTexts = [
  '',
  ' ',
  '0',
  '-1',
  '1',
  '5',
  '1e9',
  'NaN',
  'Infinity',
  '0x10',
  '9007199254740993',
  '99999999999999999d',
  '7d',
  '6h',
  '15m',
  'all',
  'true',
  'created_at',
  'desc',
  'failed',
  'key:value',
  '__proto__:x',
  '../..',
  '%00',
  '\0',
  '\u202e',
  '😀',
  '\ud800',
  "' OR 1=1--",
  '%',
  '_',
  '\\',
  '*',
  '[a-',
  '"',
  'args.x:1',
  '-',
  '-func:x',
  'tag.:x',
  'error:"',
  'day',
  'hour',
  '2026-01-05T12:00:00Z',
  '9999-12-31',
  '275761-01-01',
  '1969-01-01',
  'x'.repeat(600),
  'WzEsbnVsbCwieCJd',
  'WzEsMWU5OTksIngiXQ',
]
const oddText = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...oddTexts) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
)
const parameters = [...new Set(table.flatMap(({ query }) => query))]
const oddSegment = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%2f',
    '%5c',
    '%zz',
    '%',
    'constructor',
    '__proto__',
    '',
    '%c3%28',
    'nobody',
    'retry',
    'history',
  ),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
)
const query = fc.array(fc.tuple(fc.constantFrom(...parameters, '__proto__', 'page'), oddText), { maxLength: 4 })
const body = fc.oneof(
  fc.constant(undefined),
  fc.json(),
  fc.constantFrom(
    '{"task_ids":["x",5]}',
    '{"task_ids":["\\u0000"]}',
    '{"reason":null}',
    '{"__proto__":{"a":1}}',
    '[',
    '\ufeff{}',
  ),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => new Uint8Array(bytes)),
)
const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-16', ''),
    'sec-fetch-site': fc.constantFrom('same-origin', 'same-origin', 'same-origin', 'none', 'cross-site', 'odd'),
    origin: fc.constantFrom('http://shop.test', 'http://shop.test', 'https://evil.test', 'null', '://', 'http://['),
    'last-event-id': fc.constantFrom('scripted1-1', 'scripted1-99999999', 'x-1', '-', 'é'),
    'x-http-method-override': fc.constant('DELETE'),
    'if-none-match': fc.constantFrom('*', '"x"', ',,,'),
    'content-length': fc.constantFrom('0', '-5', '1e9', 'x'),
  },
  { requiredKeys: ['sec-fetch-site'] },
)

/** Requests that are nearly right, and others that are not. */
export const oddRequest = fc.record({
  route: fc.constantFrom(...table),
  known: fc.boolean(),
  segment: oddSegment,
  extra: fc.option(oddSegment, { nil: undefined, freq: 6 }),
  method: fc.option(fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'OPTIONS', 'PATCH'), {
    nil: undefined,
    freq: 5,
  }),
  query,
  body,
  headers,
})

/** Requests that nothing is wrong with, of names that exist. */
export const rightRequest: fc.Arbitrary<OddRequest> = fc.record({
  route: fc.constantFrom(...table),
  known: fc.constant(true),
  segment: fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b') }),
  extra: fc.constant(undefined),
  method: fc.constant(undefined),
  query: fc.constantFrom(
    [],
    [],
    [['status', 'pending'] as [string, string]],
    [['since', '7d'] as [string, string]],
    [['value', '1'] as [string, string], ['unit', 'min'] as [string, string]],
  ),
  body: fc.constantFrom(
    '{}',
    '{"reason":"tidying up"}',
    '{"action":"cancel","filter":{"status":["pending"]}}',
    '{"action":"retry","filter":{},"dry_run":true}',
    '{"task_ids":["nobody"]}',
    '{"args":[]}',
  ),
  headers: fc.constant({ 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }),
})

/** One of {@link oddRequest}. */
export type OddRequest = typeof oddRequest extends fc.Arbitrary<infer R> ? R : never

/** As an adapter would pass it on. `ids` are names that exist. */
export function askOf(asked: OddRequest, ids: readonly string[]): { readonly target: string; readonly ask: Ask } {
  const id = asked.known ? (ids[asked.segment.length % ids.length] as string) : asked.segment
  const path = asked.route.path.replace(/\{\w+\}/g, id).replace('*', asked.segment)
  const params = new URLSearchParams(asked.query.filter(([name]) => !asked.known || asked.route.query.includes(name)))
  const target = `${path === '' ? '' : `/${path}`}${asked.extra === undefined ? '' : `/${asked.extra}`}?${params.toString()}`
  const method = asked.method ?? asked.route.method
  const isBodyless = method === 'GET' || method === 'HEAD' || asked.body === undefined
  const sent = isBodyless ? {} : { body: asked.body as string | Uint8Array<ArrayBuffer> }
  return { target, ask: { method, headers: asked.headers, ...sent } }
}
