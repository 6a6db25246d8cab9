/** Goes from one value of an indexed column to the next where the database would read every row of an equal one. */
export function stepwise(column: string, from: string): string {
  return `WITH RECURSIVE steps (value) AS (
      SELECT min(${column}) ${from} UNION ALL
      SELECT (SELECT min(${column}) ${from} AND ${column} > steps.value) FROM steps WHERE steps.value IS NOT NULL)
    SELECT value FROM steps WHERE value IS NOT NULL`
}
