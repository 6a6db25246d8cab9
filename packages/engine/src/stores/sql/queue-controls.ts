import type { AuditDraft } from '../audit.ts'
import type { PausedQueue, QueueControlStore } from '../queue-controls.ts'
import { writeOnce } from './once.ts'
import { asked, type Writer } from './writer.ts'

export function sqlQueueControls(writer: Writer): QueueControlStore {
  const { session: reads } = writer.database
  return {
    async paused(): Promise<readonly PausedQueue[]> {
      const rows = await asked(reads.rows('SELECT queue, since, paused_by FROM @paused_queues ORDER BY queue'))
      return rows.map(([queue, since, by]) => ({ queue: String(queue), since: Number(since), by: String(by) }))
    },
    // Whoever pauses it at the same time makes a clash of keys: then this begins anew and finds it paused.
    pause: ({ queue, since, by }: PausedQueue, audit?: AuditDraft) =>
      writeOnce(writer, async (session) => {
        const [known] = await session.rows('SELECT 1 FROM @paused_queues WHERE queue = ?', [queue])
        if (!known) await session.insert('paused_queues', ['queue', 'since', 'paused_by'], [[queue, since, by]])
        return { value: !known, audit }
      }),
    resume: (queue: string, audit?: AuditDraft) =>
      writeOnce(writer, async (session) => {
        const ended = await session.run('DELETE FROM @paused_queues WHERE queue = ?', [queue])
        return { value: ended === 1, audit }
      }),
  }
}
