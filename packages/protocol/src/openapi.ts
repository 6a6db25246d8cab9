import type { Json, JsonSchema } from './codec.ts'
import { describeAnswers, describeRefusals } from './openapi/answers.ts'
import { describeParameters } from './openapi/parameters.ts'
import { describeRecords, describeSchema } from './openapi/records.ts'
import { routes, type Route, type RouteName } from './routes/index.ts'
import { protocolVersion } from './version.ts'

/** What each route is for. Apart from the table, which pages load too. */
export const summaries: Readonly<Record<RouteName, string>> = {
  list: 'Tasks of a filter, a page at a time',
  metrics: 'Counts and durations of a filter',
  prometheus: 'Totals and how things stand, in the text format of Prometheus',
  timeline: 'Counts per bucket of time',
  functions: 'Defined functions and their statistics',
  function: 'One function, with the schema of its arguments',
  suggestions: 'What a search box can be completed with',
  histogram: 'How durations and waits are spread',
  pauseSchedules: 'Pauses schedules',
  resumeSchedules: 'Resumes schedules',
  resolveError: 'Says that a kind of failure is mended',
  ignoreError: 'Says that a kind of failure does not matter',
  reopenError: 'Takes back what was said of a kind of failure',
  latency: 'Durations and waits over time',
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
  move: 'Gives a waiting task another priority or queue',
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
  lineage: 'What a task was retried from, and what was retried from it',
  reveal: 'Arguments and result without redaction',
}

/** The schema of a 200 answer; null when it is not JSON. */
export function answerSchema(name: RouteName): JsonSchema | null {
  return routes[name].answer?.schema ?? null
}

/** What the document is divided into; a route belongs to the first word of its path, else to the tasks. */
const tags: Readonly<Record<string, string>> = {
  tasks: 'What there is, and what may be done with one of them',
  bulk: 'Many tasks at once',
  functions: 'What can be enqueued',
  schedules: 'What is enqueued by time',
  queues: 'Where tasks wait',
  workers: 'Processes, locks and drift',
  live: 'Changes as they happen',
  exports: 'Files of tasks',
  audit: 'Who did what',
  auth: 'Who the caller is',
  panels: 'What the host shows beside tasks',
  server: 'The server itself',
}

const tagOfPath: Readonly<Record<string, keyof typeof tags>> = {
  'bulk-retry': 'bulk',
  'retry-failed': 'bulk',
  history: 'bulk',
  bulk: 'bulk',
  operations: 'bulk',
  functions: 'functions',
  types: 'functions',
  schedules: 'schedules',
  queues: 'queues',
  workers: 'workers',
  locks: 'workers',
  drift: 'workers',
  errors: 'workers',
  stream: 'live',
  ws: 'live',
  'export.csv': 'exports',
  'export.json': 'exports',
  audit: 'audit',
  auth: 'auth',
  panels: 'panels',
  health: 'server',
  livez: 'server',
  capabilities: 'server',
  'openapi.json': 'server',
  dashboard: 'server',
}

const securitySchemes = {
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'taskloom_session',
    description:
      'The cookie of a sign-in, `__Host-taskloom_session` at the root of an https site. Commands must come from the same site.',
  },
  bearer: { type: 'http', scheme: 'bearer', description: 'A token of the host, or one that signing in gave.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'A key of the host.' },
} as const

/** The route table as an OpenAPI 3.1 document. Paths are relative to the mount. */
export function openApiDocument(title: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const path = `/${route.path.replace('*', '{rest}')}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(name, route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title,
      version: `${protocolVersion}.0.0`,
      description:
        'Instants are ISO 8601 in UTC, durations seconds. Readers ignore fields and survive words that are new.',
    },
    servers: [{ url: '.', description: 'Where this document is' }],
    // What a mount without sign-in answers to everybody.
    security: [...Object.keys(securitySchemes).map((name) => ({ [name]: [] })), {}],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: describeRecords(), responses: describeRefusals(), securitySchemes },
  }
}

function describe(name: RouteName, route: Route): Json {
  const path = route.path.replace('*', '{rest}')
  const [first = ''] = path.split('/')
  return {
    operationId: name,
    summary: summaries[name],
    description: describeUse(route),
    tags: [tagOfPath[first] ?? 'tasks'],
    parameters: describeParameters(name, path, route.query),
    ...(route.body
      ? { requestBody: { content: { 'application/json': { schema: describeSchema(route.body.schema) } } } }
      : {}),
    ...(route.access === 'open' ? { security: [] } : {}),
    responses: describeAnswers(name, route),
  }
}

/** Who may ask, in words. */
function describeUse({ action, access, method }: Route): string {
  const who = {
    open: 'Everybody may ask, signed in or not.',
    page: 'Browsers that are not signed in are led to the login.',
    view: 'Callers see the tasks that they may see.',
    whole: 'Only for callers who may see every task.',
  }[access ?? 'view']
  const need = action === null ? '' : ` It needs \`${action}\` among \`actions\` of \`capabilities\`.`
  return `${who}${need}${method === 'GET' ? '' : ' The request must come from the same site.'}`
}
