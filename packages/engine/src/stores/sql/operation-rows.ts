import type { Operation, OperationItem } from '../operations.ts'
import type { BulkSession, Param, Row, Session, Value } from './database.ts'

const fixed = 'id, action, filter, again, actor, reason, role, address, created_at, begins_at, per_second, last_task_id'
const counts = 'succeeded, skipped, failed'
/** What changes of an operation besides its {@link counts}. */
const changing = [
  ...['status', 'worker_id', 'collected_to', 'is_collected', 'total'],
  ...['started_at', 'ended_at', 'cancel_requested_at', 'error'],
]
const columns = `${fixed}, ${counts}, ${changing.join(', ')}`

/** The operations of a condition, with what follows it. */
export async function readOperations(
  session: Session,
  condition: string,
  params: readonly Param[],
): Promise<readonly Operation[]> {
  const rows = await session.rows(`SELECT ${columns} FROM @operations WHERE ${condition}`, params)
  return rows.map(toOperation)
}

export async function readOperation(session: Session, operationId: string): Promise<Operation | undefined> {
  const [operation] = await readOperations(session, 'id = ?', [operationId])
  return operation
}

export async function insertOperation(session: BulkSession, operation: Operation): Promise<void> {
  const { operationId, action, filter, again, actor, reason, role, address, createdAt, beginsAt, perSecond } = operation
  const row = [
    ...[operationId, action, filter, again ? 1 : 0, actor, reason, role, address, createdAt, beginsAt, perSecond],
    ...[operation.lastTaskId, operation.succeeded, operation.skipped, operation.failed, ...changingValues(operation)],
  ]
  await session.insert('operations', columns.split(', '), [row])
}

/** Saves all but its counts of outcomes. */
export async function updateOperation(session: BulkSession, operation: Operation): Promise<void> {
  await session.update('operations', ['id'], changing, [[operation.operationId, ...changingValues(operation)]])
}

export const itemColumns = 'task_id, outcome, reason, new_task_id, settled_at'

export function toItem([taskId, outcome, reason, newTaskId, at]: Row): OperationItem {
  return { taskId, outcome, reason, newTaskId, at } as OperationItem
}

function changingValues(operation: Operation): readonly Value[] {
  const { status, workerId, collectedTo, isCollected, total, startedAt, endedAt, cancelRequestedAt, error } = operation
  return [status, workerId, collectedTo, isCollected ? 1 : 0, total, startedAt, endedAt, cancelRequestedAt, error]
}

function toOperation(row: Row): Operation {
  const [operationId, action, filter, again, actor, reason, role, address, createdAt, beginsAt, perSecond, ...more] =
    row
  const [lastTaskId, succeeded, skipped, failed, ...rest] = more
  const [status, workerId, collectedTo, isCollected, total, startedAt, endedAt, cancelRequestedAt, error] = rest
  return {
    ...{
      operationId,
      action,
      filter,
      again: again === 1,
      actor,
      reason,
      role,
      address,
      createdAt,
      beginsAt,
      perSecond,
    },
    ...{ lastTaskId, succeeded, skipped, failed, status, workerId, collectedTo, isCollected: isCollected === 1, total },
    ...{ startedAt, endedAt, cancelRequestedAt, error },
  } as Operation
}
