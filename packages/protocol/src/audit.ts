import { array, instant, integer, json, nullable, object, openEnum, optional, string, type Infer } from './codec.ts'

/** Something that somebody did, or tried to do. */
export const auditEntry = object({
  /** 1, 2, 3 …, without gaps. */
  seq: integer,
  /** When it was done. */
  at: instant,
  /** Who did it. */
  actor: string,
  /** As what he did it; null when there are no roles. */
  role: nullable(string),
  /** Where he did it from; null when that is not known. */
  address: nullable(string),
  /** What he did, such as `retry` or `login`. */
  action: string,
  /** The id of the task, the name of the schedule or queue; null when it is none, or several. */
  target: nullable(string),
  /** How it ended. */
  outcome: openEnum(['ok', 'failed', 'denied']),
  /** Why he did it, in his words; null when he gave none. */
  reason: nullable(string),
  /** Why it failed or was denied; null when it went well. */
  code: nullable(string),
  /** Ids of the tasks that were changed, made or deleted: the first thousand. */
  affected: array(string),
  /** How many they were in all. */
  affectedCount: integer,
  /** Further facts; null when there are none. */
  detail: json,
  /** SHA-256 over the hash of the entry before and all of the above. */
  hash: string,
})
/** Something that somebody did, or tried to do. */
export type AuditLogEntry = Infer<typeof auditEntry>

/** A page of the audit log, newest first. */
export const auditPage = object({
  /** The entries. */
  entries: array(auditEntry),
  /** Where to read on; null at the end. */
  nextCursor: nullable(string),
})
/** A page of the audit log, newest first. */
export type AuditLogPage = Infer<typeof auditPage>

/** Whether a slice of the audit log is as it was written. */
export const auditSlice = object({
  /** How many entries were looked at and are right. */
  checked: integer,
  /** The hash of the last of them; empty when there was none. */
  hash: string,
  /** The `from` of the next slice; null when this was the last, or the log is broken. */
  next: nullable(integer),
  /** The first entry that is not as it was written; null when all are. */
  broken: nullable(
    object({
      /** Its number. */
      seq: integer,
      /** What became of it. */
      why: openEnum(['changed', 'missing', 'reordered', 'tail_cut']),
    }),
  ),
})
/** Whether a slice of the audit log is as it was written. */
export type AuditSlice = Infer<typeof auditSlice>

/** Arguments and result of a task as they are. */
export const revealed = object({
  /** Of which task. */
  taskId: string,
  /** Absent where arguments are never shown. */
  args: optional(json),
  /** Null when there is none. */
  result: json,
})
/** Arguments and result of a task as they are. */
export type Revealed = Infer<typeof revealed>
