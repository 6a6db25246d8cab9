/** The middle of some figures; the mean of the two middles when they are even in number. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? Number.NaN
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper
}

export type Cell = string | number

/** A table for the terminal: first column to the left, figures to the right. */
export function formatTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const text = [head, ...rows].map((row) => row.map((cell) => (typeof cell === 'number' ? round(cell) : cell)))
  const widths = head.map((_, column) => Math.max(...text.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
  return text.map(line).join('\n')
}

function round(figure: number): string {
  return Math.abs(figure) >= 100 ? figure.toFixed(0) : figure.toFixed(2)
}
