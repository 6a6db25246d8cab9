import type { JobSchedulerJson, Queue } from 'bullmq'
import { maxScheduleRuns, type ScheduleEntry, type TaskSummary } from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import { nextSlots, parseTrigger, type Trigger } from '../../core/trigger.ts'
import { describeTrigger, formatTrigger } from '../../core/trigger-words.ts'
import { summaryOf } from '../../stores/summary.ts'
import { settle } from './deeds.ts'
import { findJob } from './detail.ts'
import { placeOfTask, taskIdOf } from './job-id.ts'
import type { Parts } from './parts.ts'
import type { Snapshot } from './snapshot.ts'

/** Job schedulers of a queue that are told of. */
const maxSchedulers = 1_000
const shownSlots = 5

/** The job schedulers of all queues, named `queue:key`. */
export async function readSchedules(parts: Parts): Promise<readonly ScheduleEntry[]> {
  const [found, snapshot] = await Promise.all([
    parts.queues.each((queue) => queue.getJobSchedulers(0, maxSchedulers - 1, true)),
    parts.window.read(),
  ])
  const runs = runsBySchedule(snapshot)
  return [...found]
    .flatMap(([queue, schedulers]) => schedulers.map((scheduler) => viewScheduler(queue, scheduler, runs, parts)))
    .sort((a, b) => (a.funcName < b.funcName ? -1 : 1))
}

/** Makes the job due that waits for the scheduler's next slot; BullMQ adds the one after it when that runs. */
export async function runSchedule(parts: Parts, name: string): Promise<TaskSummary> {
  const place = placeOfTask(name)
  const queue = place && (await parts.queues.find(place.queue))
  const scheduler = queue && place && (await findScheduler(parts, queue, place.jobId))
  if (!place || !scheduler?.next) {
    throw new TaskError('unknown_schedule', { message: `There is no schedule ${name} that waits`, schedule: name })
  }
  const taskId = taskIdOf({ queue: place.queue, jobId: `repeat:${scheduler.key}:${scheduler.next}` })
  const { job, record } = await findJob(parts, taskId)
  if (record.runAt !== null) await parts.queues.within(() => job.promote())
  await settle(parts, taskId)
  return summaryOf((await findJob(parts, taskId)).record)
}

function findScheduler({ queues }: Parts, queue: Queue, key: string): Promise<JobSchedulerJson | undefined> {
  return queues.within(() => queue.getJobScheduler(key))
}

type Runs = ReadonlyMap<string, readonly TaskSummary[]>

/** The newest jobs of each scheduler that are looked at. */
function runsBySchedule(snapshot: Snapshot): Runs {
  const runs = new Map<string, TaskSummary[]>()
  const records = snapshot.records().filter(({ schedule, attempt }) => schedule !== null && attempt > 0)
  for (const record of records.sort((a, b) => b.createdAt - a.createdAt)) {
    const own = runs.get(record.schedule ?? '') ?? []
    runs.set(record.schedule ?? '', own)
    if (own.length < maxScheduleRuns) own.push(summaryOf(record))
  }
  return runs
}

function viewScheduler(queue: string, scheduler: JobSchedulerJson, runs: Runs, { clock }: Parts): ScheduleEntry {
  const name = taskIdOf({ queue, jobId: scheduler.key })
  const { pattern, every, tz, next } = scheduler
  const trigger = triggerOf(scheduler)
  const own = runs.get(name) ?? []
  const durations = own.flatMap(({ durationMs }) => durationMs ?? [])
  return {
    funcName: name,
    trigger: trigger ? formatTrigger(trigger) : (pattern ?? `every ${every ?? 0} ms`),
    timezone: tz ?? 'UTC',
    description: trigger ? describeTrigger(trigger) : (pattern ?? ''),
    nextRuns: next === undefined ? [] : slotsFrom(next, trigger, every ?? null, clock.now()),
    lastRun: own[0]?.createdAt ?? null,
    lastStatus: own[0]?.status ?? null,
    lastTaskId: own[0]?.taskId ?? null,
    status: 'active',
    misfire: 'once',
    missed: 0,
    overlap: 'allow',
    recent: own.map(({ taskId, status, createdAt, durationMs }) => ({ taskId, status, createdAt, durationMs })),
    avgDuration: durations.length === 0 ? null : durations.reduce((sum, one) => sum + one, 0) / durations.length,
  }
}

/** Null where BullMQ reads an expression that is read otherwise here. */
function triggerOf({ pattern, every, tz }: JobSchedulerJson): Trigger | null {
  try {
    return pattern ? parseTrigger({ cron: pattern, timezone: tz }) : parseTrigger({ every })
  } catch {
    return null
  }
}

/** The slot that a job waits for already, and those after it. */
function slotsFrom(next: number, trigger: Trigger | null, every: number | null, now: number): readonly number[] {
  if (every !== null) return Array.from({ length: shownSlots }, (_, index) => next + index * every)
  if (trigger === null) return [next]
  return [next, ...nextSlots(trigger, Math.max(next, now), shownSlots - 1)]
}
