import { html, nothing } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'

/** A column of a table that is sorted here, because all its rows are. */
export interface Column<Row, Name extends string = string> {
  readonly name: Name
  /** Its head, in the operator's language. */
  readonly word: string
  readonly isNumber?: boolean
  /** By what it is sorted; null comes last, whichever way. Absent where it cannot be. */
  readonly valueOf?: (row: Row) => number | string | null
}

/** By which column, and whether the greatest comes first. */
export interface Sorting {
  readonly by: string
  readonly isDescending: boolean
}

/** Rows in the order that was asked for; equal ones stay as they came. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { by, isDescending }: Sorting,
): readonly Row[] {
  const valueOf = columns.find(({ name }) => name === by)?.valueOf
  if (!valueOf) return rows
  const sign = isDescending ? -1 : 1
  return [...rows].sort((one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)]
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return sign * (typeof a === 'string' ? a.localeCompare(String(b)) : a - Number(b))
  })
}

/** The heads of the columns: a click sorts, a second one turns the order round. */
export function renderHeads<Row>(
  columns: readonly Column<Row>[],
  sorting: Sorting,
  onSort: (sorting: Sorting) => void,
) {
  return columns.map(({ name, word, isNumber, valueOf }) => {
    const css = isNumber ? 'num' : ''
    if (!valueOf) return html`<th scope="col" class=${css} data-column=${name}>${word}</th>`
    const isSorted = name === sorting.by
    const next = { by: name, isDescending: isSorted ? !sorting.isDescending : isNumber === true }
    return html`<th
      scope="col"
      class=${css}
      data-column=${name}
      aria-sort=${isSorted ? (sorting.isDescending ? 'descending' : 'ascending') : nothing}
    >
      <button type="button" @click=${() => onSort(next)}>
        ${word}${isSorted ? icon(sorting.isDescending ? 'sortDown' : 'sortUp') : nothing}
      </button>
    </th>`
  })
}

/** What `renderSortedTable` draws. */
export interface SortedTable<Row> {
  /** What the table is called. */
  readonly label: string
  readonly className: string
  readonly columns: readonly Column<Row>[]
  readonly sorting: Sorting
  readonly onSort: (sorting: Sorting) => void
  /** In their order. */
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  readonly draw: (row: Row) => unknown
}

/** More rows than anybody reads are counted below the table. */
const mostRows = 200

/** A card with the rows under their heads. */
export function renderSortedTable<Row>(table: SortedTable<Row>, { say }: Formats) {
  const { label, className, columns, sorting, onSort, rows, keyOf, draw } = table
  const rest = rows.length - mostRows
  return html`<div class="card">
    <table class=${className} aria-label=${label}>
      <thead>
        <tr>
          ${renderHeads(columns, sorting, onSort)}
        </tr>
      </thead>
      <tbody>
        ${repeat(rows.slice(0, mostRows), keyOf, draw)}
      </tbody>
    </table>
    ${rest > 0 ? html`<p class="calm-list muted">${say('{n} more', { n: rest })}</p>` : nothing}
  </div>`
}

/** The same where a table is cards and has no heads; the sheet `sortingStyles` shows it only there. */
export function renderSortMenu<Row>(
  columns: readonly Column<Row>[],
  sorting: Sorting,
  onSort: (sorting: Sorting) => void,
  formats: Formats,
) {
  const choose = (event: Event) => {
    const by = (event.target as HTMLSelectElement).value
    onSort({ by, isDescending: columns.find(({ name }) => name === by)?.isNumber === true })
  }
  return html`<select class="text sort-menu" aria-label=${formats.say('Sort by')} @change=${choose}>
    ${columns
      .filter(({ valueOf }) => valueOf)
      .map(({ name, word }) => html`<option value=${name} ?selected=${name === sorting.by}>${word}</option>`)}
  </select>`
}
