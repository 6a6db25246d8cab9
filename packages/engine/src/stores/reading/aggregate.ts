import type {
  Histogram,
  Latency,
  Metrics,
  QueueCount,
  TaskFilter,
  TaskStatus,
  Timeline,
  TypeStats,
} from '@taskloom/protocol'
import { Figures, spanOf, type Countable } from '../figures.ts'
import { binsSeparator } from '../histogram.ts'
import { LatencyBuilder } from '../latency.ts'
import { compareValues } from '../order.ts'
import type { Row } from '../sql/database.ts'
import type { LatencyQuestion, TimelineQuestion } from '../store.ts'
import { TimelineBuilder } from '../timeline.ts'
import { longestLevel } from './cube.ts'
import { splitFilter, type ExactFilter, type Residual, type SplitFilter } from './exact-filter.ts'
import { conditionsOf } from './branches.ts'
import type { Reads } from './reads.ts'
import { readCube, readNames, readRollups } from './rollups.ts'
import { scanNewest } from './scan.ts'

interface RollupRow {
  readonly createdAt: number
  readonly funcName: string
  readonly queue: string
  readonly status: TaskStatus
  readonly tasks: number
  readonly durationCount: number
  readonly durationSum: number
  readonly durationBins: string | null
  readonly waitCount: number
  readonly waitSum: number
  readonly waitBins: string | null
}

type ScannedTask = Countable & { readonly createdAt: number; readonly funcName: string; readonly queue: string }

export async function readMetrics(reads: Reads, filter: TaskFilter): Promise<Metrics> {
  const { figures, isCapped } = await figuresBy(reads, filter, () => '')
  return (figures.get('') ?? new Figures()).metrics(isCapped)
}

export async function readHistogram(reads: Reads, filter: TaskFilter): Promise<Histogram> {
  const { figures, isCapped } = await figuresBy(reads, filter, () => '')
  return (figures.get('') ?? new Figures()).histogram(isCapped)
}

export async function readLatency(reads: Reads, question: LatencyQuestion): Promise<Latency> {
  const builder = new LatencyBuilder(question)
  const { exact, residual } = await splitWithin(reads, question.filter, builder)
  if (residual) {
    const { tasks } = await scannedTasks(reads, exact, residual)
    for (const task of tasks) builder.at(task.createdAt)?.add(task)
    return builder.latency()
  }
  const longest = longestLevel(question.bucketMs, builder.since)
  for (const row of await rollupRows(reads, exact, { by: ['status'], isChart: false, longest })) {
    const figures = builder.at(row.createdAt)
    if (figures) addRow(figures, row)
  }
  return builder.latency()
}

export async function readTypes(reads: Reads, filter: TaskFilter): Promise<readonly TypeStats[]> {
  const edge = (order: 'ASC' | 'DESC') => `(SELECT created_at FROM @tasks ORDER BY id ${order} LIMIT 1)`
  const [[first = null, last = null] = []] = await reads.session.rows(`SELECT ${edge('ASC')}, ${edge('DESC')}`)
  const spanMs = spanOf(filter, first as number | null, last as number | null)
  const { figures } = await figuresBy(reads, filter, ({ funcName }) => funcName)
  return [...figures]
    .filter(([, { total }]) => total > 0)
    .sort(([a], [b]) => compareValues(a, b))
    .map(([funcName, figures]) => figures.typeStats(funcName, spanMs))
}

export async function readQueues(reads: Reads): Promise<readonly QueueCount[]> {
  const figures = new Map<string, Figures>()
  for (const { queue, status, tasks } of await readCube(reads, { since: null, until: null })) {
    entry(figures, queue).counts[status as TaskStatus] += tasks
  }
  return [...figures]
    .sort(([a], [b]) => compareValues(a, b))
    .map(([queue, { counts, total }]) => ({ queue, counts, total }))
}

export async function readTimeline(reads: Reads, question: TimelineQuestion): Promise<Timeline> {
  const builder = new TimelineBuilder(question)
  const split = await splitWithin(reads, question.filter, builder)
  if (split.residual) {
    const { tasks } = await scannedTasks(reads, split.exact, split.residual)
    for (const task of tasks) builder.addTask(task)
    return builder.timeline()
  }
  const { bucketMs, group } = question
  const longest = longestLevel(bucketMs, builder.since)
  const grouping = { by: [group], isChart: true, longest }
  for (const row of await rollupRows(reads, split.exact, grouping)) {
    builder.add(row, row.tasks, (spread) => spread.addStored(row.durationCount, row.durationSum, row.durationBins))
  }
  return builder.timeline()
}

/** A filter with its own window and that of a chart. */
async function splitWithin(
  reads: Reads,
  filter: TaskFilter,
  chart: { readonly since: number; readonly until: number },
): Promise<SplitFilter> {
  const since = Math.max(chart.since, filter.since ?? chart.since)
  const until = Math.max(since, Math.min(chart.until, filter.until ?? chart.until))
  return splitFilter({ ...filter, since, until }, await readNames(reads, filter))
}

async function figuresBy(
  reads: Reads,
  filter: TaskFilter,
  keyOf: (task: { readonly funcName: string }) => string,
): Promise<{ readonly figures: ReadonlyMap<string, Figures>; readonly isCapped: boolean }> {
  const split = splitFilter(filter, await readNames(reads, filter))
  const figures = new Map<string, Figures>()
  if (split.residual) {
    const { tasks, isCapped } = await scannedTasks(reads, split.exact, split.residual)
    for (const task of tasks) entry(figures, keyOf(task)).add(task)
    return { figures, isCapped }
  }
  for (const row of await rollupRows(reads, split.exact, { by: ['status', 'func_name'], isChart: false })) {
    addRow(entry(figures, keyOf(row)), row)
  }
  return { figures, isCapped: false }
}

function addRow(into: Figures, row: RollupRow): void {
  into.counts[row.status] += row.tasks
  into.duration.addStored(row.durationCount, row.durationSum, row.durationBins)
  into.wait.addStored(row.waitCount, row.waitSum, row.waitBins)
}

function entry(figures: Map<string, Figures>, key: string): Figures {
  const known = figures.get(key)
  if (known) return known
  const fresh = new Figures()
  figures.set(key, fresh)
  return fresh
}

interface Grouping {
  /** What the rows are told apart by; other columns come empty. */
  readonly by: readonly ('status' | 'func_name' | 'queue')[]
  /** A chart shows no waits. */
  readonly isChart: boolean
  readonly longest?: number
}

/** Bins come as their texts, joined. */
async function rollupRows(
  reads: Reads,
  exact: ExactFilter,
  { by, isChart, longest }: Grouping,
): Promise<readonly RollupRow[]> {
  const { dialect } = reads
  const column = (name: 'status' | 'func_name' | 'queue') => (by.includes(name) ? name : "''")
  const bins = (name: string) => dialect.joined(name, binsSeparator)
  const waits = isChart ? 'NULL, NULL, NULL' : `sum(wait_count), sum(wait_sum), ${bins('wait_bins')}`
  const rows = await readRollups(reads, {
    window: exact,
    ...(longest === undefined ? {} : { longest }),
    columns: `bucket, ${column('func_name')}, ${column('queue')}, ${column('status')}, sum(tasks),
      sum(duration_count), sum(duration_sum), ${bins('duration_bins')}, ${waits}`,
    conditions: conditionsOf(dialect, { ...exact, since: null, until: null }),
    by: `bucket, ${by.join(', ')}`,
  })
  return rows.map(toRollupRow)
}

function toRollupRow(row: Row): RollupRow {
  return {
    createdAt: row[0] as number,
    funcName: row[1] as string,
    queue: row[2] as string,
    status: row[3] as TaskStatus,
    tasks: row[4] as number,
    durationCount: row[5] as number,
    durationSum: row[6] as number,
    durationBins: row[7] as string | null,
    waitCount: row[8] as number,
    waitSum: row[9] as number,
    waitBins: row[10] as string | null,
  }
}

async function scannedTasks(
  reads: Reads,
  exact: ExactFilter,
  residual: Residual,
): Promise<{ readonly tasks: readonly ScannedTask[]; readonly isCapped: boolean }> {
  const names = await readNames(reads, { search: residual.terms })
  const context = { cube: await readCube(reads, exact), names }
  const columns = ['queue', 'status', 'duration_ms', 'wait_ms']
  const { rows, isCapped } = await scanNewest(reads, exact, residual, context, columns)
  const tasks = rows.map((row) => {
    const [queue, status, durationMs, waitMs, createdAt] = row.slice(-5)
    return {
      funcName: row[1] as string,
      queue: queue as string,
      status: status as TaskStatus,
      durationMs: durationMs as number | null,
      waitMs: waitMs as number | null,
      createdAt: createdAt as number,
    }
  })
  return { tasks, isCapped }
}
