import { residualReads, residualTest, type Residual } from './exact-filter.ts'
import { readableArgs } from '../summary.ts'
import type { Row } from '../sql/database.ts'
import { listFromText, tagsFromText } from './rows.ts'

/** The columns a residual is decided by, in the order `rowTest` reads them; those that do not matter are not read. */
export function residualColumns(residual: Residual): string {
  const reads = residualReads(residual)
  const error = reads.error ? 'error' : 'NULL'
  const tags = reads.tags ? 'tags' : 'NULL'
  const args = reads.args ? 'args, redact' : 'NULL, NULL'
  const errorGroup = reads.errorGroup ? 'error_group' : 'NULL'
  const userLabel = reads.userLabel ? 'user_label' : 'NULL'
  return `id, func_name, worker_id, ${error}, ${tags}, ${args}, ${errorGroup}, ${userLabel}`
}

/** A test of rows that start with `residualColumns`. */
export function rowTest(residual: Residual): (row: Row) => boolean {
  const holds = residualTest(residual)
  return (row) =>
    holds({
      taskId: row[0] as string,
      funcName: row[1] as string,
      workerId: (row[2] ?? null) as string | null,
      error: row[3] as string | null,
      tags: () => tagsFromText(row[4] as string),
      args: () => readableArgs(row[5] as string, listFromText(row[6] as string | null)),
      errorGroup: row[7] as string | null,
      userLabel: row[8] as string | null,
    })
}
