import type { TaskStatus } from '@taskloom/protocol'
import { EndsBook } from '../ends.ts'
import type { EndsQuestion, QueueEnds } from '../store.ts'
import { longestLevel } from './cube.ts'
import type { Reads } from './reads.ts'
import { readRollups } from './rollups.ts'

/** From roll-ups, without their sketches: what is asked every few seconds reads little. */
export async function readEnds(reads: Reads, question: EndsQuestion): Promise<readonly QueueEnds[]> {
  const { since, until, bucketMs } = question
  const book = new EndsBook(question)
  const rows = await readRollups(reads, {
    window: { since, until },
    longest: longestLevel(bucketMs, since),
    columns: 'bucket, queue, status, sum(tasks)',
    conditions: [{ sql: "status IN ('success', 'failed', 'interrupted', 'cancelled')", params: [] }],
    by: 'bucket, status, queue',
  })
  for (const [createdAt, queue, status, tasks] of rows) {
    const place = { createdAt: createdAt as number, queue: queue as string, status: status as TaskStatus }
    book.add(place, tasks as number)
  }
  return book.answer()
}
