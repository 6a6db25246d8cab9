import type { ScheduleView, TaskSummary } from '@taskloom/protocol'
import type { ScheduleDefinition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { packChecked } from '../core/intake.ts'
import type { TaskRequest } from '../core/record.ts'
import { nextSlots } from '../core/trigger.ts'
import { describeTrigger, formatTrigger } from '../core/trigger-words.ts'
import type { Act } from '../server/source.ts'
import type { ScheduleRun, ScheduleState } from '../stores/store.ts'
import { summaryOf } from '../stores/summary.ts'
import { auditDraft } from './audit-draft.ts'
import type { SourceParts } from './parts.ts'

const shownSlots = 5

export async function readSchedules(parts: SourceParts): Promise<readonly ScheduleView[]> {
  const schedules = parts.registry.schedules()
  const lastRuns = await parts.store.views.lastRuns(schedules.map(({ name }) => name))
  return Promise.all(
    schedules.map(async (schedule) => {
      const state = await parts.scheduler.state(schedule.name)
      return viewSchedule(
        schedule,
        state,
        lastRuns.find((run) => run.schedule === schedule.name),
        parts.clock.now(),
      )
    }),
  )
}

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
  const deed = { action: isPaused ? 'schedule_pause' : 'schedule_resume', target: name }
  const state = await parts.scheduler.setPaused(schedule, isPaused, auditDraft(act, deed, parts.clock.now()))
  const [lastRun] = await parts.store.views.lastRuns([name])
  return viewSchedule(schedule, state, lastRun, parts.clock.now())
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
