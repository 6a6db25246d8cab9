import type { TaskFilter, TaskSummary } from '@taskloom/protocol'
import type { ItemQuestion, Operation, OperationAction, OperationItem } from '../stores/operations.ts'
import type { Act } from './source.ts'

/** What is to be done with many tasks. */
export interface BulkQuestion {
  /** What is done with each. */
  readonly action: OperationAction
  /** Those that a filter holds when it begins, or these. */
  readonly target: { readonly filter: TaskFilter } | { readonly taskIds: readonly string[] }
  /** Also retries tasks that have a live or successful retry; false by default. */
  readonly again?: boolean
  /** Milliseconds until it begins; until then it can be undone. It begins at once by default. */
  readonly delayMs?: number
  /** How many tasks a second at most; null, as by default, for as many as the process does. */
  readonly perSecond?: number | null
  /** Of listed tasks, those that it says no to are skipped as if they were not there. All are permitted by default. */
  readonly permits?: (task: TaskSummary) => boolean | Promise<boolean>
}

/** What a bulk action would be done to. */
export interface BulkPreview {
  /** How many tasks there are. */
  readonly count: number
  /** Whether there are more: counting was given up there. */
  readonly countIsCapped: boolean
  /** The newest of them, at most 20. */
  readonly sample: readonly TaskSummary[]
}

/** Bulk actions that run in the background. */
export interface OperationBoard {
  /** What it would be done to now; changes nothing. */
  preview(question: BulkQuestion): Promise<BulkPreview>
  /** Stores it and begins. Rejects with `wrong_status` when the filter has no status in which it can be done. */
  begin(question: BulkQuestion, act: Act): Promise<Operation>
  /** Those that are older than `after`, the newest first. */
  list(after: string | null, limit: number): Promise<readonly Operation[]>
  /** One of them. Rejects with `unknown_operation`. */
  get(operationId: string): Promise<Operation>
  /** A page of its report. Rejects with `unknown_operation`. */
  items(question: ItemQuestion): Promise<readonly OperationItem[]>
  /** Stops it where it is, one that has not begun before anything is done; one that has ended stays as it is. Rejects with `unknown_operation`. */
  cancel(operationId: string, act: Act): Promise<Operation>
}
