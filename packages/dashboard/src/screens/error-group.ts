import { formatSearch, parseSearch, ProtocolError, type ErrorGroup, type SearchTerm } from '@taskloom/protocol'

/** The kind of failure that a search narrows to; null when it does not. */
export function groupIn(search: string): string | null {
  const term = termsOf(search).find(({ kind, negated }) => kind === 'error_group' && !negated)
  return term?.kind === 'error_group' ? term.text : null
}

/** The same search for one kind of failure, or for all. */
export function withGroup(search: string, fingerprint: string | null): string {
  const others = termsOf(search).filter(({ kind }) => kind !== 'error_group')
  const wanted: readonly SearchTerm[] =
    fingerprint === null ? [] : [{ kind: 'error_group', text: fingerprint, negated: false }]
  return formatSearch([...others, ...wanted])
}

/** What an operator is to look at first: `back` was resolved and is seen again. */
export type GroupMark = 'new' | 'growing' | 'back' | 'resolved' | 'ignored' | null

const dayMs = 86_400_000
const growingFrom = 3

/** `new` within a day; `growing` when the last hour has more than three times its share of the day before it. */
export function markOf({ firstSeen, lastHour, lastDay, state }: ErrorGroup, now: number): GroupMark {
  if (state === 'resolved') return 'resolved'
  if (state === 'ignored') return 'ignored'
  if (state === 'regressed') return 'back'
  if (now - firstSeen < dayMs) return 'new'
  const usual = (lastDay - lastHour) / 23
  return lastHour >= growingFrom && lastHour > usual * 3 ? 'growing' : null
}

/** Somebody said that it is mended or does not matter, and nothing says otherwise. */
export function isPutAway({ state }: ErrorGroup): boolean {
  return state === 'resolved' || state === 'ignored'
}

/** Its words in one line. An `Error` says nothing by its name. */
export function textOf({ type, message }: ErrorGroup): string {
  const text = type === 'Error' || message.startsWith(type) ? message || type : `${type}: ${message}`
  return text.slice(0, 300)
}

/** Which kinds are drawn. */
export interface Shown {
  /** The kind that the rows are narrowed to. */
  readonly chosen: string | null
  /** All that are open, and not the first of them alone. */
  readonly isWhole: boolean
  /** Also those that were put away, after the others. */
  readonly hasPutAway: boolean
}

const shownFirst = 6

/** The kinds that are drawn, in the order of the server; the one that is chosen is always among them. */
export function shownGroups(
  groups: readonly ErrorGroup[],
  { chosen, isWhole, hasPutAway }: Shown,
): readonly ErrorGroup[] {
  const open = groups.filter((group) => !isPutAway(group))
  const first = isWhole ? open : open.slice(0, shownFirst)
  const rest = groups.filter((group) => !first.includes(group))
  return [...first, ...rest.filter((group) => group.fingerprint === chosen || (hasPutAway && isPutAway(group)))]
}

/** Those that stood there, where they stood: nothing moves under a pointer. */
export function inPlaces(groups: readonly ErrorGroup[], places: readonly string[]): readonly ErrorGroup[] {
  return places.flatMap((place) => groups.find(({ fingerprint }) => fingerprint === place) ?? [])
}

/** How much of the deepest red a number gets, 0–1: by orders of magnitude, so that one flood leaves the others visible. */
export function heatOf(count: number, most: number): number {
  return count === 0 || most === 0 ? 0 : Math.max(0.2, Math.log1p(count) / Math.log1p(most))
}

function termsOf(search: string): readonly SearchTerm[] {
  try {
    return parseSearch(search)
  } catch (error) {
    if (error instanceof ProtocolError) return []
    throw error
  }
}
