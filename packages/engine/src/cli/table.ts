import type { Style } from './style.ts'
import { cutTo, safeText, widthOf } from './text.ts'

/** One column of a table. */
export interface Column<T> {
  readonly head: string
  readonly cell: (row: T) => string
  /** Numbers stand at the right. */
  readonly isNumber?: true
  /** Words of state have their colour. */
  readonly isState?: true
  /** How narrow it may become when there is no room; the whole width unless it is said. */
  readonly least?: number
  /** Left out, the highest first, when narrowing does not make enough room; never unless it is said. */
  readonly dispensable?: number
}

const gap = '  '

/** Rows under their heads, as wide as there is room; `columns` null gives every cell what it needs. */
export function formatTable<T>(
  all: readonly Column<T>[],
  rows: readonly T[],
  style: Style,
  columns: number | null,
): string {
  const texts = new Map(all.map((column) => [column, rows.map((row) => safeText(column.cell(row)))]))
  const natural = (column: Column<T>): number =>
    Math.max(widthOf(column.head), ...batches(texts.get(column) ?? []).map((part) => Math.max(...part.map(widthOf))))
  const shown = chooseColumns(all, natural, columns)
  const widths = fitWidths(shown, shown.map(natural), columns)
  const line = (cells: readonly string[], paint: (text: string, at: number) => string): string =>
    cells
      .map((cell, at) => paint(pad(cell, widths[at] ?? 0, shown[at]?.isNumber === true), at))
      .join(gap)
      .trimEnd()
  const head = line(
    shown.map((column) => column.head),
    (text) => style.strong(text),
  )
  const body = rows.map((_, row) => {
    const cells = shown.map((column) => texts.get(column)?.[row] ?? '')
    return line(cells, (text, at) => (shown[at]?.isState ? style.state(cells[at] ?? '', text) : text))
  })
  return [head, ...body, ''].join('\n')
}

/** Names and values under each other; values go on at their own column. */
export function formatFields(fields: readonly (readonly [name: string, value: string | null])[]): string {
  const shown = fields.filter((field): field is readonly [string, string] => field[1] !== null)
  const width = Math.max(0, ...shown.map(([name]) => widthOf(name)))
  return shown.map(([name, value]) => `${pad(name, width, false)}${gap}${value}\n`).join('')
}

/** `Math.max` takes so many arguments at once. */
function batches(values: readonly string[]): (readonly string[])[] {
  const parts: (readonly string[])[] = []
  for (let start = 0; start < values.length; start += 1_000) parts.push(values.slice(start, start + 1_000))
  return parts
}

function chooseColumns<T>(
  all: readonly Column<T>[],
  natural: (column: Column<T>) => number,
  columns: number | null,
): readonly Column<T>[] {
  let shown = all
  const least = (column: Column<T>): number => Math.min(column.least ?? Infinity, natural(column))
  while (columns !== null && sum(shown.map(least)) + gap.length * (shown.length - 1) > columns) {
    const rank = Math.max(...shown.map(({ dispensable = 0 }) => dispensable))
    if (rank === 0) return shown
    const last = shown.findLastIndex(({ dispensable }) => dispensable === rank)
    shown = shown.filter((_, at) => at !== last)
  }
  return shown
}

/** Takes from the widest that may be narrower, until all fit or none may. */
function fitWidths<T>(shown: readonly Column<T>[], natural: readonly number[], columns: number | null): number[] {
  const widths = [...natural]
  if (columns === null) return widths
  let excess = sum(widths) + gap.length * (shown.length - 1) - columns
  while (excess > 0) {
    const spare = widths.map((width, at) => width - (shown[at]?.least ?? Infinity))
    const at = spare.indexOf(Math.max(...spare))
    if ((spare[at] ?? 0) <= 0) return widths
    widths[at] = (widths[at] ?? 0) - 1
    excess -= 1
  }
  return widths
}

function pad(text: string, width: number, isRight: boolean): string {
  const cut = cutTo(text, width)
  const space = ' '.repeat(Math.max(0, width - widthOf(cut)))
  return isRight ? space + cut : cut + space
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
