import type { KeyValueStorage } from './persist.ts'

/** A question with a name. */
export interface SavedView {
  /** What it is called, at most 60 characters. */
  readonly name: string
  /** What it asks for, as it stands in the page's address behind `#tasks?`. */
  readonly query: string
}

/** What one operator saved. */
export interface SavedViews {
  /** In the operator's order. */
  readonly own: readonly SavedView[]
  /** The name of the view that is shown first; null for what was shown last. */
  readonly first: string | null
}

/** An operator has at most so many. */
export const maxSavedViews = 20

/** The views that were saved for a `src`; none where the storage has none, or something else. */
export function readSavedViews(storage: KeyValueStorage | null, src: string): SavedViews {
  try {
    const { own, first } = JSON.parse(storage?.getItem(keyOf(src)) ?? '') as Record<string, unknown>
    return {
      own: Array.isArray(own) ? own.filter(isView).slice(0, maxSavedViews) : [],
      first: typeof first === 'string' ? first : null,
    }
  } catch {
    return { own: [], first: null }
  }
}

/** Keeps them; in a full or forbidden storage they last as long as the page. */
export function writeSavedViews(storage: KeyValueStorage | null, src: string, views: SavedViews): void {
  try {
    storage?.setItem(keyOf(src), JSON.stringify(views))
  } catch {
    // The page still has them.
  }
}

function keyOf(src: string): string {
  return `taskloom:${src}:views`
}

function isView(input: unknown): input is SavedView {
  const { name, query } = (input ?? {}) as Record<string, unknown>
  return (
    typeof name === 'string' && name !== '' && name.length <= 60 && typeof query === 'string' && query.length <= 4_000
  )
}
