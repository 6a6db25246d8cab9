import { problemCodes } from '@taskloom/protocol'
import { expect } from 'vitest'
import type { Handler } from '../../packages/engine/src/server/handler.ts'

export interface Ask {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array<ArrayBuffer>
}

/** What an adapter knows beside the request. */
export interface Connection {
  readonly remoteAddress?: string | undefined
  readonly native?: unknown
}

/** Asks a handler as an adapter would: the raw path beside a request. */
export function ask(
  handler: Handler,
  target: string,
  { method = 'GET', headers = {}, body }: Ask = {},
  { remoteAddress, native }: Connection = {},
) {
  const [rawPath = '', search = ''] = splitOnce(target)
  const url = new URL('http://shop.test/')
  url.pathname = `/tasks${rawPath}`
  url.search = search
  const request = new Request(url, { method, headers: { host: 'shop.test', ...headers }, body: body ?? null })
  const known = remoteAddress === undefined ? {} : { remoteAddress }
  return handler(request, { basePath: '/tasks', rawPath, native, ...known })
}

/** What a browser or our own client sends with a command. */
export function command(body?: unknown, headers: Record<string, string> = {}): Ask {
  const proof = { 'sec-fetch-site': 'same-origin', ...headers }
  if (body === undefined) return { method: 'POST', headers: proof }
  return { method: 'POST', headers: { 'content-type': 'application/json', ...proof }, body: JSON.stringify(body) }
}

export async function readJson(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>
}

/** `404 unknown_task` of an answer that must be a well-formed problem. */
export async function codeOf(response: Response | Promise<Response>): Promise<string> {
  const answer = await response
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  const problem = await readJson(answer)
  expect(problem['status']).toBe(answer.status)
  expect(problemCodes).toHaveProperty(problem['code'] as string)
  return `${answer.status} ${problem['code'] as string}`
}

function splitOnce(target: string): [string, string] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark)]
}
