import type { Database } from './driver/port.ts'
import type { AuditDraft } from '../audit.ts'
import type { PausedQueue, QueueControlStore } from '../queue-controls.ts'
import { AuditInsert } from './audit.ts'
import type { GroupCommit } from './group-commit.ts'

export function sqliteQueueControls(db: Database, commit: GroupCommit): QueueControlStore {
  const paused = db.prepare<unknown[], PausedQueue>('SELECT queue, since, by FROM paused_queues ORDER BY queue')
  const pause = db.prepare('INSERT OR IGNORE INTO paused_queues VALUES (?, ?, ?)')
  const resume = db.prepare('DELETE FROM paused_queues WHERE queue = ?')
  const log = new AuditInsert(db)
  const changes = (act: () => { readonly changes: number }, audit: AuditDraft | undefined): Promise<boolean> =>
    commit.run(() => {
      if (audit) log.record(audit)
      return act().changes === 1
    })
  return {
    paused: async () => paused.all(),
    pause: ({ queue, since, by }, audit) => changes(() => pause.run(queue, since, by), audit),
    resume: (queue, audit) => changes(() => resume.run(queue), audit),
  }
}
