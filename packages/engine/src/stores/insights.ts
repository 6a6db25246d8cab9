import type { Histogram, Latency, TaskFilter } from '@taskloom/protocol'
import type { StoredLineage } from './lineage.ts'
import type { ScheduleRun, TimelineQuestion } from './store.ts'

/** Whose arguments are wanted. */
export interface ArgsQuestion {
  /** Of which tasks; the newest of them. */
  readonly filter: TaskFilter
  /** Of how many tasks at most. */
  readonly limit: number
  /** Arguments that are longer as text, in bytes, are left out. */
  readonly maxBytes: number
}

/** The arguments of one task. */
export interface StoredArgs {
  /** Whose they are. */
  readonly taskId: string
  /** Its function. */
  readonly funcName: string
  /** As they are stored. */
  readonly args: string
  /** Paths that are not shown. */
  readonly redact: readonly string[]
}

/** A line of latencies that is wanted. */
export type LatencyQuestion = Omit<TimelineQuestion, 'group'>

/** Whose tasks are wanted. */
export interface RunsQuestion {
  /** Of these schedules. */
  readonly schedules: readonly string[]
  /** Of each so many at most. */
  readonly limit: number
}

/** A task of a schedule with how long it took. */
export interface MeasuredRun extends ScheduleRun {
  /** From the start of its first attempt to the end of its last; null before. */
  readonly durationMs: number | null
}

/** A stretch of time whose tasks are counted queue by queue. */
export interface EndsQuestion {
  /** Where it begins, on a whole bucket. */
  readonly since: number
  /** Where it ends, exclusive. */
  readonly until: number
  /** A multiple of one minute. */
  readonly bucketMs: number
}

/** What became of the tasks of one queue, bucket by bucket of their creation. */
export interface QueueEnds {
  /** Its name. */
  readonly queue: string
  /** How many have ended, oldest bucket first. */
  readonly ended: readonly number[]
  /** How many of them failed. */
  readonly failed: readonly number[]
}

/** What charts and a search box ask beyond lists and counts. */
export interface InsightViews {
  /** Arguments of the newest tasks of a filter, newest first, without those that are too long. */
  args(question: ArgsQuestion): Promise<readonly StoredArgs[]>
  /** The newest tasks of each schedule, schedule by schedule as they were named, newest first. */
  runs(question: RunsQuestion): Promise<readonly MeasuredRun[]>
  /** Counts of ended tasks by queue, by name; none for queues where nothing ended. */
  ends(question: EndsQuestion): Promise<readonly QueueEnds[]>
  /** How durations and waits of a filter are spread. */
  histogram(filter: TaskFilter): Promise<Histogram>
  /** Durations and waits in buckets of time, without gaps. */
  latency(question: LatencyQuestion): Promise<Latency>
  /** What the task was retried from, at most 20, and what was retried from it, at most 50; undefined when there is none. */
  lineage(taskId: string): Promise<StoredLineage | undefined>
}
