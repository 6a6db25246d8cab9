import { compareValues, type Place, type SortValue } from '../../order.ts'
import type { Command, RedisConnection } from '../connection.ts'
import { inPipelines } from './counts.ts'
import { longestPortion, pairsOf, textsOf } from './replies.ts'
import { placesFrom } from './scripts.ts'

/** Branches whose tasks belong together. Groups follow each other; branches of one group are merged. */
export interface Group {
  /** How they are ordered: by id, all of them with one sort value; or by a number, which is between two others. */
  readonly by: 'id' | { readonly value: SortValue } | NumberRange
  /** Names of sorted sets, without the prefix. */
  readonly sets: readonly string[]
}

/** Numbers between two others, both excluded; infinite where there is no bound. */
export interface NumberRange {
  readonly above: number
  readonly below: number
}

export interface Walk {
  readonly group: Group
  /** 1 for rising order, −1 for falling. */
  readonly sign: 1 | -1
  /** Tasks after this place only. */
  readonly after: Place | null
  /** Ids from here on, and up to there, excluded; sets in order of a number do not heed it. */
  readonly since: string | null
  readonly until: string | null
  /** How many tasks are wanted at first. */
  readonly firstPortion: number
}

interface Branch {
  readonly set: string
  /** Read and not given yet, in reading order. */
  held: Place[]
  /** The last place that was read. */
  last: Place | null
  isDone: boolean
}

const leastPortion = 16

/** Reads the places of one group in order, portion by portion: no more than is wanted, and nothing is held open. */
export async function* walk(connection: RedisConnection, plan: Walk): AsyncGenerator<readonly Place[], void> {
  const start = startOf(plan)
  if (start === 'past') return
  const branches = plan.group.sets.map((set): Branch => ({ set, held: [], last: start, isDone: false }))
  const compare = (a: Place, b: Place): number => comparePlaces(a, b) * plan.sign
  const first = Math.ceil((plan.firstPortion * 2) / Math.max(1, branches.length))
  let portion = branches.length === 1 ? plan.firstPortion : Math.max(leastPortion, first)
  portion = Math.min(longestPortion, portion)
  for (;;) {
    const short = branches.filter(({ held, isDone }) => !isDone && held.length < portion / 2)
    await readOn(connection, plan, short, portion)
    const places = takeSafe(branches, compare)
    if (places.length > 0) yield places
    if (branches.every(({ held, isDone }) => isDone && held.length === 0)) return
    portion = Math.min(longestPortion, portion * 4)
  }
}

/** Where the group starts to be read: from its beginning, after a place, or not at all. */
function startOf({ group: { by }, after, sign }: Walk): Place | null | 'past' {
  if (after === null || by === 'id') return after
  if ('value' in by) {
    const order = compareValues(by.value, after.value) * sign
    if (order === 0) return after
    return order > 0 ? null : 'past'
  }
  const { value } = after
  const number = typeof value === 'number' ? value : value === null ? -Infinity : Infinity
  if (sign === 1 ? number <= by.above : number >= by.below) return null
  return (sign === 1 ? number >= by.below : number <= by.above) ? 'past' : after
}

async function readOn(
  connection: RedisConnection,
  plan: Walk,
  branches: readonly Branch[],
  portion: number,
): Promise<void> {
  const { by } = plan.group
  if (typeof by === 'object' && 'above' in by) {
    await Promise.all(branches.map((branch) => readNumbers(connection, plan, by, branch, portion)))
    return
  }
  const value = by === 'id' ? null : by.value
  const replies = await inPipelines(
    connection,
    branches.map(({ set, last }) => idsFrom(connection.keys.base + set, plan, last, portion)),
  )
  for (const [index, branch] of branches.entries()) {
    const places = textsOf(replies[index]).map((taskId) => ({ taskId, value }))
    add(branch, places, places.length < portion)
  }
}

function idsFrom(key: string, { sign, since, until }: Walk, last: Place | null, portion: number): Command {
  const low = since === null ? '-' : `[${since}`
  const high = until === null ? '+' : `(${until}`
  if (sign === 1) {
    const from = last !== null && (since === null || last.taskId >= since) ? `(${last.taskId}` : low
    return ['ZRANGEBYLEX', key, from, high, 'LIMIT', 0, portion]
  }
  const to = last !== null && (until === null || last.taskId < until) ? `(${last.taskId}` : high
  return ['ZREVRANGEBYLEX', key, to, low, 'LIMIT', 0, portion]
}

async function readNumbers(
  connection: RedisConnection,
  { sign }: Walk,
  { above, below }: NumberRange,
  branch: Branch,
  portion: number,
): Promise<void> {
  const { set, last } = branch
  const after = last === null ? [] : [String(last.value), last.taskId]
  const reply = await connection.run(placesFrom, [set, sign, boundOf(above), boundOf(below), portion, ...after])
  const places = pairsOf(reply).map(([taskId, value]): Place => ({ taskId, value: Number(value) }))
  const within = places.filter(({ value }) => (value as number) > above && (value as number) < below)
  add(branch, within, within.length < portion)
}

function boundOf(bound: number): string {
  return Number.isFinite(bound) ? `(${bound}` : bound < 0 ? '-inf' : '+inf'
}

function add(branch: Branch, places: readonly Place[], isLast: boolean): void {
  branch.held = branch.held.length === 0 ? [...places] : [...branch.held, ...places]
  branch.last = places.at(-1) ?? branch.last
  branch.isDone = isLast
}

/** Takes what comes before everything that is still to be read. */
function takeSafe(branches: readonly Branch[], compare: (a: Place, b: Place) => number): readonly Place[] {
  let bound: Place | null = null
  for (const { isDone, last } of branches) {
    if (!isDone && last !== null && (bound === null || compare(last, bound) < 0)) bound = last
  }
  const taken: Place[] = []
  for (const branch of branches) {
    let count = branch.held.length
    if (bound !== null) {
      const past = branch.held.findIndex((place) => compare(place, bound) > 0)
      if (past >= 0) count = past
    }
    taken.push(...branch.held.splice(0, count))
  }
  return branches.length === 1 ? taken : taken.sort(compare)
}

function comparePlaces(a: Place, b: Place): number {
  return compareValues(a.value, b.value) || compareValues(a.taskId, b.taskId)
}
