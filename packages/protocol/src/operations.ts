import {
  array,
  boolean,
  dictionary,
  extend,
  instant,
  integer,
  nullable,
  object,
  openEnum,
  optional,
  string,
  type Infer,
} from './codec.ts'
import { taskSummary } from './task.ts'

/** What a bulk action does with each of its tasks. */
export const bulkActions = ['retry', 'cancel', 'run_now', 'delete'] as const
/** What became of one task of a bulk action; `waiting` when its turn has not come, or never will. */
export const bulkOutcomes = ['waiting', 'succeeded', 'skipped', 'failed'] as const

/** Codec of {@link OperationItemView}. */
export const operationItemView = object({
  /** Which task. */
  taskId: string,
  /** What became of it; one of {@link bulkOutcomes}. */
  outcome: openEnum(bulkOutcomes),
  /** Why it was skipped, as a word, or why it failed, in words; null for all else. */
  reason: nullable(string),
  /** The task that a retry minted; null for all else. */
  newTaskId: nullable(string),
  /** When that was; null while it waits. */
  at: nullable(instant),
})
/** What became of one task of an operation. */
export type OperationItemView = Infer<typeof operationItemView>

/** Codec of {@link OperationView}. */
export const operationView = object({
  /** Its id. */
  operationId: string,
  /** What is done with each task; one of {@link bulkActions}. */
  action: openEnum(bulkActions),
  /** Where it is in its life. */
  status: openEnum(['pending', 'running', 'done', 'failed', 'cancelled']),
  /** Which tasks, as parameters of the list by name; null when they were listed one by one. */
  filter: nullable(dictionary(array(string))),
  /** Whether tasks that have a live or successful retry are retried once more. */
  again: boolean,
  /** How many tasks belong to it, as far as they are known. */
  total: integer,
  /** Whether all of them are known: nothing is done before. */
  isCollected: boolean,
  /** How many have an outcome. */
  done: integer,
  /** How many it was done to. */
  succeeded: integer,
  /** How many it could not be done to, or need not. */
  skipped: integer,
  /** How many it failed for. */
  failed: integer,
  /** Who asked for it. */
  actor: string,
  /** Why; null when that was not said. */
  reason: nullable(string),
  /** The process that works it off, or did last; null before any does. */
  workerId: nullable(string),
  /** When it was asked for. */
  createdAt: instant,
  /** When it was begun; null before. */
  startedAt: nullable(instant),
  /** When it came to its end; null before. */
  endedAt: nullable(instant),
  /** When somebody asked it to stop; null when nobody has. */
  cancelRequestedAt: nullable(instant),
  /** Why it failed as a whole; null when it has not. */
  error: nullable(string),
  /** When it begins; as long as it is `pending` it can be undone. Null when it begins at once. */
  beginsAt: optional(nullable(instant)),
  /** How many tasks a second at most; null for as many as the server does. */
  perSecond: optional(nullable(integer)),
})
/** A bulk action in the background. */
export type OperationView = Infer<typeof operationView>

/** Codec of {@link OperationDetail}. */
export const operationDetail = extend(operationView, {
  /** Some tasks that it failed for, at most 20. */
  failures: array(operationItemView),
})
/** A bulk action with some of what went wrong. */
export type OperationDetail = Infer<typeof operationDetail>

/** Codec of {@link OperationPage}. */
export const operationPage = object({
  /** The newest first. */
  operations: array(operationView),
  /** Null when there are no more. */
  nextCursor: nullable(string),
})
/** A page of operations. */
export type OperationPage = Infer<typeof operationPage>

/** Codec of {@link OperationItemPage}. */
export const operationItemPage = object({
  /** By the id of the task. */
  items: array(operationItemView),
  /** Null when there are no more. */
  nextCursor: nullable(string),
})
/** A page of the report of an operation. */
export type OperationItemPage = Infer<typeof operationItemPage>

/** Codec of {@link BulkBegun}. */
export const bulkBegun = object({
  /** Where to look how far it is; absent for a dry run. */
  operationId: optional(string),
  /** In a dry run: how many tasks are meant. */
  count: optional(integer),
  /** In a dry run: whether there are more than `count`. */
  countIsCapped: optional(boolean),
  /** In a dry run: the newest of them, at most 20. */
  sample: optional(array(taskSummary)),
})
/** A bulk action that was begun, or what it would be done to. */
export type BulkBegun = Infer<typeof bulkBegun>
