import type { LoadAnswer, LoadQuestion } from '../../fleet.ts'
import { LoadBook } from '../../load-book.ts'
import type { Command, RedisConnection } from '../connection.ts'
import { countCells, inPipelines, namesOf, readAllCells } from './counts.ts'
import { numberOf } from './replies.ts'
import { readWaiting } from './waiting.ts'

/** From counts and from the ends of sets: it costs the same however long the history and the queues are. */
export async function readLoad(
  connection: RedisConnection,
  { now, endedSince, recentSince }: LoadQuestion,
): Promise<LoadAnswer> {
  const book = new LoadBook()
  const all = await readAllCells(connection)
  for (const { funcName, queue, status, tasks } of all) {
    if (status === 'pending' || status === 'running') book.add({ funcName, queue, [status]: tasks })
  }
  const any = { statuses: null, funcNames: null, queues: null, sources: null, until: null }
  for (const { funcName, queue, tasks } of await countCells(connection, all, { ...any, since: recentSince })) {
    book.add({ funcName, queue, recent: tasks })
  }
  for (const { queue, dueAt } of await readWaiting(connection, all, now)) book.wait(queue, dueAt)
  const { queues } = namesOf(all)
  const ended = await inPipelines(
    connection,
    queues.map((queue): Command => ['ZCOUNT', connection.keys.ended(queue), endedSince, '+inf']),
  )
  for (const [index, queue] of queues.entries()) {
    const tasks = numberOf(ended[index])
    if (tasks > 0) book.end(queue, tasks)
  }
  return book.answer(endedSince)
}
