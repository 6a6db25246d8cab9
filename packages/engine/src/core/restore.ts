import type { Json } from '@taskloom/protocol'

/** Looks at what was taken from the truth although it was shown as something else. */
export type OnRestored = (truth: unknown) => void

/**
 * What somebody made of arguments that he was shown, with what he left as it was shown as it is in truth: hidden values,
 * and those that JSON has no form for. What counts is what stands at the same place. Pure but for `onRestored`.
 */
export function restore(given: Json, shown: Json, truth: unknown, isSame: IsSame, onRestored: OnRestored): unknown {
  const within = (part: Json, shownPart: Json, truthPart: unknown): unknown =>
    restore(part, shownPart, truthPart, isSame, onRestored)
  if (Array.isArray(given) && Array.isArray(shown) && Array.isArray(truth) && given.length === shown.length) {
    const list = truth as readonly unknown[]
    return given.map((item: Json, index) => within(item, (shown as readonly Json[])[index] ?? null, list[index]))
  }
  if (isMembers(given) && isMembers(shown) && isPlain(truth)) {
    const entries = Object.entries(given).map(([key, part]): [string, unknown] => {
      const isThere = Object.hasOwn(shown, key) && Object.hasOwn(truth, key)
      return [key, isThere ? within(part, shown[key] ?? null, truth[key]) : part]
    })
    return Object.fromEntries(entries)
  }
  if (Array.isArray(given) && Array.isArray(shown) && Array.isArray(truth)) {
    return restoreItems(given, shown, truth, isSame, onRestored)
  }
  if (!isSame(given, shown)) return given
  if (!isSame(shown, truth)) onRestored(truth)
  return truth
}

/** Whether two values are equal in all their parts. */
export type IsSame = (a: unknown, b: unknown) => boolean

/** Where items came or went, a whole one is known again by what it looks like, if no other does, or stands behind none. */
function restoreItems(
  given: readonly Json[],
  shown: readonly Json[],
  truth: readonly unknown[],
  isSame: IsSame,
  onRestored: OnRestored,
): readonly unknown[] {
  const places = new Map<string, number>()
  for (const [index, item] of shown.entries()) {
    const text = JSON.stringify(item)
    places.set(text, places.has(text) ? several : index)
  }
  return given.map((item, index) => {
    const text = JSON.stringify(item)
    const place = places.get(text) ?? nowhere
    const isInPlace = given.length > shown.length && text === JSON.stringify(shown[index] ?? null)
    const from = place === several && isInPlace ? index : place
    return from < 0 ? item : restore(item, shown[from] ?? null, truth[from], isSame, onRestored)
  })
}

const nowhere = -1
const several = -2

function isMembers(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
