import type { Json, JsonSchema } from './codec.ts'
import { problem } from './problem.ts'
import { routes, type Route, type RouteName } from './routes/index.ts'

/** Grows when a reader of before would misunderstand; capabilities tell it. */
export const protocolVersion = 1

/** What each route is for. Apart from the table, which pages load too. */
export const summaries: Readonly<Record<RouteName, string>> = {
  list: 'Tasks of a filter, a page at a time',
  metrics: 'Counts and durations of a filter',
  prometheus: 'Totals and how things stand, in the text format of Prometheus',
  timeline: 'Counts per bucket of time',
  functions: 'Defined functions and their statistics',
  types: 'Statistics per function',
  queues: 'Queues and their counts',
  schedules: 'Schedules and their next runs',
  panels: 'Panels of the host',
  panel: 'One panel with its content',
  health: 'Whether the source works',
  livez: 'Whether the process answers',
  capabilities: 'What this source and this caller can do',
  openapi: 'This table as OpenAPI 3.1',
  stream: 'Live changes as server-sent events',
  dashboard: 'A page with the dashboard',
  asset: 'Files of the dashboard',
  detail: 'One task with everything known of it',
  logs: "A page of a task's log",
  progress: 'A light poll of one task',
  bulkRetry: 'Retries the given tasks',
  retryFailed: 'Retries dead letters of a window',
  clearHistory: 'Deletes old terminal tasks',
  runSchedule: 'Enqueues a scheduled function now',
  pauseSchedule: 'Pauses a schedule',
  resumeSchedule: 'Resumes a schedule',
  retry: 'Mints a new task from a failed one',
  cancel: 'Cancels a pending or running task',
  runNow: 'Makes a delayed task due',
  delete: 'Deletes a terminal task',
  workers: 'Processes that run tasks, and how they are',
  locks: 'Held conflict locks',
  drift: 'Functions that workers know, and those that the store has seen',
  errors: 'Failures in groups',
  pauseQueue: 'Lets nothing of a queue start',
  resumeQueue: 'Lets a paused queue go on',
  drainQueue: 'Cancels what waits in a queue',
  bulk: 'Retries, cancels or deletes many tasks in the background',
  operations: 'Bulk operations, newest first',
  operation: 'One bulk operation and how far it is',
  operationItems: 'What became of each task of a bulk operation',
  cancelOperation: 'Stops a bulk operation',
  enqueue: 'Enqueues a function',
  exportCsv: 'All tasks of a filter as CSV',
  exportJson: 'All tasks of a filter as JSON',
  ws: 'Live changes over WebSocket',
  audit: 'Who did what, newest first',
  verifyAudit: 'Whether the audit log is whole',
  loginPage: 'The page to sign in',
  login: 'Signs in',
  logout: 'Signs out and ends the session',
  session: 'Who the caller is',
  reveal: 'Arguments and result without redaction',
}

/** The schema of a 200 answer; null when it is not JSON. */
export function answerSchema(name: RouteName): JsonSchema | null {
  return routes[name].answer?.schema ?? null
}

/** The route table as an OpenAPI 3.1 document. Paths are relative to the mount. */
export function openApiDocument(title: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const path = `/${route.path.replace('*', '{rest}')}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(name, route) }
  }
  return {
    openapi: '3.1.0',
    info: { title, version: `${protocolVersion}.0.0` },
    paths,
    components: { schemas: { Problem: problem.schema } },
  }
}

function describe(name: RouteName, route: Route): Json {
  const pathParams = [...route.path.replace('*', '{rest}').matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string)
  const schema = answerSchema(name)
  const parameter = (where: string) => (key: string) => ({
    name: key,
    in: where,
    required: where === 'path',
    schema: { type: 'string' },
  })
  return {
    operationId: name,
    summary: summaries[name],
    parameters: [...pathParams.map(parameter('path')), ...route.query.map(parameter('query'))],
    ...(route.body ? { requestBody: { content: { 'application/json': { schema: route.body.schema } } } } : {}),
    responses: {
      '200': {
        description: 'OK',
        ...(schema ? { content: { 'application/json': { schema } } } : {}),
      },
      default: {
        description: 'A problem',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}
