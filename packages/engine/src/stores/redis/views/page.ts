import { placeOf, type TaskSummary } from '@taskloom/protocol'
import { comparePlaces, pageOf, readingSign, type Place } from '../../order.ts'
import type { Residual } from '../../reading/exact-filter.ts'
import { maxScanned } from '../../reading/limits.ts'
import type { ListAnswer, ListQuestion } from '../../store.ts'
import type { RedisConnection } from '../connection.ts'
import type { PlannedGroup } from './plan.ts'
import { lookAt } from './scan.ts'
import type { Selection } from './selection.ts'

/** The rows of a page. */
export interface Found {
  /** In reading order, one more than the page holds if there is one. */
  readonly tasks: readonly TaskSummary[]
  /** Where looking gave up; null when it did not. */
  readonly resumeAt: Place | null
}

export type Total = Pick<ListAnswer, 'total' | 'totalIsCapped'>

/** Rows in order, each looked at, up to a bound; reading on continues where it gave up. */
export async function lookingFor(
  connection: RedisConnection,
  question: ListQuestion,
  selection: Selection,
  { groups, residual }: { readonly groups: readonly PlannedGroup[]; readonly residual: Residual | null },
): Promise<Found> {
  const tasks: TaskSummary[] = []
  let count = 0
  let last: TaskSummary | null = null
  const route = { groups, sign: readingSign(question), after: question.cursor, firstPortion: 200 }
  for await (const portion of lookAt(connection, selection, residual, route)) {
    for (const { summary, isWanted } of portion) {
      if (count === maxScanned) return { tasks, resumeAt: last && placeOf(last, question.sort) }
      count += 1
      last = summary
      if (isWanted && tasks.push(summary) > question.limit) return { tasks, resumeAt: null }
    }
  }
  return { tasks, resumeAt: null }
}

/** The page of a question among all that belong to its filter, or among their places. */
export function pickPlaces<T>(all: readonly T[], placeAt: (one: T) => Place, question: ListQuestion): readonly T[] {
  const { cursor, limit } = question
  const sign = readingSign(question)
  return all
    .map((one) => ({ one, place: placeAt(one) }))
    .filter(({ place }) => cursor === null || comparePlaces(place, cursor) * sign > 0)
    .sort((a, b) => comparePlaces(a.place, b.place) * sign)
    .slice(0, limit + 1)
    .map(({ one }) => one)
}

/** The answer to a question. */
export function pageWith(question: ListQuestion, { tasks, resumeAt }: Found, total: Total): ListAnswer {
  return { ...pageOf(tasks, question, resumeAt), ...total }
}
