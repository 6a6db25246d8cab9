import type { Database, Statement } from './driver/port.ts'
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
import { AuditInsert } from './audit.ts'
import type { GroupCommit } from './group-commit.ts'

const columns = `id AS operationId, action, filter, again, actor, reason, role, address, created_at AS createdAt, status,
  worker_id AS workerId, last_task_id AS lastTaskId, collected_to AS collectedTo, is_collected AS isCollected, total,
  succeeded, skipped, failed, started_at AS startedAt, ended_at AS endedAt, cancel_requested_at AS cancelRequestedAt, error,
  begins_at AS beginsAt, per_second AS perSecond`
const itemColumns = 'task_id AS taskId, outcome, reason, new_task_id AS newTaskId, settled_at AS at'

type Row = Omit<Operation, 'again' | 'isCollected'> & { readonly again: number; readonly isCollected: number }

/** What became of the tasks of operations, inside a transaction that is already open. */
export class OperationItems {
  readonly #isOpen
  readonly #settle
  readonly #count: Readonly<Record<string, Statement>>

  constructor(db: Database) {
    this.#isOpen = db.prepare(
      `SELECT 1 FROM operation_items CROSS JOIN operations ON operations.id = operation_id
       WHERE operation_id = ? AND task_id = ? AND outcome = 'waiting' AND status = 'running'`,
    )
    this.#settle = db.prepare(
      `UPDATE operation_items SET outcome = ?, reason = ?, new_task_id = ?, settled_at = ?
       WHERE operation_id = ? AND task_id = ?`,
    )
    const count = (column: string) => db.prepare(`UPDATE operations SET ${column} = ${column} + 1 WHERE id = ?`)
    this.#count = { succeeded: count('succeeded'), skipped: count('skipped'), failed: count('failed') }
  }

  /** Whether what becomes of the task may still be stored. */
  isOpen({ operationId, taskId }: ItemResult): boolean {
    return this.#isOpen.get(operationId, taskId) !== undefined
  }

  settle({ operationId, taskId, outcome, reason, newTaskId, at }: ItemResult): void {
    this.#settle.run(outcome, reason, newTaskId, at, operationId, taskId)
    this.#count[outcome]?.run(operationId)
  }
}

export function sqliteOperations(db: Database, commit: GroupCommit): OperationStore {
  const items = new OperationItems(db)
  const log = new AuditInsert(db)
  const insert = db.prepare(
    `INSERT INTO operations (id, action, filter, again, actor, reason, role, address, created_at, status, last_task_id,
       begins_at, per_second, is_collected, total)
     SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', last_id, ?, ?, coalesce(?, last_id IS NULL), 0
     FROM (SELECT max(id) AS last_id FROM tasks)`,
  )
  const addItems = db.prepare(
    `INSERT OR IGNORE INTO operation_items (operation_id, task_id, outcome) SELECT ?, value, 'waiting' FROM json_each(?)`,
  )
  const addTotal = db.prepare('UPDATE operations SET total = total + ? WHERE id = ?')
  const one = db.prepare<unknown[], Row>(`SELECT ${columns} FROM operations WHERE id = ?`)
  const newest = db.prepare<unknown[], Row>(`SELECT ${columns} FROM operations ORDER BY id DESC LIMIT ?`)
  const older = db.prepare<unknown[], Row>(`SELECT ${columns} FROM operations WHERE id < ? ORDER BY id DESC LIMIT ?`)
  const unfinished = db.prepare<unknown[], Row>(
    `SELECT ${columns} FROM operations WHERE ended_at IS NULL ORDER BY id LIMIT ?`,
  )
  const claim = db.prepare(
    `UPDATE operations SET worker_id = ?,
       status = CASE WHEN started_at IS NULL AND begins_at > ? THEN status ELSE 'running' END,
       started_at = CASE WHEN started_at IS NULL AND begins_at > ? THEN NULL ELSE coalesce(started_at, ?) END
     WHERE id = ? AND worker_id IS ? AND ended_at IS NULL`,
  )
  const advance = db.prepare(
    `UPDATE operations SET collected_to = ?, is_collected = ?
     WHERE id = ? AND worker_id = ? AND ended_at IS NULL AND is_collected = 0 AND collected_to IS ?`,
  )
  const waiting = db
    .prepare<unknown[], string>(
      `SELECT task_id FROM operation_items WHERE operation_id = ? AND outcome = 'waiting' ORDER BY task_id LIMIT ?`,
    )
    .pluck()
  const page = db.prepare<unknown[], OperationItem>(
    `SELECT ${itemColumns} FROM operation_items WHERE operation_id = ? AND task_id > ? ORDER BY task_id LIMIT ?`,
  )
  const pageOf = db.prepare<unknown[], OperationItem>(
    `SELECT ${itemColumns} FROM operation_items INDEXED BY operation_items_outcome
     WHERE operation_id = ? AND outcome = ? AND task_id > ? ORDER BY task_id LIMIT ?`,
  )
  const cancel = db.prepare(
    'UPDATE operations SET cancel_requested_at = coalesce(cancel_requested_at, ?) WHERE id = ? AND ended_at IS NULL',
  )
  const undo = db.prepare(
    `UPDATE operations SET status = 'cancelled', cancel_requested_at = ?, ended_at = ?
     WHERE id = ? AND status = 'pending' AND begins_at IS NOT NULL`,
  )
  const finish = db.prepare(
    'UPDATE operations SET status = ?, error = ?, ended_at = ? WHERE id = ? AND worker_id = ? AND ended_at IS NULL',
  )
  const get = (operationId: string): Operation | undefined => {
    const row = one.get(operationId)
    return row && toOperation(row)
  }
  const add = (operationId: string, taskIds: readonly string[]): void => {
    addTotal.run(addItems.run(operationId, JSON.stringify(taskIds)).changes, operationId)
  }
  const recorded = (isDone: boolean, audit: AuditDraft | undefined): boolean => {
    if (isDone && audit) log.record(audit)
    return isDone
  }
  const prune = pruning(db)
  return {
    create: (operation: NewOperation, results: readonly ItemResult[] | null, audit?: AuditDraft) =>
      commit.run(() => {
        if (audit) log.record(audit)
        const { operationId, action, filter, again, actor, reason, role, address, createdAt } = operation
        const { beginsAt = null, perSecond = null } = operation
        const isCollected = results === null ? null : 1
        insert.run(
          ...[operationId, action, filter, again ? 1 : 0, actor, reason, role, address, createdAt],
          ...[beginsAt, perSecond, isCollected],
        )
        if (results)
          add(
            operationId,
            results.map(({ taskId }) => taskId),
          )
        for (const result of results ?? []) if (result.outcome !== 'waiting') items.settle(result)
        return get(operationId) as Operation
      }),
    get: async (operationId: string) => get(operationId),
    list: async (after: string | null, limit: number) =>
      (after === null ? newest.all(limit) : older.all(after, limit)).map(toOperation),
    unfinished: async (limit: number) => unfinished.all(limit).map(toOperation),
    claim: (operationId: string, workerId: string, from: string | null, now: number) =>
      commit.run(() =>
        claim.run(workerId, now, now, now, operationId, from).changes === 1 ? (get(operationId) ?? null) : null,
      ),
    collect: ({ operationId, workerId, from, to, taskIds, isLast }: CollectedSlice) =>
      commit.run(() => {
        if (advance.run(to, isLast ? 1 : 0, operationId, workerId, from).changes === 0) return false
        add(operationId, taskIds)
        return true
      }),
    waiting: async (operationId: string, limit: number) => waiting.all(operationId, limit),
    async settle(results: readonly ItemResult[]): Promise<void> {
      await commit.run(() => {
        for (const result of results) if (items.isOpen(result)) items.settle(result)
      })
    },
    items: async ({ operationId, outcome, after, limit }: ItemQuestion) =>
      outcome === null
        ? page.all(operationId, after ?? '', limit)
        : pageOf.all(operationId, outcome, after ?? '', limit),
    undo: (operationId: string, at: number, audit?: AuditDraft) =>
      commit.run(() => recorded(undo.run(at, at, operationId).changes === 1, audit)),
    requestCancel: (operationId: string, at: number, audit?: AuditDraft) =>
      commit.run(() => recorded(cancel.run(at, operationId).changes === 1, audit)),
    finish: ({ operationId, workerId, status, error, at }: OperationEnd, audit?: AuditDraft) =>
      commit.run(() => recorded(finish.run(status, error, at, operationId, workerId).changes === 1, audit)),
    prune: (question: PruneQuestion) => commit.run(() => prune(question)),
  }
}

/** Of one operation at a time, its report first. */
function pruning(db: Database): (question: PruneQuestion) => number {
  const oldest = db
    .prepare<unknown[], string>(
      `SELECT id FROM operations WHERE ended_at < ? OR (ended_at IS NOT NULL AND id <=
         (SELECT id FROM operations WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?)) ORDER BY id LIMIT 1`,
    )
    .pluck()
  const dropItems = db.prepare(
    `DELETE FROM operation_items WHERE operation_id = ? AND task_id IN
       (SELECT task_id FROM operation_items WHERE operation_id = ? ORDER BY task_id LIMIT ?)`,
  )
  const drop = db.prepare('DELETE FROM operations WHERE id = ?')
  return ({ keep, endedBefore, limit }) => {
    const operationId = oldest.get(endedBefore, keep)
    if (operationId === undefined) return 0
    const dropped = dropItems.run(operationId, operationId, limit).changes
    return dropped === limit ? dropped : dropped + drop.run(operationId).changes
  }
}

function toOperation(row: Row): Operation {
  return { ...row, again: row.again === 1, isCollected: row.isCollected === 1 }
}
