import { isWithin, segments, type Cell } from '../../reading/cube.ts'
import type { ExactFilter, Names } from '../../reading/exact-filter.ts'
import { firstIdAt } from '../../reading/ids-of-time.ts'
import type { Command, RedisConnection, Reply } from '../connection.ts'
import { parsePlace, type CountPlace } from '../keys.ts'
import { numberOf, pairsOf, pipelineLength, portionsOf, textsOf } from './replies.ts'

/** Counts of the tasks that were created in one bucket. */
export interface CountedBucket {
  readonly level: number
  readonly bucket: number
  readonly cells: readonly Cell[]
}

/** Sends any number of commands, a pipeline after the other; answers stand at the places of their commands. */
export async function inPipelines(
  connection: RedisConnection,
  commands: readonly Command[],
): Promise<readonly Reply[]> {
  const replies: Reply[] = []
  for (const portion of portionsOf(commands, pipelineLength)) replies.push(...(await connection.pipeline(portion)))
  return replies
}

/** Every kind of task there is with its count. */
export async function readAllCells(connection: RedisConnection): Promise<readonly Cell[]> {
  return cellsOf(await connection.command('HGETALL', connection.keys.count(0, 0)))
}

/** Names of functions and queues that occur. */
export function namesOf(cells: readonly Cell[]): Names {
  return {
    funcNames: [...new Set(cells.map(({ funcName }) => funcName))],
    queues: [...new Set(cells.map(({ queue }) => queue))],
  }
}

/**
 * The kinds of tasks of a filter, each with how many there are in its window: every kind is a set in order of ids, which
 * counts a stretch of itself without reading it.
 */
export async function countCells(
  connection: RedisConnection,
  all: readonly Cell[],
  exact: ExactFilter,
): Promise<readonly Cell[]> {
  const cells = all.filter((cell) => isWithin(cell, exact))
  const { since, until } = exact
  if (since === null && until === null) return cells
  const least = since === null ? '-' : `[${firstIdAt(since)}`
  const most = until === null ? '+' : `(${firstIdAt(until)}`
  const commands = cells.map((cell): Command => ['ZLEXCOUNT', connection.keys.cell(cell), least, most])
  const replies = await inPipelines(connection, commands)
  return cells.map((cell, index) => ({ ...cell, tasks: numberOf(replies[index]) })).filter(({ tasks }) => tasks > 0)
}

/** How many tasks the exact part of a filter holds. */
export function sumOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, { tasks }) => sum + tasks, 0)
}

/** The buckets that cover the window of a filter, none of them longer than `longest`, with the kinds it means. */
export async function readBuckets(
  connection: RedisConnection,
  exact: ExactFilter,
  longest?: number,
): Promise<readonly CountedBucket[]> {
  const { keys } = connection
  const stretches = segments(exact.since, exact.until, longest)
  const inLevels = stretches.filter(({ level }) => level > 0)
  const starts = await inPipelines(
    connection,
    inLevels.map(({ level, from, to }): Command => ['ZRANGEBYSCORE', keys.buckets(level), from, `(${to}`]),
  )
  const places = [
    ...stretches.filter(({ level }) => level === 0).map(({ level }) => ({ level, bucket: 0 })),
    ...inLevels.flatMap(({ level }, index) =>
      textsOf(starts[index]).map((bucket) => ({ level, bucket: Number(bucket) })),
    ),
  ]
  const counts = await inPipelines(
    connection,
    places.map(({ level, bucket }): Command => ['HGETALL', keys.count(level, bucket)]),
  )
  return places.map(({ level, bucket }, index) => ({
    level,
    bucket,
    cells: cellsOf(counts[index]).filter((cell) => isWithin(cell, exact)),
  }))
}

/** The cells of a hash of counts. */
export function cellsOf(reply: Reply | undefined): readonly Cell[] {
  return pairsOf(reply).map(([place, tasks]) => ({ ...placeOf(place), tasks: Number(tasks) }))
}

/** A store has few kinds of tasks, but reads them again and again. */
const known = new Map<string, CountPlace>()
const maxKnown = 10_000

function placeOf(text: string): CountPlace {
  const place = known.get(text)
  if (place) return place
  if (known.size >= maxKnown) known.clear()
  const fresh = parsePlace(text)
  known.set(text, fresh)
  return fresh
}
