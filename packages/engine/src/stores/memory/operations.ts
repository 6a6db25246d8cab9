import type { AuditDraft } from '../audit.ts'
import type { MemoryAudit } from './audit.ts'
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
import { compareValues } from '../order.ts'

interface Kept {
  operation: Operation
  readonly items: Map<string, OperationItem>
}

/** The reference for what the verbs mean; forgotten with the process. */
export class MemoryOperations implements OperationStore {
  readonly #kept = new Map<string, Kept>()

  /** `tasks` is what belongs to the store by id. */
  constructor(
    private readonly tasks: ReadonlyMap<string, unknown>,
    private readonly audit: MemoryAudit,
  ) {}

  async create(operation: NewOperation, results: readonly ItemResult[] | null, audit?: AuditDraft): Promise<Operation> {
    if (audit) this.audit.record(audit)
    const lastTaskId = [...this.tasks.keys()].reduce<string | null>(
      (last, id) => (last === null || id > last ? id : last),
      null,
    )
    const stored: Operation = {
      ...operation,
      ...{ status: 'pending', workerId: null, lastTaskId, collectedTo: null },
      ...{ beginsAt: operation.beginsAt ?? null, perSecond: operation.perSecond ?? null },
      isCollected: results !== null || lastTaskId === null,
      ...{ total: 0, succeeded: 0, skipped: 0, failed: 0 },
      ...{ startedAt: null, endedAt: null, cancelRequestedAt: null, error: null },
    }
    const kept: Kept = { operation: stored, items: new Map() }
    this.#kept.set(operation.operationId, kept)
    add(
      kept,
      (results ?? []).map(({ taskId }) => taskId),
    )
    for (const result of results ?? []) if (result.outcome !== 'waiting') settle(kept, result)
    return kept.operation
  }

  /** The operations that a task belongs to. */
  holding(taskId: string): readonly string[] {
    return [...this.#kept.values()].flatMap(({ operation, items }) => (items.has(taskId) ? operation.operationId : []))
  }

  async get(operationId: string): Promise<Operation | undefined> {
    return this.#kept.get(operationId)?.operation
  }

  async list(after: string | null, limit: number): Promise<readonly Operation[]> {
    const older = this.#all().filter(({ operationId }) => after === null || operationId < after)
    return older.reverse().slice(0, limit)
  }

  async unfinished(limit: number): Promise<readonly Operation[]> {
    return this.#all()
      .filter(({ endedAt }) => endedAt === null)
      .slice(0, limit)
  }

  async claim(operationId: string, workerId: string, from: string | null, now: number): Promise<Operation | null> {
    const kept = this.#kept.get(operationId)
    if (!kept || kept.operation.endedAt !== null || kept.operation.workerId !== from) return null
    const { beginsAt, startedAt } = kept.operation
    const isEarly = startedAt === null && beginsAt !== null && now < beginsAt
    const begun = isEarly ? {} : ({ status: 'running', startedAt: startedAt ?? now } as const)
    kept.operation = { ...kept.operation, ...begun, workerId }
    return kept.operation
  }

  async collect({ operationId, workerId, from, to, taskIds, isLast }: CollectedSlice): Promise<boolean> {
    const kept = this.#kept.get(operationId)
    if (!kept || kept.operation.endedAt !== null || kept.operation.workerId !== workerId) return false
    if (kept.operation.isCollected || kept.operation.collectedTo !== from) return false
    add(kept, taskIds)
    kept.operation = { ...kept.operation, collectedTo: to, isCollected: isLast }
    return true
  }

  async waiting(operationId: string, limit: number): Promise<readonly string[]> {
    const items = await this.items({ operationId, outcome: 'waiting', after: null, limit })
    return items.map(({ taskId }) => taskId)
  }

  async settle(results: readonly ItemResult[]): Promise<void> {
    for (const result of results) if (this.isOpen(result)) this.settleNow(result)
  }

  /** Whether what becomes of the task may still be stored. */
  isOpen({ operationId, taskId }: ItemResult): boolean {
    const kept = this.#kept.get(operationId)
    return kept?.operation.status === 'running' && kept.items.get(taskId)?.outcome === 'waiting'
  }

  settleNow(result: ItemResult): void {
    const kept = this.#kept.get(result.operationId)
    if (kept) settle(kept, result)
  }

  async items({ operationId, outcome, after, limit }: ItemQuestion): Promise<readonly OperationItem[]> {
    const all = [...(this.#kept.get(operationId)?.items.values() ?? [])]
    return all
      .filter((item) => (outcome === null || item.outcome === outcome) && (after === null || item.taskId > after))
      .sort((a, b) => compareValues(a.taskId, b.taskId))
      .slice(0, limit)
  }

  async undo(operationId: string, at: number, audit?: AuditDraft): Promise<boolean> {
    const kept = this.#kept.get(operationId)
    if (kept?.operation.status !== 'pending' || kept.operation.beginsAt === null) return false
    if (audit) this.audit.record(audit)
    kept.operation = { ...kept.operation, status: 'cancelled', cancelRequestedAt: at, endedAt: at }
    return true
  }

  async requestCancel(operationId: string, at: number, audit?: AuditDraft): Promise<boolean> {
    const kept = this.#kept.get(operationId)
    if (!kept || kept.operation.endedAt !== null) return false
    if (audit) this.audit.record(audit)
    kept.operation = { ...kept.operation, cancelRequestedAt: kept.operation.cancelRequestedAt ?? at }
    return true
  }

  async finish({ operationId, workerId, status, error, at }: OperationEnd, audit?: AuditDraft): Promise<boolean> {
    const kept = this.#kept.get(operationId)
    if (!kept || kept.operation.endedAt !== null || kept.operation.workerId !== workerId) return false
    if (audit) this.audit.record(audit)
    kept.operation = { ...kept.operation, status, error, endedAt: at }
    return true
  }

  async prune({ keep, endedBefore, limit }: PruneQuestion): Promise<number> {
    const ended = this.#all().filter(({ endedAt }) => endedAt !== null)
    const old = ended.find(({ endedAt }, index) => index < ended.length - keep || (endedAt ?? 0) < endedBefore)
    const kept = old && this.#kept.get(old.operationId)
    if (!kept) return 0
    const taskIds = [...kept.items.keys()].slice(0, limit)
    for (const taskId of taskIds) kept.items.delete(taskId)
    if (taskIds.length === limit) return limit
    this.#kept.delete(kept.operation.operationId)
    return taskIds.length + 1
  }

  /** The oldest first. */
  #all(): Operation[] {
    return [...this.#kept.values()]
      .map(({ operation }) => operation)
      .sort((a, b) => compareValues(a.operationId, b.operationId))
  }
}

function add(kept: Kept, taskIds: readonly string[]): void {
  for (const taskId of taskIds) {
    if (kept.items.has(taskId)) continue
    kept.items.set(taskId, { taskId, outcome: 'waiting', reason: null, newTaskId: null, at: null })
    kept.operation = { ...kept.operation, total: kept.operation.total + 1 }
  }
}

function settle(kept: Kept, { taskId, outcome, reason, newTaskId, at }: ItemResult): void {
  kept.items.set(taskId, { taskId, outcome, reason, newTaskId, at })
  if (outcome !== 'waiting') kept.operation = { ...kept.operation, [outcome]: kept.operation[outcome] + 1 }
}
