import type { TaskStatus } from '@taskloom/protocol'
import type { TransferBins, TransferDeletedCount } from '../transfer/port.ts'
import type { Connection } from './connection.ts'
import { bare, type KeyChanges } from './key-changes.ts'
import { parsePlace, placeName, type CountPlace } from './keys.ts'
import { fieldsAfter, guardedMissing, readFields, type Part } from './transfer-part.ts'

/** The field of a spread that is the sum of all lengths; the others are bins. */
const sumField = 's'

/** What tasks came to that were deleted: one row for each function, queue and status. */
export const deletedPart: Part<'deleted_counts'> = {
  async read(connection, after, limit) {
    const { places, next } = await placesAfter(connection, after, limit)
    return { rows: await Promise.all(places.map(({ place, tasks }) => rowOf(connection, place, tasks))), next }
  },
  async propose(connection, changes, rows) {
    const places = rows.map((row) => placeName(placeOf(row)))
    const missing = await guardedMissing(connection, changes, (keys) => keys.deletedCount(), places)
    for (const row of rows) {
      const place = placeOf(row)
      if (!missing.has(placeName(place))) continue
      changes.put(bare.deletedCount(), placeName(place), row.tasks)
      putSpread(changes, place, 'duration', row.durationSum, row.duration)
      putSpread(changes, place, 'wait', row.waitSum, row.wait)
    }
  },
  count: async (connection) => Number(await connection.command('HLEN', connection.keys.deletedCount())),
}

function putSpread(changes: KeyChanges, place: CountPlace, of: 'duration' | 'wait', sum: number, bins: TransferBins) {
  const key = bare.deletedSpread(place, of)
  if (bins.length > 0) changes.put(key, sumField, sum)
  for (const [bin, count] of bins) changes.put(key, String(bin), count)
}

function placeOf({ funcName, queue, status }: TransferDeletedCount): CountPlace {
  return { funcName, queue, source: '', status }
}

/** The places that some rows are for, in order, and where to read on. */
async function placesAfter(connection: Connection, after: string | null, limit: number) {
  const { fields, next } = await fieldsAfter(connection, connection.keys.deletedCount(), after, limit)
  const counts = await readFields(connection, connection.keys.deletedCount(), fields)
  return { places: fields.map((field) => ({ place: parsePlace(field), tasks: Number(counts.get(field)) })), next }
}

async function rowOf(connection: Connection, place: CountPlace, tasks: number): Promise<TransferDeletedCount> {
  const { funcName, queue, status } = place
  const [duration, wait] = await Promise.all([
    spreadOf(connection, connection.keys.deletedSpread(place, 'duration')),
    spreadOf(connection, connection.keys.deletedSpread(place, 'wait')),
  ])
  const sums = { durationSum: duration.sum, duration: duration.bins, waitSum: wait.sum, wait: wait.bins }
  return { funcName, queue, status: status as TaskStatus, tasks, ...sums }
}

async function spreadOf(connection: Connection, key: string): Promise<{ sum: number; bins: TransferBins }> {
  const pairs = await pairsOf(connection, key)
  const bins = pairs
    .filter(([field]) => field !== sumField)
    .map(([bin, count]) => [Number(bin), Number(count)] as const)
  const sum = pairs.find(([field]) => field === sumField)?.[1] ?? 0
  return { sum: Number(sum), bins: bins.sort(([a], [b]) => a - b) }
}

async function pairsOf(connection: Connection, key: string): Promise<readonly (readonly [string, string])[]> {
  const all = (await connection.command('HGETALL', key)) as readonly string[]
  return Array.from({ length: all.length / 2 }, (_, index) => [all[2 * index] ?? '', all[2 * index + 1] ?? ''])
}
