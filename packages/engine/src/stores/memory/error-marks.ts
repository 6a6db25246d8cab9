import type { AuditDraft } from '../audit.ts'
import type { ErrorBook } from '../error-book.ts'
import type { ErrorMarkStore, MarkedError } from '../error-marks.ts'
import type { MemoryAudit } from './audit.ts'

/** Marks of the book; forgotten with the process. */
export class MemoryErrorMarks implements ErrorMarkStore {
  constructor(
    private readonly book: ErrorBook,
    private readonly audit: MemoryAudit,
  ) {}

  async mark(marked: MarkedError, audit?: AuditDraft): Promise<boolean> {
    const isKnown = this.book.mark(marked)
    if (isKnown && audit) this.audit.record(audit)
    return isKnown
  }
}
