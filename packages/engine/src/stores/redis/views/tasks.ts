import type { TaskSummary } from '@taskloom/protocol'
import type { RedisConnection, Reply } from '../connection.ts'
import { readTasks } from '../scripts.ts'
import { decodeSummary, redactOf, summaryFields } from '../task-fields.ts'
import { residualReads, type Residual, type ResidualTask } from '../../reading/exact-filter.ts'
import { readableArgs } from '../../summary.ts'
import { longestPortion, portionsOf, textsOf } from './replies.ts'

/** Arguments may be long: fewer tasks are read at once with them. */
const portionWithArgs = 250

/** Summaries of tasks at the places of their ids, without those that are gone. */
export async function readSummaries(
  connection: RedisConnection,
  taskIds: readonly string[],
): Promise<readonly TaskSummary[]> {
  const summaries: TaskSummary[] = []
  for (const ids of portionsOf(taskIds, longestPortion)) {
    for (const [head, hasLogs] of await readFields(connection, ids, summaryFields)) {
      if (head != null) summaries.push(decodeSummary(head, hasLogs ?? null))
    }
  }
  return summaries
}

/** A task as a filter looks at it. */
export class ReadTask implements ResidualTask {
  constructor(
    readonly summary: TaskSummary,
    readonly errorGroup: string | null,
    private readonly argsText: string,
    private readonly body: string,
  ) {}

  get taskId(): string {
    return this.summary.taskId
  }

  get funcName(): string {
    return this.summary.funcName
  }

  get workerId(): string | null {
    return this.summary.workerId
  }

  get userLabel(): string | null {
    return this.summary.userLabel
  }

  get error(): string | null {
    return this.summary.error
  }

  tags(): TaskSummary['tags'] {
    return this.summary.tags
  }

  args(): unknown {
    return readableArgs(this.argsText, redactOf(this.body))
  }
}

/** Tasks with all that a residual is decided by, portion by portion, without those that are gone. */
export async function* readForResidual(
  connection: RedisConnection,
  taskIds: readonly string[],
  residual: Residual | null,
): AsyncGenerator<readonly ReadTask[], void> {
  const reads = residual && residualReads(residual)
  const fields = [...summaryFields, ...(reads?.errorGroup ? ['g'] : []), ...(reads?.args ? ['a', 'b'] : [])]
  const at = (name: string): number => fields.indexOf(name)
  const [groupAt, argsAt, bodyAt] = [at('g'), at('a'), at('b')]
  for (const ids of portionsOf(taskIds, reads?.args ? portionWithArgs : longestPortion)) {
    const rows = await readFields(connection, ids, fields)
    const tasks: ReadTask[] = []
    for (const row of rows) {
      const [head, hasLogs] = row
      if (head == null) continue
      const summary = decodeSummary(head, hasLogs ?? null)
      tasks.push(new ReadTask(summary, row[groupAt] ?? null, row[argsAt] ?? '', row[bodyAt] ?? '[[]]'))
    }
    yield tasks
  }
}

/** Fields of tasks, one row for each, at the places of their ids; at most a portion of them. */
export async function readFields(
  connection: RedisConnection,
  taskIds: readonly string[],
  fields: readonly string[],
): Promise<readonly (readonly (string | null)[])[]> {
  if (taskIds.length === 0) return []
  const reply: Reply = await connection.run(readTasks, [fields.length, ...fields, ...taskIds])
  const values = textsOf(reply) as readonly (string | null)[]
  return taskIds.map((_, index) => values.slice(index * fields.length, (index + 1) * fields.length))
}
