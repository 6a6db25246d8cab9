/** Which of several things that have names are wanted. */
export interface NamedPage {
  /** Those whose name holds this text, in either case; null for any. */
  readonly text: string | null
  /** Those that come after this name; null from the first. */
  readonly after: string | null
  /** How many at most; null for all. */
  readonly limit: number | null
  /** Among these alone; among all by default. */
  readonly among?: ReadonlySet<string>
}

/** A page of what there is, in the order of the names. */
export function pageByName<T>(items: readonly T[], nameOf: (item: T) => string, page: NamedPage): readonly T[] {
  const { after, limit, among } = page
  const text = page.text?.toLowerCase() ?? ''
  const wanted = items.filter((item) => {
    const name = nameOf(item)
    return (after === null || name > after) && (!among || among.has(name)) && name.toLowerCase().includes(text)
  })
  const sorted = wanted.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  return limit === null ? sorted : sorted.slice(0, limit)
}
