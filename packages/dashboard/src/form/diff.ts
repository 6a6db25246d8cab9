import { isSame, type Value } from './json-text.ts'
import { leavesOf, pathWords } from './path.ts'

/** How one leaf of the new value differs from that of the original. */
export interface Difference {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  /** Undefined where it is new. */
  readonly before: Value | undefined
  /** Undefined where it is gone. */
  readonly after: Value | undefined
}

/** What is different, leaf by leaf, in the order of the new value; what is gone comes last. */
export function differences(before: Value, after: Value): readonly Difference[] {
  const old = new Map(leavesOf(before).map(([path, value]) => [pathWords(path), value]))
  const found: Difference[] = []
  for (const [place, value] of leavesOf(after)) {
    const path = pathWords(place)
    const was = old.get(path)
    old.delete(path)
    if (was === undefined) found.push({ path, kind: 'added', before: undefined, after: value })
    else if (!isSame(was, value)) found.push({ path, kind: 'changed', before: was, after: value })
  }
  return [
    ...found,
    ...[...old].map(([path, was]) => ({ path, kind: 'removed', before: was, after: undefined }) as const),
  ]
}
