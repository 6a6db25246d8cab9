/**
 * The same question, whose columns are called c0, c1 and so on: as objects, rows of columns of one name would lose some, and
 * names that are numbers would come first. `ask` answers a statement with its rows.
 */
export function withColumnNames(sql: string, ask: (sql: string) => readonly unknown[]): string {
  const names = Array.from({ length: countColumns(ask(`EXPLAIN ${sql}`)) }, (_, place) => `c${place}`).join(', ')
  return `WITH rows_of_question (${names}) AS (${sql}) SELECT * FROM rows_of_question`
}

/** The second number of the step that gives a row is how many columns it has. */
function countColumns(steps: readonly unknown[]): number {
  for (const step of steps) {
    const { opcode, p2 } = step as { readonly opcode: string; readonly p2: number }
    if (opcode === 'ResultRow') return p2
  }
  return 1
}
