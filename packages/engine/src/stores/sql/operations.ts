import type { AuditDraft } from '../audit.ts'
import type {
  CollectedSlice,
  ItemQuestion,
  ItemResult,
  NewOperation,
  Operation,
  OperationEnd,
  OperationItem,
  OperationStore,
  PruneQuestion,
} from '../operations.ts'
import { itemName } from '../unit/known.ts'
import {
  cancelRequested,
  claimed,
  collected,
  finished,
  newOperation,
  undone,
  type OperationChange,
} from '../unit/operation-changes.ts'
import type { BulkSession, Dialect, Session } from './database.ts'
import { writeOnce } from './once.ts'
import { addItems, notYetItems, openItems, settleItems } from './operation-items.ts'
import {
  insertOperation,
  itemColumns,
  readOperation,
  readOperations,
  toItem,
  updateOperation,
} from './operation-rows.ts'
import { asked, type Writer } from './writer.ts'

export { openItems, settleItems } from './operation-items.ts'

export function sqlOperations(writer: Writer): OperationStore {
  const { dialect, session: reads } = writer.database
  const change = (operationId: string, change: OperationChange, audit?: AuditDraft): Promise<Operation | null> =>
    writeOnce(writer, async (session, mayBeDone) => {
      const operation = await lockOperation(session, dialect, operationId)
      const value = operation ? change(operation, mayBeDone) : null
      if (value) await updateOperation(session, value)
      return { value, audit: value ? audit : undefined }
    })
  return {
    create: (operation: NewOperation, results: readonly ItemResult[] | null, audit?: AuditDraft) =>
      writeOnce(writer, async (session, mayBeDone) => {
        const stored = mayBeDone ? await readOperation(session, operation.operationId) : undefined
        return stored ? { value: stored } : { value: await create(session, operation, results), audit }
      }),
    get: (operationId: string) => asked(readOperation(reads, operationId)),
    list: (after: string | null, limit: number) =>
      asked(
        after === null
          ? readOperations(reads, '1 = 1 ORDER BY id DESC LIMIT ?', [limit])
          : readOperations(reads, 'id < ? ORDER BY id DESC LIMIT ?', [after, limit]),
      ),
    unfinished: (limit: number) => asked(readOperations(reads, 'ended_at IS NULL ORDER BY id LIMIT ?', [limit])),
    claim: (operationId: string, workerId: string, from: string | null, now: number) =>
      change(operationId, claimed(workerId, from, now)),
    collect: (slice: CollectedSlice) =>
      writeOnce(writer, async (session, mayBeDone) => ({ value: await collect(session, dialect, slice, mayBeDone) })),
    async waiting(operationId: string, limit: number): Promise<readonly string[]> {
      const items = await asked(readItems(reads, { operationId, outcome: 'waiting', after: null, limit }))
      return items.map(({ taskId }) => taskId)
    },
    async settle(results: readonly ItemResult[]): Promise<void> {
      await writer.run((session) => settle(session, dialect, results))
    },
    items: (question: ItemQuestion) => asked(readItems(reads, question)),
    undo: async (operationId: string, at: number, audit?: AuditDraft) =>
      (await change(operationId, undone(at), audit)) !== null,
    requestCancel: async (operationId: string, at: number, audit?: AuditDraft) =>
      (await change(operationId, cancelRequested(at), audit)) !== null,
    finish: async (end: OperationEnd, audit?: AuditDraft) =>
      (await change(end.operationId, finished(end), audit)) !== null,
    prune: (question: PruneQuestion) => writer.run((session) => prune(session, question)),
  }
}

/** Whoever changes an operation, or settles its items, waits here for the others. */
async function lockOperation(session: Session, dialect: Dialect, operationId: string): Promise<Operation | undefined> {
  const [operation] = await readOperations(session, `id = ? ${dialect.locked}`, [operationId])
  return operation
}

async function create(
  session: BulkSession,
  operation: NewOperation,
  results: readonly ItemResult[] | null,
): Promise<Operation> {
  const [[lastTaskId = null] = []] = await session.rows('SELECT max(id) FROM @tasks')
  const fresh = newOperation(operation, lastTaskId === null ? null : String(lastTaskId), results !== null)
  const taskIds = [...new Set((results ?? []).map(({ taskId }) => taskId))]
  await insertOperation(session, { ...fresh, total: taskIds.length })
  await addItems(session, operation.operationId, taskIds)
  await settleItems(session, firstOfEach((results ?? []).filter(({ outcome }) => outcome !== 'waiting')))
  return (await readOperation(session, operation.operationId)) ?? fresh
}

async function collect(
  session: BulkSession,
  dialect: Dialect,
  slice: CollectedSlice,
  mayBeDone: boolean,
): Promise<boolean> {
  const { operationId, taskIds } = slice
  const operation = await lockOperation(session, dialect, operationId)
  if (!operation) return false
  const added = await notYetItems(session, dialect, operationId, taskIds)
  const next = collected(slice, added.length)(operation, mayBeDone)
  if (!next) return false
  await addItems(session, operationId, added)
  await updateOperation(session, next)
  return true
}

async function settle(session: BulkSession, dialect: Dialect, results: readonly ItemResult[]): Promise<void> {
  const open = await openItems(session, dialect, results)
  await settleItems(session, firstOfEach(results.filter((result) => open.has(itemName(result)))))
}

/** Of several outcomes of one item the first: it is settled once. */
function firstOfEach(results: readonly ItemResult[]): readonly ItemResult[] {
  const first = new Map<string, ItemResult>()
  for (const result of results) if (!first.has(itemName(result))) first.set(itemName(result), result)
  return [...first.values()]
}

async function readItems(
  session: Session,
  { operationId, outcome, after, limit }: ItemQuestion,
): Promise<readonly OperationItem[]> {
  const which = outcome === null ? '' : 'AND outcome = ?'
  const rows = await session.rows(
    `SELECT ${itemColumns} FROM @operation_items WHERE operation_id = ? ${which} AND task_id > ? ORDER BY task_id LIMIT ?`,
    [operationId, ...(outcome === null ? [] : [outcome]), after ?? '', limit],
  )
  return rows.map(toItem)
}

/** Of one operation at a time, its report first. */
async function prune(session: BulkSession, { keep, endedBefore, limit }: PruneQuestion): Promise<number> {
  const [newest] = await session.rows(
    'SELECT id FROM @operations WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?',
    [keep],
  )
  const [oldest] = await session.rows(
    'SELECT id FROM @operations WHERE ended_at IS NOT NULL AND (ended_at < ? OR id <= ?) ORDER BY id LIMIT 1',
    [endedBefore, newest?.[0] ?? ''],
  )
  const operationId = oldest?.[0]
  if (operationId === undefined) return 0
  const items = await session.rows(
    'SELECT operation_id, task_id FROM @operation_items WHERE operation_id = ? ORDER BY task_id LIMIT ?',
    [operationId, limit],
  )
  await session.remove('operation_items', ['operation_id', 'task_id'], items)
  if (items.length === limit) return items.length
  return items.length + (await session.run('DELETE FROM @operations WHERE id = ?', [operationId]))
}
