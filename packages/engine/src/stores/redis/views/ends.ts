import { isTerminal, type TaskStatus } from '@taskloom/protocol'
import { EndsBook } from '../../ends.ts'
import { longestLevel } from '../../reading/cube.ts'
import type { EndsQuestion, QueueEnds } from '../../store.ts'
import type { RedisConnection } from '../connection.ts'
import { readBuckets } from './counts.ts'

/** From counts alone: what is asked every few seconds reads little. */
export async function readEnds(connection: RedisConnection, question: EndsQuestion): Promise<readonly QueueEnds[]> {
  const { since, until, bucketMs } = question
  const book = new EndsBook(question)
  const exact = { statuses: null, funcNames: null, queues: null, sources: null, since, until }
  for (const { bucket, cells } of await readBuckets(connection, exact, longestLevel(bucketMs, since))) {
    for (const { queue, status, tasks } of cells) {
      if (isTerminal(status)) book.add({ createdAt: bucket, queue, status: status as TaskStatus }, tasks)
    }
  }
  return book.answer()
}
