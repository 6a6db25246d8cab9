import type { ArgsQuestion, StoredArgs } from '../../store.ts'
import type { Command, RedisConnection } from '../connection.ts'
import { redactOf } from '../task-fields.ts'
import { inPipelines } from './counts.ts'
import { readList } from './list.ts'
import { numberOf } from './replies.ts'
import { readFields } from './tasks.ts'

/** The same tasks as the first page of the list, in its order. What is too long is never read. */
export async function readArgs(
  connection: RedisConnection,
  { filter, limit, maxBytes }: ArgsQuestion,
): Promise<readonly StoredArgs[]> {
  const { tasks } = await readList(connection, { filter, sort: 'created_at', order: 'desc', limit, cursor: null })
  const sizes = await inPipelines(
    connection,
    tasks.map(({ taskId }): Command => ['HSTRLEN', connection.keys.task(taskId), 'a']),
  )
  const short = tasks.filter((_, index) => numberOf(sizes[index]) <= maxBytes)
  const rows = await readFields(
    connection,
    short.map(({ taskId }) => taskId),
    ['a', 'b'],
  )
  return short.flatMap(({ taskId, funcName }, index): readonly StoredArgs[] => {
    const [args, body] = rows[index] ?? []
    return args == null || body == null ? [] : [{ taskId, funcName, args, redact: redactOf(body) }]
  })
}
