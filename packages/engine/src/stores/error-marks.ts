import type { AuditDraft } from './audit.ts'

/** What can be said of a kind of failure. */
export const errorMarks = ['resolved', 'ignored'] as const
/** One of {@link errorMarks}. */
export type ErrorMark = (typeof errorMarks)[number]

/** What somebody said of a kind of failure. */
export interface MarkedError {
  /** Which kind. */
  readonly fingerprint: string
  /** What was said; null takes back what was. */
  readonly mark: ErrorMark | null
  /** When, epoch milliseconds. */
  readonly at: number
  /** Who said it, as he is shown. */
  readonly by: string
}

/** Keeps what people say of kinds of failures, as long as these are kept. */
export interface ErrorMarkStore {
  /** False when there is no such kind: nothing is stored then, `audit` neither. */
  mark(marked: MarkedError, audit?: AuditDraft): Promise<boolean>
}

/** What is told of a kind: one that was mended and is seen again came back. */
export function stateOf(mark: ErrorMark | null, at: number | null, lastSeen: number): string {
  if (mark === null || at === null) return 'open'
  return mark === 'resolved' && lastSeen > at ? 'regressed' : mark
}
