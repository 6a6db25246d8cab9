import type { Json } from '@taskloom/protocol'

/** How something ended that somebody asked for. */
export type AuditOutcome = 'ok' | 'failed' | 'denied'

/** Something that somebody did, or tried to do, before it has its place in the log. */
export interface AuditDraft {
  /** When it was done, epoch milliseconds. */
  readonly at: number
  /** Who did it. */
  readonly actor: string
  /** As what he did it, such as `operator`; null when there are no roles. */
  readonly role: string | null
  /** Where he did it from; null when that is not known. */
  readonly address: string | null
  /** What he did, such as `retry` or `login`. */
  readonly action: string
  /** To what: the id of a task, the name of a schedule or queue; null when it is none of them, or several. */
  readonly target: string | null
  /** How it ended. */
  readonly outcome: AuditOutcome
  /** Why he did it, in his words; null when he gave none. */
  readonly reason: string | null
  /** The stable code of why it failed or was denied; null when it went well. */
  readonly code: string | null
  /** Ids of the tasks that it changed, made or deleted; the first thousand. */
  readonly affected: readonly string[]
  /** How many they were in all. */
  readonly affectedCount: number
  /** Further facts, at most 4 KiB as JSON; null when there are none. */
  readonly detail: Json
}

/** An entry of the log. */
export interface AuditEntry extends AuditDraft {
  /** 1, 2, 3 …, without gaps. */
  readonly seq: number
  /** SHA-256 in hexadecimal over the hash of the entry before and everything of this one. */
  readonly hash: string
}

/** Which entries are wanted. */
export interface AuditQuestion {
  /** Entries before this number; null for the newest. */
  readonly cursor: number | null
  /** How many at most. */
  readonly limit: number
  /**
   * About this task alone: it is the target, among `affected`, or among the tasks of the operation that the entry tells of,
   * as long as the report of that is kept. All by default.
   */
  readonly taskId?: string | undefined
  /** Of this actor alone; all by default. */
  readonly actor?: string | undefined
  /** Of this action alone; all by default. */
  readonly action?: string | undefined
  /** With this outcome alone; all by default. */
  readonly outcome?: AuditOutcome | undefined
  /** Done at or after this instant; all by default. */
  readonly since?: number | undefined
  /** Done before this instant; all by default. */
  readonly until?: number | undefined
}

/** A page of entries. */
export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[]
  /** The cursor of the next page; null when this was the last. */
  readonly next: number | null
}

/** A slice of the log that is to be checked. */
export interface AuditCheckQuestion {
  /** The number of the first entry; 1 for the beginning. */
  readonly from: number
  /** How many entries are looked at. */
  readonly limit: number
}

/** Where the log is not what was written. */
export interface AuditBreak {
  /** The number of the first entry that is not right. */
  readonly seq: number
  /**
   * `changed`: it says something else than it did. `missing`: it is not there, and later ones are. `reordered`: it was
   * written in another place. `tail_cut`: it and all after it are not there.
   */
  readonly why: 'changed' | 'missing' | 'reordered' | 'tail_cut'
}

/** What a slice came to. */
export interface AuditCheck {
  /** How many entries were looked at and are right. */
  readonly checked: number
  /** The hash of the last of them; empty when there was none. */
  readonly hash: string
  /** Where the next slice begins; null when this was the last, or the log is broken. */
  readonly next: number | null
  /** Null when everything in the slice is as it was written. */
  readonly broken: AuditBreak | null
}

/**
 * What was done through the dashboard and by whom. Entries are only ever added: nothing that a store offers changes or
 * deletes one. What changes something is recorded with its write, as {@link Write.audit} or an argument of its verb.
 */
export interface AuditStore {
  /** Adds what has no write of its own, in this order, all or none. Durable when it resolves. */
  append(drafts: readonly AuditDraft[]): Promise<readonly AuditEntry[]>
  /** A page of entries, newest first. */
  list(question: AuditQuestion): Promise<AuditPage>
  /** Checks a slice: the hash of each entry holds all before it. */
  verify(question: AuditCheckQuestion): Promise<AuditCheck>
}
