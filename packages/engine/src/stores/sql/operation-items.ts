import type { ItemResult } from '../operations.ts'
import { itemName } from '../unit/known.ts'
import type { BulkSession, Dialect } from './database.ts'

/**
 * Those that wait in operations that run, by `itemName`. Nobody else settles items of these operations, nor ends them, until
 * the transaction ends: everybody who does locks the operation first.
 */
export async function openItems(
  session: BulkSession,
  dialect: Dialect,
  items: readonly Pick<ItemResult, 'operationId' | 'taskId'>[],
): Promise<ReadonlySet<string>> {
  if (items.length === 0) return new Set()
  const ids = [...new Set(items.map(({ operationId }) => operationId))].sort()
  const running = await session.rows(
    `SELECT id FROM @operations WHERE ${dialect.among('id')} AND status = 'running' ORDER BY id ${dialect.locked}`,
    [ids],
  )
  if (running.length === 0) return new Set()
  const waiting = await session.rows(
    `SELECT operation_id, task_id FROM @operation_items
     WHERE ${dialect.among('operation_id')} AND ${dialect.among('task_id')} AND outcome = 'waiting'`,
    [running.map(([id]) => String(id)), items.map(({ taskId }) => taskId)],
  )
  return new Set(
    waiting.map(([operationId, taskId]) => itemName({ operationId: String(operationId), taskId: String(taskId) })),
  )
}

/** Stores what became of items and counts it, in the transaction that found them open. */
export async function settleItems(session: BulkSession, items: readonly ItemResult[]): Promise<void> {
  if (items.length === 0) return
  const rows = items.map(({ operationId, taskId, outcome, reason, newTaskId, at }) => {
    return [operationId, taskId, outcome, reason, newTaskId, at]
  })
  const columns = ['outcome', 'reason', 'new_task_id', 'settled_at']
  await session.update('operation_items', ['operation_id', 'task_id'], columns, rows)
  for (const operationId of [...new Set(items.map((item) => item.operationId))].sort()) {
    const outcomes = items.filter((item) => item.operationId === operationId).map(({ outcome }) => outcome)
    const count = (wanted: ItemResult['outcome']): number => outcomes.filter((outcome) => outcome === wanted).length
    await session.run(
      'UPDATE @operations SET succeeded = succeeded + ?, skipped = skipped + ?, failed = failed + ? WHERE id = ?',
      [count('succeeded'), count('skipped'), count('failed'), operationId],
    )
  }
}

/** Those of the tasks that do not belong to the operation yet, while nobody else can add any. */
export async function notYetItems(
  session: BulkSession,
  dialect: Dialect,
  operationId: string,
  taskIds: readonly string[],
): Promise<readonly string[]> {
  const known = await session.rows(
    `SELECT task_id FROM @operation_items WHERE operation_id = ? AND ${dialect.among('task_id')}`,
    [operationId, taskIds],
  )
  const there = new Set(known.map(([taskId]) => taskId))
  return [...new Set(taskIds)].filter((taskId) => !there.has(taskId))
}

/** Adds tasks that wait for their turn. */
export async function addItems(session: BulkSession, operationId: string, taskIds: readonly string[]): Promise<void> {
  const rows = taskIds.map((taskId) => [operationId, taskId, 'waiting'])
  await session.insert('operation_items', ['operation_id', 'task_id', 'outcome'], rows)
}
