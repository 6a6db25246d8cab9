import { auditPage, auditSlice, revealed } from '../audit.ts'
import { array, boolean, integer, json, nullable, object, optional, seconds, string } from '../codec.ts'
import { loginAnswer, sessionView } from '../identity.ts'
import { bulkBegun, operationDetail, operationItemPage, operationPage, operationView } from '../operations.ts'
import { drift, errorGroup, lockView, queueView, workerView } from '../fleet.ts'
import { enqueueAnswer, enqueueBody, functionEntry } from '../functions.ts'
import { lineage } from '../lineage.ts'
import { panelView } from '../panels.ts'
import { scheduleEntry } from '../schedules.ts'
import { taskAnswer } from '../views.ts'
import { insightRoutes } from './insights.ts'
import { command, filterParams, get, reason, type Route } from './route.ts'

const sortedFilter = [...filterParams, 'sort', 'order'] as const
const bulkBody = object({
  /** `retry`, `cancel`, `run_now` or `delete`. */
  action: string,
  /** Parameters of the list's query by name. */
  filter: optional(json),
  taskIds: optional(array(string)),
  dryRun: optional(boolean),
  again: optional(boolean),
  /** Seconds until it begins, 0 to 60, for `cancel` and `delete`: until then it can be undone. 0 by default. */
  delay: optional(seconds),
  /** How many tasks a second at most, 1 to 1,000, for `retry`; null, as by default, for as many as the server does. */
  perSecond: optional(nullable(integer)),
  reason: optional(string),
})
const moveBody = object({
  /** Higher first, −1,000,000,000 to 1,000,000,000; null for none. Left out, it stays as it is. */
  priority: optional(nullable(integer)),
  /** At most 100 characters. Left out, it stays as it is. */
  queue: optional(string),
  reason: optional(string),
})
const revealBody = object({ paths: optional(array(string)), reason: optional(string) })
const loginBody = object({
  username: string,
  password: string,
  token: optional(boolean),
  next: optional(nullable(string)),
})

/** Everything else that a server answers. */
export const serverRoutes = {
  ...insightRoutes,
  move: command('POST', '{task_id}/move', 'move', taskAnswer, { body: moveBody }),
  prometheus: { ...get('metrics/prometheus', null), access: 'whole' },
  panel: { ...get('panels/{id}', panelView), access: 'whole' },
  livez: get('livez', object({ status: string })),
  openapi: get('openapi.json', null),
  dashboard: { ...get('dashboard', null), access: 'page' },
  asset: { ...get('dashboard/assets/*', null), access: 'open' },
  workers: { ...get('workers', array(workerView)), access: 'whole' },
  locks: { ...get('locks', array(lockView)), access: 'whole' },
  drift: { ...get('drift', drift), access: 'whole' },
  errors: { ...get('errors', array(errorGroup), ['window', 'func_name']), access: 'whole' },
  pauseQueue: command('POST', 'queues/{name}/pause', 'queue_pause', queueView),
  resumeQueue: command('POST', 'queues/{name}/resume', 'queue_pause', queueView),
  drainQueue: command('POST', 'queues/{name}/drain', 'queue_drain', bulkBegun),
  bulk: command('POST', 'bulk', 'bulk_retry', bulkBegun, { body: bulkBody }),
  operations: { ...get('operations', operationPage, ['cursor', 'limit']), access: 'whole' },
  operation: { ...get('operations/{id}', operationDetail), access: 'whole' },
  operationItems: {
    ...get('operations/{id}/items', operationItemPage, ['cursor', 'limit', 'outcome']),
    access: 'whole',
  },
  cancelOperation: { ...command('POST', 'operations/{id}/cancel', 'bulk_cancel', operationView), access: 'whole' },
  enqueue: command('POST', 'functions/{name}/enqueue', 'enqueue', enqueueAnswer, { body: enqueueBody }),
  exportCsv: { ...get('export.csv', null, sortedFilter), action: 'export' },
  exportJson: { ...get('export.json', null, sortedFilter), action: 'export' },
  ws: get('ws', null, [...filterParams, 'task_id', 'last_event_id']),
  audit: {
    ...get('audit', auditPage, ['cursor', 'limit', 'task_id', 'actor', 'action', 'outcome', 'since', 'until']),
    action: 'read_audit',
    access: 'whole',
  },
  verifyAudit: { ...get('audit/verify', auditSlice, ['from', 'limit']), action: 'read_audit', access: 'whole' },
  loginPage: { ...get('auth/login', null, ['next']), access: 'open' },
  login: {
    method: 'POST',
    path: 'auth/login',
    query: [],
    body: loginBody,
    answer: loginAnswer,
    action: null,
    access: 'open',
  },
  logout: {
    method: 'POST',
    path: 'auth/logout',
    query: [],
    body: reason,
    answer: object({}),
    action: null,
    access: 'open',
  },
  session: get('auth/session', sessionView),
  lineage: get('{task_id}/lineage', lineage),
  reveal: command('POST', '{task_id}/reveal', 'reveal', revealed, { body: revealBody }),
} as const satisfies Record<string, Route>

/** Routes that tell more than the pages read of them. */
export const fullerRoutes = {
  queues: get('queues', array(queueView)),
  functions: get('functions', array(functionEntry)),
  schedules: get('schedules', array(scheduleEntry), ['q', 'limit', 'cursor']),
} as const satisfies Record<string, Route>
