import { anyTask, type Metrics, type TaskFilter, type TaskStatus } from '@taskloom/protocol'
import { ErrorBook } from '../../stores/error-book.ts'
import type { Kept } from '../../stores/memory/index.ts'
import { MemoryLedger } from '../../stores/memory/ledger.ts'
import { memoryViews } from '../../stores/memory/views.ts'
import type { ErrorGroup } from '../../stores/fleet.ts'
import type { ListAnswer, ListQuestion, TaskViews } from '../../stores/store.ts'
import type { TaskRecord } from '../../core/record.ts'
import { shownStates, statusOfState } from './record.ts'

/** How many jobs are in which state. */
export type Counts = Readonly<Partial<Record<string, number>>>

/** What is known of all jobs of a queue. */
export interface QueueFacts {
  readonly counts: Counts
  readonly isPaused: boolean
}

/** What was there at one instant: the newest jobs of each state, and how many there are in all. */
export class Snapshot {
  /** The dashboard's questions, answered from the jobs that are here. */
  readonly views: TaskViews
  readonly #errors = new ErrorBook()
  #hasCounted = false

  constructor(
    readonly kept: ReadonlyMap<string, Kept>,
    readonly queues: ReadonlyMap<string, QueueFacts>,
    readonly readAt: number,
  ) {
    this.views = memoryViews(kept, new MemoryLedger(), this.#errors)
  }

  /** Whether every job is here. */
  get isWhole(): boolean {
    return this.kept.size >= this.#count(anyTask)
  }

  records(): readonly TaskRecord[] {
    return [...this.kept.values()].map(({ record }) => record)
  }

  /** The total says that there may be more where not every job of the filter is here. */
  async list(question: ListQuestion): Promise<ListAnswer> {
    const answer = await this.views.list(question)
    return { ...answer, totalIsCapped: !this.#holdsAll(question.filter) }
  }

  /** Counts of all jobs where the filter asks for no more than states and queues; the rest from the jobs that are here. */
  async metrics(filter: TaskFilter): Promise<Metrics> {
    const metrics = await this.views.metrics(filter)
    if (this.#holdsAll(filter)) return metrics
    if (!isCountable(filter)) return { ...metrics, isCapped: true }
    const counts = Object.fromEntries(
      (['pending', 'running', 'success', 'failed'] as const).map((status) => [
        status,
        filter.statuses.length === 0 || filter.statuses.includes(status)
          ? this.#count({ ...filter, statuses: [status] })
          : 0,
      ]),
    ) as Record<'pending' | 'running' | 'success' | 'failed', number>
    const ended = counts.success + counts.failed
    return {
      ...metrics,
      ...counts,
      total: counts.pending + counts.running + ended,
      successRate: ended === 0 ? null : counts.success / ended,
      // The counts are whole; that durations are of the newest jobs is said by the notice of the source.
      isCapped: false,
    }
  }

  /** Failures by kind; counted when they are first asked for. */
  async errors(question: { readonly now: number; readonly since: number | null }): Promise<readonly ErrorGroup[]> {
    if (!this.#hasCounted) {
      this.#hasCounted = true
      const failed = this.records().filter(({ status }) => status === 'failed')
      for (const record of failed.sort((a, b) => (a.endTime ?? 0) - (b.endTime ?? 0))) this.#errors.count(record)
    }
    return this.views.errors(question)
  }

  /** How many jobs of the queues and states of a filter there are, here or not. */
  #count({ queues, statuses }: Pick<TaskFilter, 'queues' | 'statuses'>): number {
    let sum = 0
    for (const [name, { counts }] of this.queues) {
      if (queues.length === 0 || queues.includes(name)) sum += countsByStatus(counts, statuses)
    }
    return sum
  }

  #holdsAll({ queues, statuses }: TaskFilter): boolean {
    if (this.isWhole) return true
    let here = 0
    for (const { record } of this.kept.values()) {
      const isMeant =
        (queues.length === 0 || queues.includes(record.queue)) &&
        (statuses.length === 0 || statuses.includes(record.status))
      if (isMeant) here += 1
    }
    return here >= this.#count({ queues, statuses })
  }
}

/** How many of a queue's jobs are in one of these statuses, in any when there are none. */
export function countsByStatus(counts: Counts, statuses: readonly TaskStatus[]): number {
  return shownStates.reduce((sum, state) => {
    return statuses.length === 0 || statuses.includes(statusOfState[state]) ? sum + (counts[state] ?? 0) : sum
  }, 0)
}

function isCountable({ funcNames, sources, workerIds, tags, since, until, search, taskIds }: TaskFilter): boolean {
  return (
    taskIds === undefined &&
    since === null &&
    until === null &&
    [funcNames, sources, workerIds, tags, search].every((list) => list.length === 0)
  )
}
