import { anyTask, comparePlaces, compareValues, matchesFilter, placeOf } from '@taskloom/protocol'
import type {
  Histogram,
  Latency,
  LogPage,
  Metrics,
  QueueCount,
  TaskFilter,
  TaskSummary,
  Timeline,
  TypeStats,
} from '@taskloom/protocol'
import type { TaskRecord } from '../../core/record.ts'
import { EndsBook } from '../ends.ts'
import type { ErrorBook } from '../error-book.ts'
import { Figures, spanOf } from '../figures.ts'
import { lineageOf, type StoredLineage } from '../lineage.ts'
import { LoadBook } from '../load-book.ts'
import { LatencyBuilder } from '../latency.ts'
import type { Kept } from './index.ts'
import type { MemoryLedger } from './ledger.ts'
import { MeterBook } from '../meter-book.ts'
import { pageOf, readingSign } from '../order.ts'
import type {
  IdsAnswer,
  IdsQuestion,
  ListAnswer,
  ListQuestion,
  LogQuestion,
  MeterAnswer,
  MeterQuestion,
} from '../store.ts'
import type { ErrorGroup, ErrorQuestion, LoadAnswer, LoadQuestion } from '../fleet.ts'
import type { ArgsQuestion, EndsQuestion, LatencyQuestion, MeasuredRun, QueueEnds, RunsQuestion } from '../store.ts'
import type { ScheduleRun, StoredArgs } from '../store.ts'
import type { StoredDetail, TaskViews, TimelineQuestion } from '../store.ts'
import { isAtLeast, readableArgs, summaryOf } from '../summary.ts'
import { tally, type Tally } from '../tally.ts'
import { TimelineBuilder } from '../timeline.ts'

/** The dashboard's questions, answered by looking at every task. */
export function memoryViews(kept: ReadonlyMap<string, Kept>, ledger: MemoryLedger, errors: ErrorBook): TaskViews {
  return new MemoryViews(kept, ledger, errors)
}

class MemoryViews implements TaskViews {
  constructor(
    private readonly kept: ReadonlyMap<string, Kept>,
    private readonly ledger: MemoryLedger,
    private readonly book: ErrorBook,
  ) {}

  async list(question: ListQuestion): Promise<ListAnswer> {
    const { filter, sort, limit, cursor } = question
    const sign = readingSign(question)
    const matching = this.#matching(filter)
    const read = matching
      .filter((task) => cursor === null || comparePlaces(placeOf(task, sort), cursor) * sign > 0)
      .sort((a, b) => comparePlaces(placeOf(a, sort), placeOf(b, sort)) * sign)
      .slice(0, limit + 1)
      .map(summaryOf)
    return { ...pageOf(read, question), total: matching.length, totalIsCapped: false }
  }

  async metrics(filter: TaskFilter): Promise<Metrics> {
    return figuresOf(this.#matching(filter)).metrics(false)
  }

  async timeline(question: TimelineQuestion): Promise<Timeline> {
    const builder = new TimelineBuilder(question)
    for (const task of this.#matching(question.filter)) builder.addTask(task)
    return builder.timeline()
  }

  async types(filter: TaskFilter): Promise<readonly TypeStats[]> {
    const spanMs = spanOf(filter, this.#edge('first'), this.#edge('last'))
    return [...groupBy(this.#matching(filter), 'funcName')]
      .sort(([a], [b]) => compareValues(a, b))
      .map(([funcName, tasks]) => figuresOf(tasks).typeStats(funcName, spanMs))
  }

  async queues(): Promise<readonly QueueCount[]> {
    return [...groupBy(this.#matching(anyTask), 'queue')]
      .sort(([a], [b]) => compareValues(a, b))
      .map(([queue, tasks]) => ({ queue, counts: figuresOf(tasks).counts, total: tasks.length }))
  }

  async detail(taskId: string): Promise<StoredDetail | undefined> {
    const entry = this.kept.get(taskId)
    if (!entry) return undefined
    const { record, attempts } = entry
    const sameFunction = this.#matching({ ...anyTask, funcNames: [record.funcName] })
    return {
      record,
      attempts: [...attempts.values()].sort((a, b) => a.attempt - b.attempt),
      retries: newest(
        this.#matching(anyTask).filter(({ retriedFrom }) => retriedFrom === taskId),
        20,
      ).map(({ taskId, createdAt, status }) => ({ taskId, createdAt, status })),
      recentRuns: newest(sameFunction, 5).map(summaryOf),
      functionStats: figuresOf(sameFunction).metrics(false),
    }
  }

  async lineage(taskId: string): Promise<StoredLineage | undefined> {
    const find = (id: string): TaskSummary | undefined => {
      const record = this.kept.get(id)?.record
      return record && summaryOf(record)
    }
    const retriesOf = (ids: readonly string[], limit: number): readonly (readonly TaskSummary[])[] =>
      ids.map((id) =>
        this.#matching(anyTask)
          .filter(({ retriedFrom }) => retriedFrom === id)
          .sort((a, b) => compareValues(a.taskId, b.taskId))
          .slice(0, limit)
          .map(summaryOf),
      )
    return lineageOf(taskId, { find, retriesOf })
  }

  async logs({ taskId, after, minLevel, text, limit }: LogQuestion): Promise<LogPage> {
    const all = this.kept.get(taskId)?.logs ?? []
    const wanted = text?.toLowerCase() ?? ''
    const lines = all.filter(
      ({ line, level, message }) =>
        line > after && isAtLeast(level, minLevel) && message.toLowerCase().includes(wanted),
    )
    const logs = lines.slice(0, limit)
    return { logs, logsNext: lines.length > limit ? (logs.at(-1)?.line ?? null) : null, total: all.length }
  }

  async lastRuns(schedules: readonly string[]): Promise<readonly ScheduleRun[]> {
    return schedules.flatMap((schedule) =>
      newest(
        this.#matching(anyTask).filter((task) => task.schedule === schedule),
        1,
      ).map(({ taskId, createdAt, status }) => ({ schedule, taskId, createdAt, status })),
    )
  }

  async ids({ filter, after, until, limit }: IdsQuestion): Promise<IdsAnswer> {
    const all = this.#matching(filter).map(({ taskId }) => taskId)
    const wanted = all.filter((taskId) => (after === null || taskId > after) && taskId <= until).sort(compareValues)
    const taskIds = wanted.slice(0, limit)
    return { taskIds, next: wanted.length > limit ? (taskIds.at(-1) ?? null) : null }
  }

  async meters(question: MeterQuestion): Promise<MeterAnswer> {
    const { now } = question
    const book = new MeterBook(question)
    const tallies = new Map<string, Tally>()
    const records = this.#matching(anyTask)
    tally(tallies, records)
    for (const kept of tallies.values()) book.at(kept.funcName, kept.queue).addTally(kept, true)
    this.ledger.writeInto(book)
    const waiting = records.filter(({ status }) => status === 'pending')
    let delayed = 0
    let oldestDueAt: number | null = null
    for (const { runAt, createdAt } of waiting) {
      const dueAt = runAt ?? createdAt
      if (runAt !== null && runAt > now) delayed += 1
      else oldestDueAt = Math.min(oldestDueAt ?? dueAt, dueAt)
    }
    return { ...book.answer(), delayed, oldestDueAt, sizeBytes: null }
  }

  async load({ now, endedSince, recentSince }: LoadQuestion): Promise<LoadAnswer> {
    const book = new LoadBook()
    for (const { record } of this.kept.values()) {
      const { funcName, queue, status, createdAt, runAt, endTime } = record
      const dueAt = runAt ?? createdAt
      if (status === 'pending' || status === 'running') book.add({ funcName, queue, [status]: 1 })
      if (status === 'pending' && (runAt === null || dueAt <= now)) book.wait(queue, dueAt)
      if (createdAt >= recentSince) book.add({ funcName, queue, recent: 1 })
      if (endTime !== null && endTime >= endedSince) book.end(queue, 1)
    }
    return book.answer(endedSince)
  }

  async args({ filter, limit, maxBytes }: ArgsQuestion): Promise<readonly StoredArgs[]> {
    return newest(this.#matching(filter), limit)
      .filter(({ args }) => Buffer.byteLength(args) <= maxBytes)
      .map(({ taskId, funcName, args, redact }) => ({ taskId, funcName, args, redact }))
  }

  async runs({ schedules, limit }: RunsQuestion): Promise<readonly MeasuredRun[]> {
    const tasks = groupBy(this.#matching(anyTask), 'schedule')
    return schedules.flatMap((schedule) =>
      newest(tasks.get(schedule) ?? [], limit).map(({ taskId, createdAt, status, durationMs }) => {
        return { schedule, taskId, createdAt, status, durationMs }
      }),
    )
  }

  async ends(question: EndsQuestion): Promise<readonly QueueEnds[]> {
    const book = new EndsBook(question)
    for (const { record } of this.kept.values()) book.add(record)
    return book.answer()
  }

  async histogram(filter: TaskFilter): Promise<Histogram> {
    return figuresOf(this.#matching(filter)).histogram(false)
  }

  async latency(question: LatencyQuestion): Promise<Latency> {
    const builder = new LatencyBuilder(question)
    for (const task of this.#matching(question.filter)) builder.at(task.createdAt)?.add(task)
    return builder.latency()
  }

  async errors(question: ErrorQuestion): Promise<readonly ErrorGroup[]> {
    return this.book.groups(question)
  }

  #matching(filter: TaskFilter): TaskRecord[] {
    const readsArgs = filter.search.some(({ kind }) => kind === 'args')
    const readsGroup = filter.search.some(({ kind }) => kind === 'error_group')
    const found: TaskRecord[] = []
    for (const { record, errorGroup } of this.kept.values()) {
      const args = readsArgs ? readableArgs(record.args, record.redact) : undefined
      const task = readsArgs || readsGroup ? { ...record, args, errorGroup } : record
      if (matchesFilter(task, filter)) found.push(record)
    }
    return found
  }

  #edge(which: 'first' | 'last'): number | null {
    let edge: number | null = null
    for (const { record } of this.kept.values()) {
      const isFurther = edge === null || (which === 'first' ? record.createdAt < edge : record.createdAt > edge)
      if (isFurther) edge = record.createdAt
    }
    return edge
  }
}

function figuresOf(tasks: readonly TaskRecord[]): Figures {
  const figures = new Figures()
  for (const task of tasks) figures.add(task)
  return figures
}

function groupBy(tasks: readonly TaskRecord[], key: 'funcName' | 'queue' | 'schedule'): Map<string, TaskRecord[]> {
  const groups = new Map<string, TaskRecord[]>()
  for (const task of tasks) {
    const name = task[key]
    if (name === null) continue
    const group = groups.get(name)
    if (group) group.push(task)
    else groups.set(name, [task])
  }
  return groups
}

function newest<T extends TaskSummary>(tasks: readonly T[], limit: number): T[] {
  return [...tasks].sort((a, b) => compareValues(b.taskId, a.taskId)).slice(0, limit)
}
