import type { AuditDraft } from '../audit.ts'
import type { ErrorMarkStore, MarkedError } from '../error-marks.ts'
import { writeOnce } from './once.ts'
import type { Writer } from './writer.ts'

export function sqlErrorMarks(writer: Writer): ErrorMarkStore {
  return {
    mark: ({ fingerprint, mark, at, by }: MarkedError, audit?: AuditDraft) =>
      writeOnce(writer, async (session) => {
        const isOpen = mark === null
        const known = await session.run(
          'UPDATE @error_groups SET mark = ?, marked_at = ?, marked_by = ? WHERE fingerprint = ?',
          [mark, isOpen ? null : at, isOpen ? null : by, fingerprint],
        )
        return { value: known === 1, audit: known === 1 ? audit : undefined }
      }),
  }
}
