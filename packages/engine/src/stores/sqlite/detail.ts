import { anyTask, type Attempt, type LogEntry, type LogPage } from '@taskloom/protocol'
import type { TaskRecord } from '../../core/record.ts'
import type { LogQuestion, ScheduleRun, StoredDetail } from '../store.ts'
import { isAtLeast } from '../summary.ts'
import { readMetrics } from './aggregate.ts'
import { readList } from './list.ts'
import { attemptFromRow, attemptList, impliedAttempt, logFromRow, logList, recordFromRow, recordList } from './rows.ts'
import type { Value } from './rows.ts'
import type { StatementCache } from './statement-cache.ts'

const logPortion = 500

export function readDetail(cache: StatementCache, taskId: string): StoredDetail | undefined {
  const row = cache.row(`SELECT ${recordList}, attempt_started_at FROM tasks WHERE id = ?`, taskId)
  if (!row) return undefined
  const record = recordFromRow(row)
  const retries = cache.rows(
    `SELECT id, created_at, status FROM tasks INDEXED BY tasks_retried_from
     WHERE retried_from = ? AND retried_from IS NOT NULL ORDER BY id DESC LIMIT 20`,
    taskId,
  )
  const filter = { ...anyTask, funcNames: [record.funcName] }
  const recent = readList(cache, { filter, sort: 'created_at', order: 'desc', limit: 5, cursor: null })
  return {
    record,
    attempts: attemptsOf(cache, record, row.at(-1) ?? null),
    retries: retries.map(([id, createdAt, status]) => ({
      taskId: id as string,
      createdAt: createdAt as number,
      status: status as string,
    })),
    recentRuns: recent.tasks,
    functionStats: readMetrics(cache, filter),
  }
}

export function readLogs(cache: StatementCache, { taskId, after, minLevel, text, limit }: LogQuestion): LogPage {
  const wanted = text?.toLowerCase() ?? ''
  const found: LogEntry[] = []
  let last = after
  while (found.length <= limit) {
    const sql = `SELECT ${logList} FROM logs WHERE task_id = ? AND line > ? ORDER BY line LIMIT ?`
    const lines = cache.rows(sql, taskId, last, logPortion).map(logFromRow)
    const shown = lines.filter(
      ({ level, message }) => isAtLeast(level, minLevel) && message.toLowerCase().includes(wanted),
    )
    found.push(...shown)
    last = lines.at(-1)?.line ?? last
    if (lines.length < logPortion) break
  }
  const logs = found.slice(0, limit)
  // Lines are numbered from 1 without gaps.
  const total = cache.row('SELECT max(line) FROM logs WHERE task_id = ?', taskId)?.[0] ?? 0
  return { logs, logsNext: found.length > limit ? (logs.at(-1)?.line ?? null) : null, total: total as number }
}

export function readLastRuns(cache: StatementCache, schedules: readonly string[]): readonly ScheduleRun[] {
  return schedules.flatMap((schedule) => {
    const row = cache.row(
      `SELECT id, created_at, status FROM tasks INDEXED BY tasks_schedule
       WHERE schedule = ? AND schedule IS NOT NULL ORDER BY id DESC LIMIT 1`,
      schedule,
    )
    if (!row) return []
    const [taskId, createdAt, status] = row
    return [{ schedule, taskId: taskId as string, createdAt: createdAt as number, status: status as string }]
  })
}

function attemptsOf(cache: StatementCache, record: TaskRecord, startedAt: Value): readonly Attempt[] {
  const sql = `SELECT ${attemptList} FROM attempts WHERE task_id = ? ORDER BY attempt`
  const stored = cache.rows(sql, record.taskId).map(attemptFromRow)
  const implied = typeof startedAt === 'number' ? impliedAttempt(record, startedAt) : null
  return implied ? [...stored, implied] : stored
}
