import { anyTask, type Attempt, type LogEntry, type LogPage } from '@taskloom/protocol'
import type { TaskRecord } from '../../core/record.ts'
import { impliedAttempt } from '../attempts.ts'
import type { Value } from '../sql/database.ts'
import type { LogQuestion, MeasuredRun, RunsQuestion, ScheduleRun, StoredDetail } from '../store.ts'
import { compareValues } from '../order.ts'
import { isAtLeast } from '../summary.ts'
import { readMetrics } from './aggregate.ts'
import { readList } from './list.ts'
import { rowsOfAll, type Query, type Reads } from './reads.ts'
import { attemptFromRow, attemptList, logFromRow, logList, recordFromRow, recordList } from './rows.ts'

const logPortion = 500

export async function readDetail(reads: Reads, taskId: string): Promise<StoredDetail | undefined> {
  const { session, dialect } = reads
  const [row] = await session.rows(`SELECT ${recordList}, attempt_started_at FROM @tasks WHERE id = ?`, [taskId])
  if (!row) return undefined
  const record = recordFromRow(row)
  const retries = await session.rows(
    `SELECT id, created_at, status FROM @tasks ${dialect.along('tasks_retried_from')}
     WHERE retried_from = ? AND retried_from IS NOT NULL ORDER BY id DESC LIMIT 20`,
    [taskId],
  )
  const filter = { ...anyTask, funcNames: [record.funcName] }
  const recent = await readList(reads, { filter, sort: 'created_at', order: 'desc', limit: 5, cursor: null })
  return {
    record,
    attempts: await attemptsOf(reads, record, row.at(-1) ?? null),
    retries: retries.map(([id, createdAt, status]) => ({
      taskId: id as string,
      createdAt: createdAt as number,
      status: status as string,
    })),
    recentRuns: recent.tasks,
    functionStats: await readMetrics(reads, filter),
  }
}

export async function readLogs({ session }: Reads, question: LogQuestion): Promise<LogPage> {
  const { taskId, after, minLevel, text, limit } = question
  const wanted = text?.toLowerCase() ?? ''
  const found: LogEntry[] = []
  let last = after
  while (found.length <= limit) {
    const sql = `SELECT ${logList} FROM @logs WHERE task_id = ? AND line > ? ORDER BY line LIMIT ?`
    const lines = (await session.rows(sql, [taskId, last, logPortion])).map(logFromRow)
    const shown = lines.filter(
      ({ level, message }) => isAtLeast(level, minLevel) && message.toLowerCase().includes(wanted),
    )
    found.push(...shown)
    last = lines.at(-1)?.line ?? last
    if (lines.length < logPortion) break
  }
  const logs = found.slice(0, limit)
  // Lines are numbered from 1 without gaps.
  const [row] = await session.rows('SELECT max(line) FROM @logs WHERE task_id = ?', [taskId])
  return { logs, logsNext: found.length > limit ? (logs.at(-1)?.line ?? null) : null, total: Number(row?.[0] ?? 0) }
}

export async function readLastRuns(reads: Reads, schedules: readonly string[]): Promise<readonly ScheduleRun[]> {
  const runs = await readRuns(reads, { schedules, limit: 1 })
  return runs.map(({ schedule, taskId, createdAt, status }) => ({ schedule, taskId, createdAt, status }))
}

export async function readRuns(reads: Reads, { schedules, limit }: RunsQuestion): Promise<readonly MeasuredRun[]> {
  const sql = `SELECT schedule, id, created_at, status, duration_ms
    FROM @tasks ${reads.dialect.along('tasks_schedule')}
    WHERE schedule = ? AND schedule IS NOT NULL ORDER BY id DESC LIMIT ?`
  const bySchedule = new Map(schedules.map((schedule): [string, MeasuredRun[]] => [schedule, []]))
  const queries = [...bySchedule.keys()].map((schedule): Query => ({ sql, params: [schedule, limit] }))
  for (const [schedule, taskId, createdAt, status, durationMs] of await rowsOfAll(reads, queries)) {
    bySchedule.get(schedule as string)?.push({
      schedule: schedule as string,
      taskId: taskId as string,
      createdAt: createdAt as number,
      status: status as string,
      durationMs: durationMs as number | null,
    })
  }
  for (const runs of bySchedule.values()) runs.sort((a, b) => compareValues(b.taskId, a.taskId))
  return schedules.flatMap((schedule) => bySchedule.get(schedule) ?? [])
}

async function attemptsOf({ session }: Reads, record: TaskRecord, startedAt: Value): Promise<readonly Attempt[]> {
  const sql = `SELECT ${attemptList} FROM @attempts WHERE task_id = ? ORDER BY attempt`
  const stored = (await session.rows(sql, [record.taskId])).map(attemptFromRow)
  const implied = typeof startedAt === 'number' ? impliedAttempt(record, startedAt) : null
  return implied ? [...stored, implied] : stored
}
