import {
  browserStorage,
  parseView,
  readSavedViews,
  writeSavedViews,
  type SavedViews,
  type ViewQuery,
} from '@taskloom/client'
import type { OfferedView } from './given.ts'

/** The saved views of one `src`. */
export class ViewsKeeper {
  saved: SavedViews = { own: [], first: null }
  #src = ''

  /** Reads what was saved; `src` is absolute. */
  open(src: string): void {
    this.#src = src
    this.saved = readSavedViews(browserStorage(), src)
  }

  save(saved: SavedViews): void {
    this.saved = saved
    writeSavedViews(browserStorage(), this.#src, saved)
  }

  /** What is shown first: what the operator wants, else what the page offers to who was never here. */
  first(offered: readonly OfferedView[]): Partial<ViewQuery> {
    const { own, first } = this.saved
    const wanted =
      first === null
        ? this.#isNew()
          ? offered.find(({ isFirst }) => isFirst)
          : undefined
        : [...own, ...offered].find(({ name }) => name === first)
    return wanted ? parseView(wanted.query) : {}
  }

  #isNew(): boolean {
    try {
      return browserStorage()?.getItem(`taskloom:${this.#src}`) === null
    } catch {
      return false
    }
  }
}
