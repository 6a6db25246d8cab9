import type { Command, RedisConnection } from '../connection.ts'
import type { MeasuredRun, RunsQuestion, ScheduleRun } from '../../store.ts'
import { inPipelines } from './counts.ts'
import { textsOf } from './replies.ts'
import { readSummaries } from './tasks.ts'

/** The newest tasks of each schedule, newest first. */
export async function readRuns(
  connection: RedisConnection,
  { schedules, limit }: RunsQuestion,
): Promise<readonly MeasuredRun[]> {
  if (limit <= 0) return []
  const replies = await inPipelines(
    connection,
    schedules.map((schedule): Command => ['ZREVRANGE', connection.keys.scheduled(schedule), 0, limit - 1]),
  )
  const ids = replies.map(textsOf)
  const summaries = await readSummaries(connection, ids.flat())
  const tasks = new Map(summaries.map((task) => [task.taskId, task]))
  return schedules.flatMap((schedule, index) =>
    (ids[index] ?? []).flatMap((taskId): readonly MeasuredRun[] => {
      const task = tasks.get(taskId)
      if (!task) return []
      const { createdAt, status, durationMs } = task
      return [{ schedule, taskId, createdAt, status, durationMs }]
    }),
  )
}

/** The newest task of each schedule. */
export async function readLastRuns(
  connection: RedisConnection,
  schedules: readonly string[],
): Promise<readonly ScheduleRun[]> {
  const runs = await readRuns(connection, { schedules, limit: 1 })
  return runs.map(({ schedule, taskId, createdAt, status }) => ({ schedule, taskId, createdAt, status }))
}
