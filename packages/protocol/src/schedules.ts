import {
  array,
  instant,
  integer,
  named,
  nullable,
  object,
  openEnum,
  optional,
  seconds,
  string,
  type Infer,
} from './codec.ts'
import { taskStatuses } from './status.ts'
import { scheduleView } from './views.ts'

/** Tasks of a schedule that are told, at most. */
export const maxScheduleRuns = 20
/** With more schedules than this in one answer the tasks of each are left out. */
export const maxSchedulesWithRuns = 200
/** Schedules that one command pauses or resumes, at most. */
export const maxScheduleNames = 1_000

/** Codec of {@link ScheduleRunView}. */
export const scheduleRunView = object({
  /** Its id. */
  taskId: string,
  /** Where it is in its life. */
  status: openEnum(taskStatuses),
  /** When it was enqueued. */
  createdAt: instant,
  /** From the start of its first attempt to the end of its last; null before. */
  durationMs: named('duration', nullable(seconds)),
})
/** One task of a schedule. */
export type ScheduleRunView = Infer<typeof scheduleRunView>

/** Codec of {@link ScheduleEntry}. */
export const scheduleEntry = object({
  ...scheduleView.fields,
  /** Its last tasks, newest first, at most 20; left out where more than 200 schedules are told of. */
  recent: optional(array(scheduleRunView)),
  /** How long those of them took that have ended, on average; null when there is none. Left out with them. */
  avgDuration: optional(nullable(seconds)),
})
/** A schedule with what its last tasks did. */
export type ScheduleEntry = Infer<typeof scheduleEntry>

/** What `POST schedules/pause-all` and `resume-all` read. */
export const schedulesBody = object({
  /** Which schedules, at most 1,000; all by default. */
  names: optional(array(string)),
  /** Why, for the audit log. */
  reason: optional(string),
})

/** Codec of {@link SchedulesAnswer}. */
export const schedulesAnswer = object({
  /** How many are paused, or go on, that did not before. */
  changed: integer,
  /** One for each schedule. */
  results: array(
    object({
      /** Its name. */
      name: string,
      /** What became of it: `unchanged` when it was so already, `unknown` when there is none. */
      outcome: openEnum(['changed', 'unchanged', 'unknown']),
    }),
  ),
})
/** What became of schedules that were to be paused or resumed. */
export type SchedulesAnswer = Infer<typeof schedulesAnswer>
