import type { Metrics, QueueCount, TaskFilter, TaskStatus, Timeline, TypeStats } from '@taskloom/protocol'
import { Figures, spanOf, type Countable } from '../figures.ts'
import { binsSeparator } from '../histogram.ts'
import { compareValues } from '../order.ts'
import type { TimelineQuestion } from '../store.ts'
import { TimelineBuilder } from '../timeline.ts'
import { readCube, readNames, segments } from './cube.ts'
import { splitFilter, type ExactFilter, type Residual, type SplitFilter } from './exact-filter.ts'
import { conditionsOf } from './plan.ts'
import { levels } from './rollups.ts'
import { scanNewest } from './scan.ts'
import type { StatementCache } from './statement-cache.ts'

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

export function readMetrics(cache: StatementCache, filter: TaskFilter): Metrics {
  const { figures, isCapped } = figuresBy(cache, filter, () => '')
  return (figures.get('') ?? new Figures()).metrics(isCapped)
}

export function readTypes(cache: StatementCache, filter: TaskFilter): readonly TypeStats[] {
  const edge = (which: 'min' | 'max') => {
    const order = which === 'min' ? 'ASC' : 'DESC'
    return (cache.row(`SELECT created_at FROM tasks ORDER BY id ${order} LIMIT 1`)?.[0] ?? null) as number | null
  }
  const spanMs = spanOf(filter, edge('min'), edge('max'))
  return [...figuresBy(cache, filter, ({ funcName }) => funcName).figures]
    .sort(([a], [b]) => compareValues(a, b))
    .map(([funcName, figures]) => figures.typeStats(funcName, spanMs))
}

export function readQueues(cache: StatementCache): readonly QueueCount[] {
  const figures = new Map<string, Figures>()
  for (const { queue, status, tasks } of readCube(cache, { since: null, until: null })) {
    entry(figures, queue).counts[status as TaskStatus] += tasks
  }
  return [...figures]
    .sort(([a], [b]) => compareValues(a, b))
    .map(([queue, { counts, total }]) => ({ queue, counts, total }))
}

export function readTimeline(cache: StatementCache, question: TimelineQuestion): Timeline {
  const builder = new TimelineBuilder(question)
  const { filter } = question
  const since = Math.max(builder.since, filter.since ?? builder.since)
  const until = Math.max(since, Math.min(builder.until, filter.until ?? builder.until))
  const split = splitFilter({ ...filter, since, until }, readNames(cache))
  if (split.residual) {
    for (const task of scannedTasks(cache, split.exact, split.residual).tasks) builder.addTask(task)
    return builder.timeline()
  }
  const { bucketMs, group } = question
  const longest = longestLevel(bucketMs, builder.since)
  const grouping = { by: [group], isChart: true, longest }
  for (const row of rollupRows(cache, split.exact, grouping)) {
    builder.add(row, row.tasks, (spread) => spread.addStored(row.durationCount, row.durationSum, row.durationBins))
  }
  return builder.timeline()
}

/** The longest buckets that never lie across the border of two buckets of a chart. */
function longestLevel(bucketMs: number, since: number): number {
  return Math.max(...levels.filter((level) => level > 0 && bucketMs % level === 0 && since % level === 0))
}

function figuresBy(
  cache: StatementCache,
  filter: TaskFilter,
  keyOf: (task: { readonly funcName: string }) => string,
): { readonly figures: ReadonlyMap<string, Figures>; readonly isCapped: boolean } {
  const split: SplitFilter = splitFilter(filter, readNames(cache))
  const figures = new Map<string, Figures>()
  if (split.residual) {
    const { tasks, isCapped } = scannedTasks(cache, split.exact, split.residual)
    for (const task of tasks) entry(figures, keyOf(task)).add(task)
    return { figures, isCapped }
  }
  for (const row of rollupRows(cache, split.exact, { by: ['status', 'func_name'], isChart: false })) {
    const into = entry(figures, keyOf(row))
    into.counts[row.status] += row.tasks
    into.duration.addStored(row.durationCount, row.durationSum, row.durationBins)
    into.wait.addStored(row.waitCount, row.waitSum, row.waitBins)
  }
  return { figures, isCapped: false }
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

/** Roll-ups summed by SQLite along their key, which costs no sorting: bins come as their texts, joined. */
function rollupRows(
  cache: StatementCache,
  exact: ExactFilter,
  { by, isChart, longest }: Grouping,
): readonly RollupRow[] {
  const column = (name: 'status' | 'func_name' | 'queue') => (by.includes(name) ? name : "''")
  const waits = isChart
    ? 'NULL, NULL, NULL'
    : `sum(wait_count), sum(wait_sum), group_concat(wait_bins, '${binsSeparator}')`
  const conditions = conditionsOf({ ...exact, since: null, until: null })
  const sql = `SELECT bucket, ${column('func_name')}, ${column('queue')}, ${column('status')}, sum(tasks),
      sum(duration_count), sum(duration_sum), group_concat(duration_bins, '${binsSeparator}'), ${waits}
    FROM rollups WHERE ${['level = ? AND bucket >= ? AND bucket < ?', ...conditions.map(({ sql }) => sql)].join(' AND ')}
    GROUP BY bucket, ${by.join(', ')}`
  const params = conditions.flatMap((condition) => condition.params)
  return segments(exact.since, exact.until, longest).flatMap(({ level, from, to }) =>
    cache.rows(sql, level, from, to, ...params).map(toRollupRow),
  )
}

function toRollupRow(row: readonly unknown[]): RollupRow {
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

function scannedTasks(
  cache: StatementCache,
  exact: ExactFilter,
  residual: Residual,
): { readonly tasks: readonly ScannedTask[]; readonly isCapped: boolean } {
  const context = { cube: readCube(cache, exact), names: readNames(cache) }
  const columns = ['queue', 'status', 'duration_ms', 'wait_ms']
  const { rows, isCapped } = scanNewest(cache, exact, residual, context, columns)
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
