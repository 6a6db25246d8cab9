import type { SortField } from '@taskloom/protocol'
import type { Place } from '../../order.ts'
import type { Cell } from '../../reading/cube.ts'
import type { ListQuestion } from '../../store.ts'
import type { RedisConnection, Reply } from '../connection.ts'
import { pickPlaces, type Found } from './page.ts'
import { names, setsOf } from './plan.ts'
import { longestPortion, portionsOf } from './replies.ts'
import { windowOf } from './scan.ts'
import { numbersOf } from './scripts.ts'
import type { Selection } from './selection.ts'
import { readSummaries } from './tasks.ts'
import { walk } from './walk.ts'

/** Filters up to this size are ranked by the number of each of their tasks: only the rows of the page are read. */
export const maxRanked = 10_000

/** The page of a filter in order of a number, among the places of all its tasks. */
export async function ranked(
  connection: RedisConnection,
  question: ListQuestion,
  selection: Selection,
): Promise<Found> {
  const places: Place[] = []
  for (const { set, cells } of ordersOf(question.sort, selection.cells)) {
    const ids = await idsOf(connection, selection, cells)
    for (const portion of portionsOf(ids, longestPortion)) {
      const reply = (await connection.run(numbersOf, [set, ...portion])) as readonly Reply[]
      for (const [index, taskId] of portion.entries()) {
        places.push({ taskId, value: valueOf(reply[index], question.sort) })
      }
    }
  }
  const page = pickPlaces(places, (place) => place, question)
  const ids = page.map(({ taskId }) => taskId)
  return { tasks: await readSummaries(connection, ids), resumeAt: null }
}

/** The set that knows the numbers of some cells. */
interface Order {
  readonly set: string
  readonly cells: readonly Cell[]
}

function ordersOf(sort: SortField, cells: readonly Cell[]): readonly Order[] {
  switch (sort) {
    case 'end_time':
      return [...new Set(cells.map(({ queue }) => queue))].map((queue) => ({
        set: names.ended(queue),
        cells: cells.filter((cell) => cell.queue === queue),
      }))
    case 'start_time':
      return [{ set: names.by('start'), cells }]
    case 'priority':
      return [{ set: names.by('priority'), cells }]
    case 'retries_used':
      return [{ set: names.by('retries'), cells }]
    default:
      return [{ set: names.by('duration'), cells }]
  }
}

async function idsOf(
  connection: RedisConnection,
  { exact }: Selection,
  cells: readonly Cell[],
): Promise<readonly string[]> {
  // The cells themselves, and not all tasks, where a set of its own is meant for some of them only.
  const queues = exact.queues ?? new Set(cells.map(({ queue }) => queue))
  const group = { by: 'id', sets: setsOf({ ...exact, queues }, cells) } as const
  const ids: string[] = []
  const route = { sign: 1, after: null, firstPortion: longestPortion, ...windowOf(exact) } as const
  for await (const places of walk(connection, { group, ...route })) ids.push(...places.map(({ taskId }) => taskId))
  return ids
}

/** Sets of priorities and retries leave out the zeros. */
function valueOf(reply: Reply | undefined, sort: SortField): number | null {
  if (reply != null) return Number(reply)
  return sort === 'priority' || sort === 'retries_used' ? 0 : null
}
