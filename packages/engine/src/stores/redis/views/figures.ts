import type { Histogram, Latency, Metrics, QueueCount, TaskFilter, TaskStatus } from '@taskloom/protocol'
import type { Timeline, TypeStats } from '@taskloom/protocol'
import type { Spread } from '../../figures.ts'
import { Figures, spanOf } from '../../figures.ts'
import { LatencyBuilder } from '../../latency.ts'
import { compareValues } from '../../order.ts'
import { longestLevel, type Cell } from '../../reading/cube.ts'
import { splitFilter, type ExactFilter } from '../../reading/exact-filter.ts'
import type { LatencyQuestion, TimelineQuestion } from '../../store.ts'
import { TimelineBuilder } from '../../timeline.ts'
import type { RedisConnection } from '../connection.ts'
import { namesOf, readAllCells, readBuckets } from './counts.ts'
import { textsOf } from './replies.ts'
import { scanNewest, type Scanned } from './scan.ts'
import { select } from './selection.ts'
import { addSpreads } from './spreads.ts'
import { readSummaries } from './tasks.ts'

export async function readMetrics(connection: RedisConnection, filter: TaskFilter): Promise<Metrics> {
  const { figures, isCapped } = await figuresBy(connection, filter, () => '')
  return (figures.get('') ?? new Figures()).metrics(isCapped)
}

export async function readHistogram(connection: RedisConnection, filter: TaskFilter): Promise<Histogram> {
  const { figures, isCapped } = await figuresBy(connection, filter, () => '')
  return (figures.get('') ?? new Figures()).histogram(isCapped)
}

export async function readTypes(connection: RedisConnection, filter: TaskFilter): Promise<readonly TypeStats[]> {
  const spanMs = spanOf(filter, await edge(connection, 0), await edge(connection, -1))
  const { figures } = await figuresBy(connection, filter, ({ funcName }) => funcName)
  return [...figures]
    .sort(([a], [b]) => compareValues(a, b))
    .map(([funcName, ofFunction]) => ofFunction.typeStats(funcName, spanMs))
}

export async function readQueues(connection: RedisConnection): Promise<readonly QueueCount[]> {
  const figures = new Map<string, Figures>()
  for (const { queue, status, tasks } of await readAllCells(connection)) {
    entry(figures, queue).counts[status as TaskStatus] += tasks
  }
  return [...figures]
    .sort(([a], [b]) => compareValues(a, b))
    .map(([queue, { counts, total }]) => ({ queue, counts, total }))
}

export async function readTimeline(connection: RedisConnection, question: TimelineQuestion): Promise<Timeline> {
  const builder = new TimelineBuilder(question)
  const within = await chartPart(connection, question.filter, builder)
  if ('tasks' in within) {
    for (const task of within.tasks) builder.addTask({ ...task, status: task.status as TaskStatus })
    return builder.timeline()
  }
  const buckets = await readBuckets(connection, within, longestLevel(question.bucketMs, builder.since))
  const placed = (cell: Cell, createdAt: number) => ({ ...cell, status: cell.status as TaskStatus, createdAt })
  for (const { bucket, cells } of buckets) {
    for (const cell of cells) builder.add(placed(cell, bucket), cell.tasks, () => undefined)
  }
  await addSpreads(connection, buckets, ['duration'], (cell, _, bucket) => {
    let sink: Spread | undefined
    builder.add(placed(cell, bucket), 0, (durations) => (sink = durations))
    return sink
  })
  return builder.timeline()
}

export async function readLatency(connection: RedisConnection, question: LatencyQuestion): Promise<Latency> {
  const builder = new LatencyBuilder(question)
  const within = await chartPart(connection, question.filter, builder)
  if ('tasks' in within) {
    for (const task of within.tasks) builder.at(task.createdAt)?.add({ ...task, status: task.status as TaskStatus })
    return builder.latency()
  }
  const buckets = await readBuckets(connection, within, longestLevel(question.bucketMs, builder.since))
  for (const { bucket, cells } of buckets) {
    const figures = builder.at(bucket)
    if (figures) for (const { status, tasks } of cells) figures.counts[status as TaskStatus] += tasks
  }
  await addSpreads(connection, buckets, ['duration', 'wait'], (_, of, bucket) => builder.at(bucket)?.[of])
  return builder.latency()
}

/** The tasks of a filter within a chart, when they must be looked at; else its exact part. */
async function chartPart(
  connection: RedisConnection,
  filter: TaskFilter,
  chart: { readonly since: number; readonly until: number },
): Promise<Scanned | ExactFilter> {
  const since = Math.max(chart.since, filter.since ?? chart.since)
  const until = Math.max(since, Math.min(chart.until, filter.until ?? chart.until))
  const within = { ...filter, since, until }
  const { exact, residual } = splitFilter(within, namesOf(await readAllCells(connection)))
  return residual ? scanNewest(connection, await select(connection, within), residual) : exact
}

async function figuresBy(
  connection: RedisConnection,
  filter: TaskFilter,
  keyOf: (task: { readonly funcName: string }) => string,
): Promise<{ readonly figures: ReadonlyMap<string, Figures>; readonly isCapped: boolean }> {
  const figures = new Map<string, Figures>()
  const { exact, residual } = splitFilter(filter, namesOf(await readAllCells(connection)))
  if (residual) {
    const { tasks, isCapped } = await scanNewest(connection, await select(connection, filter), residual)
    for (const task of tasks) entry(figures, keyOf(task)).add({ ...task, status: task.status as TaskStatus })
    return { figures, isCapped }
  }
  const buckets = await readBuckets(connection, exact)
  for (const cell of buckets.flatMap(({ cells }) => cells)) {
    entry(figures, keyOf(cell)).counts[cell.status as TaskStatus] += cell.tasks
  }
  await addSpreads(connection, buckets, ['duration', 'wait'], (cell, of) => entry(figures, keyOf(cell))[of])
  return { figures, isCapped: false }
}

function entry(figures: Map<string, Figures>, key: string): Figures {
  const known = figures.get(key)
  if (known) return known
  const fresh = new Figures()
  figures.set(key, fresh)
  return fresh
}

/** When the first task (0) or the last one (−1) was created. */
async function edge(connection: RedisConnection, rank: 0 | -1): Promise<number | null> {
  const ids = textsOf(await connection.command('ZRANGE', connection.keys.ids(), rank, rank))
  const [task] = await readSummaries(connection, ids)
  return task?.createdAt ?? null
}
