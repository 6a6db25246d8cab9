import type { ActionName } from '@taskloom/protocol'
import type { SourceOffers, TaskSource } from '../../server/source.ts'
import { bulkRetry, cancelJob, clearHistory, deleteJob, retryFailed, retryJob, runJobNow } from './deeds.ts'
import { readDetail, readLineage, readLogs, readProgress } from './detail.ts'
import { TaskError } from '../../core/errors.ts'
import { readHealth, readQueues, readWorkers, setPaused } from './fleet.ts'
import type { Parts } from './parts.ts'
import { readSchedules, runSchedule } from './schedules.ts'

const actions: readonly ActionName[] = [
  'retry',
  'cancel',
  'run_now',
  'delete',
  'bulk_retry',
  'clear_history',
  'schedule_run',
  'queue_pause',
  'export',
]

/** Somebody else's queues as the server sees them. */
export function createBullmqSource(parts: Parts, newest: number): TaskSource {
  const { window, feed, queues } = parts
  return {
    epoch: feed.epoch,
    get revision() {
      return feed.revision
    },
    offers: offersOf(queues.isRedis, newest),
    list: async (question) => (await window.read()).list(question),
    metrics: async (filter) => (await window.read()).metrics(filter),
    timeline: async (question) => (await window.read()).views.timeline(question),
    histogram: async (filter) => (await window.read()).views.histogram(filter),
    latency: async (question) => (await window.read()).views.latency(question),
    types: async (filter) => (await window.read()).views.types(filter),
    errors: async ({ since, funcName = null }) => {
      const groups = await (await window.read()).errors({ now: parts.clock.now(), since })
      return funcName === null ? groups : groups.filter(({ functions }) => functions.includes(funcName))
    },
    queues: () => readQueues(parts),
    // BullMQ knows names of jobs, and not what they are defined with.
    functions: () => refuse(),
    schedules: () => readSchedules(parts),
    detail: (taskId) => readDetail(parts, taskId),
    lineage: (taskId) => readLineage(parts, taskId),
    logs: (question) => readLogs(parts, question),
    progress: (taskId) => readProgress(parts, taskId),
    health: () => readHealth(parts),
    ...(queues.isRedis ? { workers: () => readWorkers(parts) } : {}),
    retry: (taskId) => retryJob(parts, taskId),
    cancel: (taskId) => cancelJob(parts, taskId),
    runNow: (taskId) => runJobNow(parts, taskId),
    delete: (taskId) => deleteJob(parts, taskId),
    bulkRetry: (taskIds) => bulkRetry(parts, taskIds),
    retryFailed: (question) => retryFailed(parts, question),
    clearHistory: (question) => clearHistory(parts, question),
    runSchedule: (name) => runSchedule(parts, name),
    pauseSchedule: () => refuse(),
    resumeSchedule: () => refuse(),
    pauseQueue: (name) => setPaused(parts, name, true),
    resumeQueue: (name) => setPaused(parts, name, false),
    onClose: (listener) => feed.onClose(listener),
    subscribe: (listener) => feed.subscribe(listener),
  }
}

function offersOf(hasWorkers: boolean, newest: number): SourceOffers {
  return {
    reads: [
      'schedules',
      'timeline',
      'logs',
      'search',
      'errors',
      'lineage',
      'persistence',
      ...(hasWorkers ? ['workers'] : []),
    ],
    actions,
    notices: [`Lists, charts and durations look at the newest ${newest.toLocaleString('en-US')} jobs of each state.`],
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new TaskError('unsupported', { message: 'BullMQ cannot do that' }))
}
