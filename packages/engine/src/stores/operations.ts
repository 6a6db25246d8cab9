import type { TaskFilter } from '@taskloom/protocol'
import type { AuditDraft } from './audit.ts'

/** What an operation does with each of its tasks. */
export const operationActions = ['retry', 'cancel', 'run_now', 'delete'] as const
/** One of {@link operationActions}. */
export type OperationAction = (typeof operationActions)[number]

/** Where an operation is in its life. */
export const operationStatuses = ['pending', 'running', 'done', 'failed', 'cancelled'] as const
/** One of {@link operationStatuses}. */
export type OperationStatus = (typeof operationStatuses)[number]

/** What became of one task of an operation; `waiting` when its turn has not come, or never will. */
export const itemOutcomes = ['waiting', 'succeeded', 'skipped', 'failed'] as const
/** One of {@link itemOutcomes}. */
export type ItemOutcome = (typeof itemOutcomes)[number]

/** Something that is to be done with many tasks, in the background. */
export interface NewOperation {
  /** Rises with the time of creation. */
  readonly operationId: string
  /** What is done with each task. */
  readonly action: OperationAction
  /** Which tasks: a filter as JSON text; null when they were listed one by one. */
  readonly filter: string | null
  /** Whether tasks that have a live or successful retry are retried once more. */
  readonly again: boolean
  /** Who asked for it. */
  readonly actor: string
  /** Why; null when that was not said. */
  readonly reason: string | null
  /** What he may; null when nobody says. */
  readonly role: string | null
  /** Where he asked from; null when that is not known. */
  readonly address: string | null
  /** When it was asked for, epoch milliseconds. */
  readonly createdAt: number
  /** Nothing is done before this instant, and until then it can be undone; null, as by default, when there is none. */
  readonly beginsAt?: number | null
  /** How many tasks a second at most; null, as by default, for as many as the process does. */
  readonly perSecond?: number | null
}

/** An operation as it is stored. */
export interface Operation extends NewOperation {
  /** Where it is in its life. */
  readonly status: OperationStatus
  readonly beginsAt: number | null
  readonly perSecond: number | null
  /** Who works it off, or did last; null before anybody does. */
  readonly workerId: string | null
  /** The newest task that was stored when it was created: later ones do not belong to it. Null when there was none. */
  readonly lastTaskId: string | null
  /** Up to which task those that belong to it were looked for; null before the first. */
  readonly collectedTo: string | null
  /** Whether all that belong to it are known: nothing is done before. */
  readonly isCollected: boolean
  /** How many tasks belong to it, as far as they are known. */
  readonly total: number
  /** How many it was done to. */
  readonly succeeded: number
  /** How many it could not be done to, or need not. */
  readonly skipped: number
  /** How many it failed for. */
  readonly failed: number
  /** When somebody began to work it off; null before. */
  readonly startedAt: number | null
  /** When it came to its end; null before. */
  readonly endedAt: number | null
  /** When somebody asked it to stop; null when nobody has. */
  readonly cancelRequestedAt: number | null
  /** Why it failed; null when it has not. */
  readonly error: string | null
}

/** What became of one task, to be stored once. */
export interface ItemResult {
  /** Which operation. */
  readonly operationId: string
  /** Which of its tasks. */
  readonly taskId: string
  /** Not `waiting`. */
  readonly outcome: ItemOutcome
  /** Why it was skipped or failed, as a word or a sentence; null when it succeeded. */
  readonly reason: string | null
  /** The task that a retry minted; null for all else. */
  readonly newTaskId: string | null
  /** When, epoch milliseconds. */
  readonly at: number
}

/** One line of the report of an operation. */
export interface OperationItem extends Omit<ItemResult, 'operationId' | 'at'> {
  /** When it was settled; null while it waits. */
  readonly at: number | null
}

/** A slice of tasks that belong to an operation. */
export interface CollectedSlice {
  /** Which operation. */
  readonly operationId: string
  /** Who collects: he must own it. */
  readonly workerId: string
  /** Where the slice before ended; it counts only if that is so. */
  readonly from: string | null
  /** Where this one ends. */
  readonly to: string | null
  /** At most 500. */
  readonly taskIds: readonly string[]
  /** Whether there are no more. */
  readonly isLast: boolean
}

/** A page of a report. */
export interface ItemQuestion {
  /** Of which operation. */
  readonly operationId: string
  /** Only these; null for all. */
  readonly outcome: ItemOutcome | null
  /** Tasks with a greater id only; null for the first page. */
  readonly after: string | null
  /** How many at most. */
  readonly limit: number
}

/** How an operation ends. */
export interface OperationEnd {
  /** Which operation. */
  readonly operationId: string
  /** Who ends it: he must own it. */
  readonly workerId: string
  /** How. */
  readonly status: 'done' | 'failed' | 'cancelled'
  /** Why it failed; null when it has not. */
  readonly error: string | null
  /** When, epoch milliseconds. */
  readonly at: number
}

/** Which ended operations are forgotten. */
export interface PruneQuestion {
  /** All but so many of the newest that have ended. */
  readonly keep: number
  /** And all that ended before, epoch milliseconds. */
  readonly endedBefore: number
  /** How many rows at most. */
  readonly limit: number
}

/** A slice of the ids of a filter. */
export interface IdsQuestion {
  /** Of which tasks. */
  readonly filter: TaskFilter
  /** Greater ids only; null for the first slice. */
  readonly after: string | null
  /** No id greater than this. */
  readonly until: string
  /** How many at most. */
  readonly limit: number
}

/** Ids of tasks, rising. */
export interface IdsAnswer {
  /** Maybe none although there are more: only so many rows are looked at for one slice. */
  readonly taskIds: readonly string[]
  /** Where to read on; null when there are no more. */
  readonly next: string | null
}

/** Keeps operations and what became of each of their tasks. */
export interface OperationStore {
  /**
   * Stores one, with its entry of the audit log; `results` are its tasks when they are listed, those that are settled
   * already with their outcome.
   */
  create(operation: NewOperation, results: readonly ItemResult[] | null, audit?: AuditDraft): Promise<Operation>
  /** The operation; undefined when there is none. */
  get(operationId: string): Promise<Operation | undefined>
  /** Those older than `after`, the newest first. */
  list(after: string | null, limit: number): Promise<readonly Operation[]>
  /** Those that have not ended, the oldest first. */
  unfinished(limit: number): Promise<readonly Operation[]>
  /**
   * Makes a worker the owner, if `from` is; null when he is not any more, or the operation has ended. Before its time to
   * begin it stays pending: its tasks can be collected, and nothing can be done to them.
   */
  claim(operationId: string, workerId: string, from: string | null, now: number): Promise<Operation | null>
  /** Adds tasks; false, and nothing is stored, when the slice does not follow the one before. */
  collect(slice: CollectedSlice): Promise<boolean>
  /** Tasks whose turn comes next, by id. */
  waiting(operationId: string, limit: number): Promise<readonly string[]>
  /** Stores what became of tasks that nothing was done to; what is settled already, or belongs to one that ended, stays. */
  settle(results: readonly ItemResult[]): Promise<void>
  /** A page of the report, by id. */
  items(question: ItemQuestion): Promise<readonly OperationItem[]>
  /**
   * Ends one that has a time to begin and has not begun, with an entry of the audit log: nothing is ever done to its tasks.
   * False, and nothing is changed, for all others.
   */
  undo(operationId: string, at: number, audit?: AuditDraft): Promise<boolean>
  /** Asks its owner to stop, with an entry of the audit log; false when there is no such operation, or it has ended. */
  requestCancel(operationId: string, at: number, audit?: AuditDraft): Promise<boolean>
  /** Ends it, with its entry of the audit log; false when another owns it, or it has ended. */
  finish(end: OperationEnd, audit?: AuditDraft): Promise<boolean>
  /** Forgets ended operations with their reports, a slice at a time; how many rows there were: zero when none is left. */
  prune(question: PruneQuestion): Promise<number>
}
