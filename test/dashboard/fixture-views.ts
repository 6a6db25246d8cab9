import type { Metrics, TaskDetail, TaskStatus, TaskSummary, Timeline } from '@taskloom/protocol'
import { richArgs } from './fixture-detail.ts'

export function metricsOf(tasks: readonly TaskSummary[]): Metrics {
  const count = (status: TaskStatus) => tasks.filter((task) => task.status === status).length
  const success = count('success')
  const failed = count('failed')
  return {
    total: tasks.length,
    pending: count('pending'),
    running: count('running'),
    success,
    failed,
    interrupted: count('interrupted'),
    cancelled: count('cancelled'),
    successRate: success + failed === 0 ? null : success / (success + failed),
    avgDurationMs: tasks.length === 0 ? null : 420,
    minDurationMs: tasks.length === 0 ? null : 3,
    maxDurationMs: tasks.length === 0 ? null : 240_000,
    p50DurationMs: 300,
    p95DurationMs: tasks.length === 0 ? null : 1_800,
    p99DurationMs: 5_000,
    avgWaitMs: 6,
    p95WaitMs: 40,
    isCapped: false,
  }
}

export function timelineOf(now: number): Timeline {
  const bucketMs = 24 * 60_000
  const since = Math.floor((now - 60 * bucketMs) / 60_000) * 60_000
  const buckets = Array.from({ length: 60 }, (_, index) => {
    const total = Math.round(900 + 1_100 * Math.abs(Math.sin(index / 7)) + ((index * 37) % 11) * 40)
    const failed = index > 41 && index < 46 ? 250 + ((index * 53) % 7) * 60 : index % 17 === 8 ? 40 : 0
    return { at: since + index * bucketMs, total, counts: { success: total - failed, failed }, p95DurationMs: 1_800 }
  })
  return { since, until: since + 60 * bucketMs, bucketMs, group: 'status', buckets }
}

export function typesOf(tasks: readonly TaskSummary[]) {
  return names(tasks).map((funcName) => {
    const runs = tasks.filter((task) => task.funcName === funcName)
    const longest = Math.max(...runs.map(({ durationMs }) => durationMs ?? 0))
    return {
      funcName,
      runs: runs.length,
      success: runs.filter(({ status }) => status === 'success').length,
      failed: runs.filter(({ status }) => status === 'failed').length,
      rate: 0.97,
      avgDurationMs: longest * 0.6,
      minDurationMs: 3,
      maxDurationMs: longest,
      p95DurationMs: longest * 1.1,
      runsPerHour: 12,
    }
  })
}

export function queuesOf(tasks: readonly TaskSummary[]) {
  return [...new Set(tasks.map(({ queue }) => queue))].sort().map((queue) => {
    const mine = tasks.filter((task) => task.queue === queue)
    const failed = mine.filter(({ status }) => status === 'failed').length
    return { queue, counts: { failed, success: mine.length - failed }, total: mine.length }
  })
}

export function functionsOf(tasks: readonly TaskSummary[]) {
  return names(tasks).map((funcName) => ({
    funcName,
    queue: tasks.find((task) => task.funcName === funcName)?.queue ?? 'default',
    executor: 'async' as const,
    retries: 3,
    delay: 1_000,
    backoff: 2,
    maxDelay: 60_000,
    jitter: true,
    timeout: 30_000,
    priority: null,
    concurrency: null,
    persist: true,
    eager: false,
    requeueOnInterrupt: false,
    schedule: funcName === 'heartbeat' ? 'every 1m' : null,
    stats: metricsOf(tasks.filter((task) => task.funcName === funcName)),
  }))
}

export function schedulesOf(now: number) {
  const next = (stepMs: number) => Array.from({ length: 5 }, (_, index) => now + (index + 1) * stepMs)
  const shared = {
    timezone: 'Europe/Berlin',
    lastTaskId: null,
    misfire: 'once' as const,
    missed: 0,
    overlap: 'skip' as const,
  }
  return [
    {
      ...shared,
      funcName: 'heartbeat',
      trigger: 'every 1m',
      description: 'every minute',
      nextRuns: next(60_000),
      missed: 2,
      recent: (['success', 'failed', 'success', 'cancelled', 'running'] as const).map((status, index) => {
        return { taskId: `run-${index}`, status, createdAt: now - index * 60_000, durationMs: 400 + index * 150 }
      }),
      avgDuration: 700,
      lastRun: now - 20_000,
      lastStatus: 'success' as const,
      status: 'active' as const,
    },
    {
      ...shared,
      funcName: 'nightly_report',
      trigger: '0 3 * * *',
      description: 'at 03:00 every day',
      nextRuns: next(86_400_000),
      lastRun: now - 4_000_000,
      lastStatus: 'failed' as const,
      status: 'paused' as const,
    },
  ]
}

/** As a retry waits: 1 s, 2 s, 4 s … */
function startOf(index: number): number {
  return (2 ** index - 1) * 1_000 + index * 500
}

export function detailOf(task: TaskSummary, tasks: readonly TaskSummary[]): TaskDetail {
  const attempts = Array.from({ length: task.attempt }, (_, index) => ({
    attempt: index + 1,
    startedAt: task.createdAt + 6 + startOf(index),
    endedAt: task.status === 'running' ? null : task.createdAt + 6 + startOf(index) + 488 + index * 13,
    outcome:
      index + 1 < task.attempt || task.status === 'pending' ? 'failed' : task.status === 'running' ? null : task.status,
    error: task.error,
    stacktrace:
      task.error &&
      `${task.error}\n    at charge (src/billing/charge.ts:48:11)\n    at chargeCard (src/tasks/billing.ts:17:5)`,
    workerId: 'web-2',
  }))
  return {
    ...task,
    args: task.funcName === 'charge_card' ? [{ order: 88_121, cents: 4_950, card: '***' }] : richArgs,
    result: null,
    stacktrace: attempts.at(-1)?.stacktrace ?? null,
    errorCode: null,
    logs: [
      { line: 1, at: task.createdAt + 10, level: 'info', message: 'charging 49.50', attempt: 1, extra: null },
      { line: 2, at: task.createdAt + 300, level: 'error', message: 'declined by the bank', attempt: 1, extra: null },
    ],
    logsNext: null,
    attempts,
    timeline: [
      { at: task.createdAt, event: 'created', detail: 'POST /orders' },
      { at: task.createdAt + 6, event: 'started', detail: null },
      { at: task.createdAt + 2_400, event: 'gave_up', detail: task.error },
    ],
    affected: [],
    progressPayload: null,
    idempotencyKey: null,
    locks: [],
    traceId: null,
    schedule: null,
    retries: [],
    functionStats: metricsOf(tasks),
    recentRuns: tasks.filter(({ funcName }) => funcName === task.funcName).slice(0, 5),
    cleanedUp: false,
    truncated: [],
  }
}

export function suggestionsOf(tasks: readonly TaskSummary[], field: string, prefix: string) {
  const found = tasks.flatMap(({ funcName, queue, tags, workerId, userLabel }) => {
    if (field === 'func') return funcName
    if (field === 'queue') return queue
    if (field === 'worker') return workerId ?? []
    if (field === 'user') return userLabel ?? []
    if (field === 'tag') return Object.keys(tags)
    return field.startsWith('tag.') ? (tags[field.slice(4)] ?? []) : field === 'args' ? ['order'] : []
  })
  const values = [...new Set(found)].filter((text) => text.includes(prefix)).sort()
  const counted = values.map((text) => ({ text, count: found.filter((other) => other === text).length }))
  return { field, values: counted, truncated: false, sampled: tasks.length }
}

function names(tasks: readonly TaskSummary[]): string[] {
  return [...new Set(tasks.map(({ funcName }) => funcName))].sort()
}
