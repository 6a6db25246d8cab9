import type { ItemOutcome, Operation, OperationItem } from '../operations.ts'

/**
 * The fields of an operation's hash: `o` is JSON of all but its counts, which lie in fields of their own and are added to;
 * a count that is not there is 0.
 */
export const operationFields = ['o', 'total', 'succeeded', 'skipped', 'failed'] as const

/** An operation without its counts. */
export type OperationHead = Omit<Operation, 'total' | 'succeeded' | 'skipped' | 'failed'>

/** The field `o`. */
export function encodeOperation(head: OperationHead): string {
  return JSON.stringify(head)
}

/** The operation of the field `o`, without its counts. */
export function decodeHead(text: string): OperationHead {
  return JSON.parse(text) as OperationHead
}

/** An operation from the fields {@link operationFields}; undefined when it is not there. */
export function decodeOperation([head, ...counts]: readonly unknown[]): Operation | undefined {
  if (typeof head !== 'string') return undefined
  const [total = 0, succeeded = 0, skipped = 0, failed = 0] = counts.map((count) => Number(count ?? 0))
  return { ...decodeHead(head), total, succeeded, skipped, failed }
}

/** What became of one task, a field of `Keys.items`. */
export function encodeItem({ outcome, reason, newTaskId, at }: Omit<OperationItem, 'taskId'>): string {
  return JSON.stringify([outcome, reason, newTaskId, at])
}

/** What became of one task, from a field of `Keys.items`. */
export function decodeItem(taskId: string, text: string): OperationItem {
  const [outcome, reason, newTaskId, at] = JSON.parse(text) as ItemTuple
  return { taskId, outcome, reason, newTaskId, at }
}

type ItemTuple = [ItemOutcome, string | null, string | null, number | null]

/** A task whose turn has not come. */
export const waitingItem = encodeItem({ outcome: 'waiting', reason: null, newTaskId: null, at: null })
