import type { Json, JsonSchema } from '../codec.ts'
import { problemCodes } from '../problem.ts'
import type { Route, RouteName } from '../routes/index.ts'
import { taskSummary } from '../task.ts'
import { array } from '../codec.ts'
import { describeSchema } from './records.ts'

const text: JsonSchema = { type: 'string' }

/** Routes that answer something else than a record. */
const otherMedia: Partial<
  Record<RouteName, { readonly type: string; readonly schema: JsonSchema; readonly words: string }>
> = {
  prometheus: { type: 'text/plain', schema: text, words: 'Figures in the text format 0.0.4' },
  openapi: { type: 'application/json', schema: { type: 'object' }, words: 'This document' },
  stream: { type: 'text/event-stream', schema: text, words: 'Frames until one of both sides ends it' },
  exportCsv: { type: 'text/csv', schema: text, words: 'A file of lines of RFC 4180 with a head' },
  exportJson: { type: 'application/json', schema: array(taskSummary).schema, words: 'A file with one array' },
  dashboard: { type: 'text/html', schema: text, words: 'A page' },
  loginPage: { type: 'text/html', schema: text, words: 'A page' },
  asset: { type: '*/*', schema: {}, words: 'A file' },
}

const statuses = [...new Set(Object.values(problemCodes).map(([status]) => status))]
const bounded: readonly RouteName[] = ['stream', 'ws', 'exportCsv', 'exportJson', 'login']

/** Everything that a route may answer, by status. */
export function describeAnswers(name: RouteName, route: Route): Readonly<Record<string, Json>> {
  const refusals = statuses.filter((status) => mayRefuse(name, route, status))
  return {
    ...success(name, route),
    ...Object.fromEntries(
      refusals.map((status) => [status, { $ref: `#/components/responses/${responseName(status)}` }]),
    ),
    default: { $ref: '#/components/responses/Problem' },
  }
}

/** One response for each status that problems have, and one for any. */
export function describeRefusals(): Readonly<Record<string, Json>> {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  const waits = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } }
  const entries = statuses.map((status): [string, Json] => {
    const codes = Object.entries(problemCodes).filter(([, [own]]) => own === status)
    const description = codes.map(([code, [, title]]) => `\`${code}\`: ${title}`).join('. ')
    return [
      responseName(status),
      { description, ...(status === 429 || status === 503 ? { headers: waits } : {}), content },
    ]
  })
  return { ...Object.fromEntries(entries), Problem: { description: 'Any other problem', content } }
}

function success(name: RouteName, route: Route): Readonly<Record<string, Json>> {
  if (name === 'ws') return { '101': { description: 'The frames of the stream over WebSocket' } }
  const other = otherMedia[name]
  if (other) {
    const ok = { description: other.words, content: { [other.type]: { schema: describeSchema(other.schema) } } }
    return name === 'asset' ? { '200': ok, '304': { description: 'The file has not changed' } } : { '200': ok }
  }
  const schema = route.answer ? describeSchema(route.answer.schema) : {}
  return { '200': { description: 'OK', content: { 'application/json': { schema } } } }
}

function mayRefuse(name: RouteName, route: Route, status: number): boolean {
  const isCommand = route.method !== 'GET'
  switch (status) {
    case 400:
      return isCommand || route.query.length > 0 || route.path.includes('{')
    case 401:
      return route.access !== 'open' || name === 'login'
    case 403:
      return isCommand || route.action !== null || route.access === 'whole'
    case 404:
      return /[{*]/.test(route.path)
    case 409:
      return isCommand && route.action !== null
    case 413:
    case 415:
      return isCommand
    case 426:
      return name === 'ws'
    case 429:
      return bounded.includes(name)
    case 501:
      return route.action !== null || route.access === 'whole'
    case 503:
      return name === 'health'
    default:
      return false
  }
}

const responseNames: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthenticated',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  413: 'PayloadTooLarge',
  415: 'UnsupportedMediaType',
  426: 'UpgradeRequired',
  429: 'TooManyRequests',
  500: 'Internal',
  501: 'Unsupported',
  503: 'Unavailable',
}

function responseName(status: number): string {
  return responseNames[status] ?? `Problem${status}`
}
