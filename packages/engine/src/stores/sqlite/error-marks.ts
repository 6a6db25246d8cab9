import type { Database } from './driver/port.ts'
import type { ErrorMarkStore } from '../error-marks.ts'
import { AuditInsert } from './audit.ts'
import type { GroupCommit } from './group-commit.ts'

export function sqliteErrorMarks(db: Database, commit: GroupCommit): ErrorMarkStore {
  const set = db.prepare('UPDATE error_groups SET mark = ?, marked_at = ?, marked_by = ? WHERE fingerprint = ?')
  const log = new AuditInsert(db)
  return {
    mark: ({ fingerprint, mark, at, by }, audit) =>
      commit.run(() => {
        const isOpen = mark === null
        const { changes } = set.run(mark, isOpen ? null : at, isOpen ? null : by, fingerprint)
        if (changes === 1 && audit) log.record(audit)
        return changes === 1
      }),
  }
}
