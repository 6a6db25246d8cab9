import { isIdPart, type Residual } from '../../reading/exact-filter.ts'
import { maxSorted } from '../../reading/limits.ts'
import type { Command, RedisConnection } from '../connection.ts'
import { names } from './plan.ts'
import { longestPortion, numberOf, portionsOf, textsOf } from './replies.ts'
import { idsHolding } from './scripts.ts'
import type { Selection } from './selection.ts'

const shortestIdPart = 8
/** Ids that are looked at for one that holds a word, the newest ones. */
const maxIdsLookedAt = 250_000
const portionsAtOnce = 25

/** A set in order of ids that holds everything that a residual can mean. */
export interface Narrowed {
  /** Its name, without the prefix. */
  readonly set: string
  readonly tasks: number
}

/** The smallest set that holds a residual's tasks; null when no set is of its tags or its kind of failure. */
export async function narrowest(connection: RedisConnection, residual: Residual): Promise<Narrowed | null> {
  const { tags, errorGroup } = residual
  const sets = tags.map(({ key, value }) => names.tag(key, value))
  if (errorGroup !== null) sets.push(names.errorGroup(errorGroup))
  if (sets.length === 0) return null
  const counts = await connection.pipeline(sets.map((set): Command => ['ZCARD', connection.keys.base + set]))
  const narrowed = sets.map((set, index) => ({ set, tasks: numberOf(counts[index]) }))
  return narrowed.reduce((least, other) => (other.tasks < least.tasks ? other : least))
}

/** Ids that hold everything a residual can mean, when they are known and few; else null. */
export async function candidateIds(
  connection: RedisConnection,
  residual: Residual,
  selection: Selection,
  narrowed: Narrowed | null,
): Promise<readonly string[] | null> {
  const { taskIds, terms } = residual
  if (taskIds !== null && taskIds.length <= maxSorted) return [...new Set(taskIds)]
  if (narrowed !== null && narrowed.tasks <= maxSorted) {
    return textsOf(await connection.command('ZRANGE', connection.keys.base + narrowed.set, 0, maxSorted))
  }
  for (const term of terms) {
    if (term.kind !== 'word' || term.negated || !isIdPart(term.text) || term.text.length < shortestIdPart) continue
    const word = term.text.toLowerCase()
    if (selection.names.funcNames.some((name) => name.toLowerCase().includes(word))) continue
    const { ids, isWhole } = await idsAround(connection, word)
    if ((isWhole || ids.length > 0) && ids.length <= maxSorted) return ids
  }
  return null
}

interface IdsAround {
  readonly ids: readonly string[]
  /** Whether every id was looked at. */
  readonly isWhole: boolean
}

/** Ids that hold a word: among the newest anywhere, among all at the start. */
async function idsAround(connection: RedisConnection, word: string): Promise<IdsAround> {
  const key = connection.keys.ids()
  const starting = connection.command('ZRANGEBYLEX', key, `[${word}`, `(${word}g`, 'LIMIT', 0, maxSorted + 1)
  const ids = new Set(textsOf(await starting))
  const all = numberOf(await connection.command('ZCARD', key))
  const count = Math.min(maxIdsLookedAt, all)
  const starts = Array.from({ length: Math.ceil(count / longestPortion) }, (_, index) => index * longestPortion)
  for (const portion of portionsOf(starts, portionsAtOnce)) {
    if (ids.size > maxSorted) break
    const replies = await Promise.all(
      portion.map((start) => connection.run(idsHolding, [word, start, start + longestPortion - 1])),
    )
    for (const reply of replies) for (const taskId of textsOf(reply)) ids.add(taskId)
  }
  return { ids: [...ids], isWhole: count === all }
}
