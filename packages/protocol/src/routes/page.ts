import { array, boolean, object, optional, string } from '../codec.ts'
import { logPage, metrics, taskDetail, taskPage, taskProgress } from '../task.ts'
import {
  bulkAnswer,
  capabilities,
  deletedAnswer,
  functionView,
  health,
  panelEntry,
  queueCount,
  scheduleView,
  taskAnswer,
  timeline,
  typeStats,
} from '../views.ts'
import { command, filterParams, get, type Route } from './route.ts'

const bulkRetryBody = object({ taskIds: array(string), again: optional(boolean), reason: optional(string) })

/** The routes that a dashboard's page asks. They stand alone because every page loads them. */
export const pageRoutes = {
  list: get('', taskPage, [...filterParams, 'sort', 'order', 'limit', 'cursor']),
  metrics: get('metrics', metrics, filterParams),
  timeline: get('timeline', timeline, [...filterParams, 'hours', 'bucket', 'group']),
  functions: get('functions', array(functionView)),
  types: get('types', array(typeStats), filterParams),
  queues: get('queues', array(queueCount)),
  schedules: get('schedules', array(scheduleView)),
  health: get('health', health),
  capabilities: get('capabilities', capabilities),
  panels: { ...get('panels', array(panelEntry)), access: 'whole' },
  stream: get('stream', null, [...filterParams, 'task_id']),
  bulkRetry: command('POST', 'bulk-retry', 'bulk_retry', bulkAnswer, {
    body: bulkRetryBody,
  }),
  retryFailed: command('POST', 'retry-failed', 'bulk_retry', bulkAnswer, {
    query: ['since', 'func_name', 'again'],
  }),
  clearHistory: command('DELETE', 'history', 'clear_history', deletedAnswer, {
    query: ['value', 'unit', 'status'],
  }),
  runSchedule: command('POST', 'schedules/{name}/run', 'schedule_run', taskAnswer),
  pauseSchedule: command('POST', 'schedules/{name}/pause', 'schedule_pause', scheduleView),
  resumeSchedule: command('POST', 'schedules/{name}/resume', 'schedule_pause', scheduleView),
  detail: get('{task_id}', taskDetail),
  logs: get('{task_id}/logs', logPage, ['after', 'level', 'q', 'limit']),
  progress: get('{task_id}/progress', taskProgress),
  retry: command('POST', '{task_id}/retry', 'retry', taskAnswer),
  cancel: command('POST', '{task_id}/cancel', 'cancel', taskAnswer),
  runNow: command('POST', '{task_id}/run-now', 'run_now', taskAnswer),
  delete: command('DELETE', '{task_id}', 'delete', deletedAnswer),
} as const satisfies Record<string, Route>
