import type { Capabilities, Metrics, TaskDetail, TaskPage, TaskSummary } from '@taskloom/protocol'

export const noon = Date.UTC(2026, 0, 31, 12)

export function makeTask(number: number, changes: Partial<TaskSummary> = {}): TaskSummary {
  return {
    taskId: taskIdOf(number),
    funcName: 'send_mail',
    queue: 'default',
    status: 'pending',
    createdAt: noon + number * 1_000,
    runAt: null,
    startTime: null,
    endTime: null,
    durationMs: null,
    waitMs: null,
    attempt: 0,
    retriesUsed: 0,
    maxRetries: 3,
    priority: null,
    executor: 'async',
    source: 'manual',
    error: null,
    tags: {},
    progress: null,
    userLabel: null,
    workerId: null,
    hasLogs: false,
    retriedFrom: null,
    retryCount: 0,
    version: 1,
    ...changes,
  }
}

export function taskIdOf(number: number): string {
  return `0190a000-0000-7000-8000-${String(number).padStart(12, '0')}`
}

export function makePage(tasks: readonly TaskSummary[], changes: Partial<TaskPage> = {}): TaskPage {
  return { tasks, nextCursor: null, prevCursor: null, total: tasks.length, totalIsCapped: false, ...changes }
}

export function makeMetrics(changes: Partial<Metrics> = {}): Metrics {
  return {
    total: 0,
    pending: 0,
    running: 0,
    success: 0,
    failed: 0,
    interrupted: 0,
    cancelled: 0,
    successRate: null,
    avgDurationMs: null,
    minDurationMs: null,
    maxDurationMs: null,
    p50DurationMs: null,
    p95DurationMs: null,
    p99DurationMs: null,
    avgWaitMs: null,
    p95WaitMs: null,
    isCapped: false,
    ...changes,
  }
}

export function makeDetail(number: number, changes: Partial<TaskDetail> = {}): TaskDetail {
  return {
    ...makeTask(number),
    result: null,
    stacktrace: null,
    errorCode: null,
    logs: [],
    logsNext: null,
    attempts: [],
    timeline: [],
    affected: [],
    progressPayload: null,
    idempotencyKey: null,
    locks: [],
    traceId: null,
    schedule: null,
    retries: [],
    functionStats: null,
    recentRuns: [],
    cleanedUp: false,
    truncated: [],
    ...changes,
  }
}

export const everything: Capabilities = {
  protocol: 1,
  title: 'Tasks',
  environment: null,
  reads: ['schedules', 'functions', 'timeline', 'logs', 'search', 'persistence'],
  actions: ['retry', 'cancel', 'run_now', 'delete', 'bulk_retry', 'clear_history', 'schedule_run', 'schedule_pause'],
  displayArgs: false,
  notices: [],
  limits: { pageSize: 500, bulk: 500, window: 8_760 },
}
