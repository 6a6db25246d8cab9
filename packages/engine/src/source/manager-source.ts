import { actionNames } from '@taskloom/protocol'
import type { ChangeListener } from '../observe/feed.ts'
import { Exposition } from '../observe/prometheus.ts'
import type { Act, ClearHistoryQuestion, RetryFailedQuestion, SourceOffers, TaskSource } from '../server/source.ts'
import type { ListQuestion, LogQuestion, TaskViews, TimelineQuestion } from '../stores/store.ts'
import type { Actions } from './actions.ts'
import { Elsewhere } from './elsewhere.ts'
import { checkEnqueue, enqueueByName } from './enqueue.ts'
import { bulkRetry, clearHistory, retryFailed } from './bulk.ts'
import { drainQueue, operationBoard } from './operations/board.ts'
import type { OperationWorker } from './operations/worker.ts'
import { readDrift } from './drift.ts'
import { markError } from './error-marks.ts'
import { readErrors, readLocks, readQueues, readWorkers, setQueuePaused } from './fleet.ts'
import type { SourceParts } from './parts.ts'
import { readFunction, readFunctions } from './functions.ts'
import { readDetail, readHealth, readLineage, readProgress, readRecord } from './reads.ts'
import { reveal } from './reveal.ts'
import { sampleArgs } from './sample.ts'
import { readSchedules, runSchedule, setSchedulePaused, setSchedulesPaused } from './schedules.ts'

/** A source that can do everything a source can. */
export type ManagerSource = TaskSource &
  Required<Pick<TaskSource, 'prometheus' | 'panels' | 'audit' | 'sessions' | 'operations' | 'enqueue' | 'lineage'>> &
  Required<Pick<TaskSource, FleetVerb | InsightVerb>>

/** What is told of queues, processes, functions, locks and failures. */
type FleetVerb = 'workers' | 'locks' | 'drift' | 'errors' | 'pauseQueue' | 'resumeQueue' | 'drainQueue'

/** What a search box, forms, charts and screens ask beside lists. */
type InsightVerb =
  'function' | 'histogram' | 'latency' | 'sampleArgs' | 'checkEnqueue' | 'setSchedulesPaused' | 'markError'

/** The engine as the server sees it. */
export function createSource(parts: SourceParts, actions: Actions, worker: OperationWorker): ManagerSource {
  const { feed, ready, store } = parts
  const exposition = new Exposition(parts)
  const elsewhere = new Elsewhere(parts)
  const board = operationBoard(parts, worker)
  const whenReady = async <T>(read: () => Promise<T>): Promise<T> => {
    await ready()
    return read()
  }
  /** Whoever shows the audit log hears that something was done, or tried. */
  const logged = <T>(deed: Promise<T>): Promise<T> => deed.finally(() => parts.announcer.auditGrew())
  const done = <T>(deed: () => Promise<T>): Promise<T> => logged(whenReady(deed))
  const view = <T>(read: (views: TaskViews) => Promise<T>): Promise<T> => whenReady(() => read(store.views))
  return {
    epoch: feed.epoch,
    get revision() {
      return feed.revision
    },
    offers: offersOf(parts),
    list: (question: ListQuestion) => view((views) => views.list(question)),
    metrics: (filter) => view((views) => views.metrics(filter)),
    timeline: (question: TimelineQuestion) => view((views) => views.timeline(question)),
    types: (filter) => view((views) => views.types(filter)),
    histogram: (filter) => view((views) => views.histogram(filter)),
    latency: (question) => view((views) => views.latency(question)),
    sampleArgs: (filter, limit) => whenReady(() => sampleArgs(parts, filter, limit)),
    queues: () => whenReady(() => readQueues(parts)),
    workers: () => whenReady(() => readWorkers(parts)),
    locks: () => whenReady(() => readLocks(parts)),
    drift: () => whenReady(() => readDrift(parts)),
    errors: (question) => whenReady(() => readErrors(parts, question)),
    functions: () => whenReady(() => readFunctions(parts)),
    function: (name) => whenReady(() => readFunction(parts, name)),
    schedules: (question) => whenReady(() => readSchedules(parts, question)),
    detail: (taskId, reading) => whenReady(() => readDetail(parts, taskId, reading)),
    logs: (question: LogQuestion) =>
      whenReady(async () => {
        await readRecord(parts, question.taskId)
        return store.views.logs(question)
      }),
    progress: (taskId) => whenReady(() => readProgress(parts, taskId)),
    health: () => readHealth(parts),
    prometheus: () => whenReady(() => exposition.text()),
    operations: board,
    publicTokens: parts.publicTokens,
    lineage: (taskId) => whenReady(() => readLineage(parts, taskId)),
    panels: parts.panels,
    get sessions() {
      return store.sessions
    },
    reveal: (taskId, paths, act) => done(() => reveal(parts, taskId, paths, act)),
    audit: {
      append: (drafts) => done(() => store.audit.append(drafts)),
      list: (question) => whenReady(() => store.audit.list(question)),
      verify: (question) => whenReady(() => store.audit.verify(question)),
    },
    retry: (taskId, act) => logged(actions.retry(taskId, act)),
    cancel: (taskId, act) => logged(actions.cancel(taskId, act)),
    runNow: (taskId, act) => logged(actions.runNow(taskId, act)),
    move: (taskId, to, act) => logged(actions.move(taskId, to, act)),
    delete: (taskId, act) => logged(actions.delete(taskId, act)),
    bulkRetry: (taskIds, { again }, act) => done(() => bulkRetry(parts, actions, taskIds, again, act)),
    retryFailed: (question: RetryFailedQuestion, act) => done(() => retryFailed(parts, actions, question, act)),
    clearHistory: (question: ClearHistoryQuestion, act) => done(() => clearHistory(parts, question, act)),
    runSchedule: (name, act: Act) => done(() => runSchedule(parts, name, act)),
    pauseSchedule: (name, act) => done(() => setSchedulePaused(parts, name, true, act)),
    setSchedulesPaused: (names, isPaused, act) => done(() => setSchedulesPaused(parts, names, isPaused, act)),
    markError: (fingerprint, mark, act) => done(() => markError(parts, fingerprint, mark, act)),
    resumeSchedule: (name, act) => done(() => setSchedulePaused(parts, name, false, act)),
    enqueue: (name, question, act) => done(() => enqueueByName(parts, name, question, act)),
    checkEnqueue: (name, question, act) => whenReady(() => checkEnqueue(parts, name, question, act)),
    ...(store.version ? { version: () => store.version?.() ?? '' } : {}),
    ...(store.foreignVersion ? { lookElsewhere: () => whenReady(() => elsewhere.look()) } : {}),
    pauseQueue: (name, act) => done(() => setQueuePaused(parts, name, true, act)),
    resumeQueue: (name, act) => done(() => setQueuePaused(parts, name, false, act)),
    drainQueue: (name, act) => drainQueue(board, name, act),
    onClose: (listener) => feed.onClose(listener),
    subscribe: (listener: ChangeListener) => feed.subscribe(listener),
  }
}

function offersOf({ store }: SourceParts): SourceOffers {
  const isKept = store.supports.persistence
  return {
    reads: [
      'schedules',
      'functions',
      'timeline',
      'logs',
      'search',
      'prometheus',
      'panels',
      'operations',
      'audit',
      'workers',
      'locks',
      'drift',
      'errors',
      'lineage',
      ...(isKept ? ['persistence'] : []),
    ],
    actions: actionNames,
    notices: isKept ? [] : ['Tasks are kept in memory only and are lost when the process ends.'],
  }
}
