import {
  isTerminal,
  maxScheduleRuns,
  maxSchedulesWithRuns,
  type ScheduleEntry,
  type SchedulesAnswer,
  type ScheduleView,
  type TaskSummary,
} from '@taskloom/protocol'
import type { ScheduleDefinition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { packChecked } from '../core/intake.ts'
import { pageByName } from '../core/page-by-name.ts'
import type { TaskRequest } from '../core/record.ts'
import { nextSlots } from '../core/trigger.ts'
import { describeTrigger, formatTrigger } from '../core/trigger-words.ts'
import type { Act, SchedulesQuestion } from '../server/source.ts'
import type { MeasuredRun, ScheduleRun, ScheduleState } from '../stores/store.ts'
import { summaryOf } from '../stores/summary.ts'
import { auditDraft, type Deed } from './audit-draft.ts'
import type { SourceParts } from './parts.ts'

const shownSlots = 5
/** Schedules that are written together. */
const atOnce = 50

export async function readSchedules(
  parts: SourceParts,
  question: SchedulesQuestion = allSchedules,
): Promise<readonly ScheduleEntry[]> {
  const schedules = pageByName(parts.registry.schedules(), ({ name }) => name, question)
  const tellsRuns = schedules.length <= maxSchedulesWithRuns
  const names = schedules.map(({ name }) => name)
  const runs = await parts.store.views.runs({ schedules: names, limit: tellsRuns ? maxScheduleRuns : 1 })
  const runsOf = new Map(names.map((name): [string, MeasuredRun[]] => [name, []]))
  for (const run of runs) runsOf.get(run.schedule)?.push(run)
  return Promise.all(
    schedules.map(async (schedule) => {
      const state = await parts.scheduler.state(schedule.name)
      const own = runsOf.get(schedule.name) ?? []
      const view = viewSchedule(schedule, state, own[0], parts.clock.now())
      return tellsRuns ? { ...view, ...viewRuns(own) } : view
    }),
  )
}

const allSchedules: SchedulesQuestion = { text: null, after: null, limit: null }

/** Runs a schedule's function now, beside its slots. */
export async function runSchedule(parts: SourceParts, name: string, act: Act): Promise<TaskSummary> {
  requireSchedule(parts, name)
  const definition = parts.registry.get(name)
  const request: TaskRequest = { ...definition.request, source: 'scheduled', schedule: name, userLabel: act.actor }
  const record = await parts.mint.record(definition, request, await packChecked(definition, []), {
    beside: (taskId) => ({
      audit: auditDraft(act, { action: 'schedule_run', target: name, affected: [taskId] }, parts.clock.now()),
    }),
  })
  parts.announcer.schedulesChanged()
  return summaryOf(record)
}

export async function setSchedulePaused(
  parts: SourceParts,
  name: string,
  isPaused: boolean,
  act: Act,
): Promise<ScheduleView> {
  const schedule = requireSchedule(parts, name)
  const audit = auditDraft(act, pauseDeed(name, isPaused), parts.clock.now())
  const state = await parts.scheduler.setPaused(schedule, isPaused, audit)
  const [lastRun] = await parts.store.views.lastRuns([name])
  return viewSchedule(schedule, state, lastRun, parts.clock.now())
}

/** The same with several, null for all. What is paused or goes on already is left as it is, and not written down. */
export async function setSchedulesPaused(
  parts: SourceParts,
  names: readonly string[] | null,
  isPaused: boolean,
  act: Act,
): Promise<SchedulesAnswer> {
  const asked = [...new Set(names ?? parts.registry.schedules().map(({ name }) => name))]
  const results: SchedulesAnswer['results'][number][] = []
  for (let start = 0; start < asked.length; start += atOnce) {
    const part = asked.slice(start, start + atOnce).map(async (name) => {
      return { name, outcome: await setOnePaused(parts, name, isPaused, act) }
    })
    results.push(...(await Promise.all(part)))
  }
  return { changed: results.filter(({ outcome }) => outcome === 'changed').length, results }
}

async function setOnePaused(
  parts: SourceParts,
  name: string,
  isPaused: boolean,
  act: Act,
): Promise<'changed' | 'unchanged' | 'unknown'> {
  const schedule = parts.registry.findSchedule(name)
  if (!schedule) return 'unknown'
  if ((await parts.scheduler.state(name)).isPaused === isPaused) return 'unchanged'
  await parts.scheduler.setPaused(schedule, isPaused, auditDraft(act, pauseDeed(name, isPaused), parts.clock.now()))
  return 'changed'
}

function pauseDeed(name: string, isPaused: boolean): Deed {
  return { action: isPaused ? 'schedule_pause' : 'schedule_resume', target: name }
}

function viewRuns(runs: readonly MeasuredRun[]): Pick<ScheduleEntry, 'recent' | 'avgDuration'> {
  const durations = runs.flatMap(({ status, durationMs }) => (isTerminal(status) ? (durationMs ?? []) : []))
  const sum = durations.reduce((total, duration) => total + duration, 0)
  return {
    recent: runs.map(({ taskId, status, createdAt, durationMs }) => ({ taskId, status, createdAt, durationMs })),
    avgDuration: durations.length === 0 ? null : sum / durations.length,
  }
}

function requireSchedule({ registry }: SourceParts, name: string): ScheduleDefinition {
  const schedule = registry.findSchedule(name)
  if (schedule) return schedule
  throw new TaskError('unknown_schedule', { message: `There is no schedule ${name}`, schedule: name })
}

function viewSchedule(
  { name, trigger, misfire, overlap }: ScheduleDefinition,
  { isPaused, missed }: ScheduleState,
  lastRun: ScheduleRun | undefined,
  now: number,
): ScheduleView {
  return {
    funcName: name,
    trigger: formatTrigger(trigger),
    timezone: trigger.kind === 'cron' ? trigger.timezone : 'UTC',
    description: describeTrigger(trigger),
    nextRuns: nextSlots(trigger, now, shownSlots),
    lastRun: lastRun?.createdAt ?? null,
    lastStatus: lastRun?.status ?? null,
    lastTaskId: lastRun?.taskId ?? null,
    status: isPaused ? 'paused' : 'active',
    misfire,
    missed,
    overlap,
  }
}
