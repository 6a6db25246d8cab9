import type { Cell } from '../../reading/cube.ts'
import type { RedisConnection } from '../connection.ts'
import { placeName, type SpreadOf } from '../keys.ts'
import type { CountedBucket } from './counts.ts'
import { names } from './plan.ts'
import { pairsOf, portionsOf } from './replies.ts'
import { sumHashes } from './scripts.ts'

/** Whatever sums lengths and counts them by bin. */
export interface SpreadSink {
  addSum(sumMs: number): void
  addToBin(bin: number, amount: number): void
}

/** Hashes that one call adds up into one sink: their names are `start` and the name of a place. */
interface Sum {
  readonly sink: SpreadSink
  readonly start: string
  readonly places: string[]
  /** How many fields they have at most. */
  fields: number
}

/** Fields that one call adds up: about a millisecond of Redis. */
const fieldsAtOnce = 4_000
/** Lengths from a microsecond to a day fall into about so many bins. */
const usualBins = 800
const callsAtOnce = 32
/** What a place is without its own name. */
const nowhere = '["","","",""]'

/** Adds how the durations, or the waits, of each cell of the buckets are spread to the sink it belongs to. */
export function addSpreads(
  connection: RedisConnection,
  buckets: readonly CountedBucket[],
  kinds: readonly SpreadOf[],
  sinkOf: (cell: Cell, of: SpreadOf, bucket: number) => SpreadSink | undefined,
): Promise<void> {
  const sums: Sum[] = []
  for (const { level, bucket, cells } of buckets) {
    for (const of of kinds) {
      const start = names.spread(level, bucket, anyPlace, of).slice(0, -nowhere.length)
      sums.push(...sumsOf(start, cells, (cell) => sinkOf(cell, of, bucket)))
    }
  }
  return addSums(connection, sums)
}

/** The same of tasks that were deleted. */
export function addDeletedSpreads(
  connection: RedisConnection,
  cells: readonly Cell[],
  sinkOf: (cell: Cell, of: SpreadOf) => SpreadSink | undefined,
): Promise<void> {
  const sums = (['duration', 'wait'] as const).flatMap((of) => {
    const start = names.deletedSpread(anyPlace, of).slice(0, -nowhere.length)
    return sumsOf(start, cells, (cell) => sinkOf(cell, of))
  })
  return addSums(connection, sums)
}

const anyPlace = { funcName: '', queue: '', source: '', status: '' }

/** The hashes of one bucket by their sinks, in portions. */
function sumsOf(start: string, cells: readonly Cell[], sinkOf: (cell: Cell) => SpreadSink | undefined): readonly Sum[] {
  const open = new Map<SpreadSink, Sum>()
  const sums: Sum[] = []
  for (const cell of cells.filter(isMeasured)) {
    const sink = sinkOf(cell)
    if (!sink) continue
    const fields = Math.min(cell.tasks, usualBins)
    let sum = open.get(sink)
    if (!sum || sum.fields + fields > fieldsAtOnce) {
      sum = { sink, start, places: [], fields: 0 }
      open.set(sink, sum)
      sums.push(sum)
    }
    sum.places.push(placeName(cell))
    sum.fields += fields
  }
  return sums
}

async function addSums(connection: RedisConnection, sums: readonly Sum[]): Promise<void> {
  for (const portion of portionsOf(sums, callsAtOnce)) {
    const replies = await Promise.all(portion.map(({ start, places }) => connection.run(sumHashes, [start, ...places])))
    for (const [index, { sink }] of portion.entries()) {
      for (const [field, value] of pairsOf(replies[index])) {
        if (field === 's') sink.addSum(Number(value))
        else sink.addToBin(Number(field), Number(value))
      }
    }
  }
}

/** Only tasks that are over have lengths that count. */
function isMeasured({ status }: Cell): boolean {
  return status !== 'pending' && status !== 'running'
}
