import type { SavedView, SavedViews } from '@taskloom/client'
import type { ColumnOptions } from '../elements/columns.ts'
import type { TaskFormatters } from '../detail/formatters.ts'
import type { Looks } from './looks.ts'

/** A view that the page offers to everybody. */
export interface OfferedView extends SavedView {
  /** Whether it is shown to who comes for the first time; default false. */
  readonly isFirst?: boolean
}

/** What is not in the state: what the page set as properties, and what the operator saved or likes. */
export interface Given {
  readonly columns: ColumnOptions
  readonly formatters: TaskFormatters
  readonly views: readonly OfferedView[]
  readonly saved: SavedViews
  readonly looks: Looks
  /** Whether the page's address keeps the view, so that links to it lead there. */
  readonly hasLinks: boolean
}
