import { logLevels, type Json, type LogLevel, type TaskSummary } from '@taskloom/protocol'
import type { TaskRecord } from '../core/record.ts'
import { redact } from '../core/redact.ts'

/** The part of a record that lists and live events carry. */
export function summaryOf(record: TaskRecord): TaskSummary {
  return {
    taskId: record.taskId,
    funcName: record.funcName,
    queue: record.queue,
    status: record.status,
    createdAt: record.createdAt,
    runAt: record.runAt,
    startTime: record.startTime,
    endTime: record.endTime,
    durationMs: record.durationMs,
    waitMs: record.waitMs,
    attempt: record.attempt,
    retriesUsed: record.retriesUsed,
    maxRetries: record.maxRetries,
    priority: record.priority,
    executor: record.executor,
    source: record.source,
    error: record.error,
    tags: record.tags,
    progress: record.progress,
    userLabel: record.userLabel,
    workerId: record.workerId,
    hasLogs: record.hasLogs,
    retriedFrom: record.retriedFrom,
    retryCount: record.retryCount,
    version: record.version,
  }
}

/** Arguments as a search may read them, redacted; undefined where they are encrypted or no plain JSON. */
export function readableArgs(args: string, redacted: readonly string[]): unknown {
  if (!args.startsWith('[')) return undefined
  try {
    return redact(JSON.parse(args) as Json, redacted)
  } catch {
    return undefined
  }
}

/** Whether a line is at least as grave as `minLevel`; levels we do not know are shown only without a limit. */
export function isAtLeast(level: string, minLevel: LogLevel | null): boolean {
  if (minLevel === null) return true
  return (logLevels as readonly string[]).indexOf(level) >= logLevels.indexOf(minLevel)
}
