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
import { itemName } from '../unit/index.ts'
import { addAudit } from './audit.ts'
import type { Connection } from './connection.ts'
import { bare, KeyChanges } from './key-changes.ts'
import type { Lane, Proposal } from './lane.ts'
import { readOpenItems } from './load.ts'
import {
  decodeItem,
  decodeOperation,
  encodeOperation,
  operationFields,
  waitingItem,
  type OperationHead,
} from './operation-fields.ts'
import { readPrunable } from './prune.ts'
import { settleItem } from './save.ts'

/** Operations and what became of each of their tasks. */
export class RedisOperations implements OperationStore {
  readonly #connection: Connection

  constructor(private readonly lane: Lane) {
    this.#connection = lane.connection
  }

  create(operation: NewOperation, results: readonly ItemResult[] | null, audit?: AuditDraft): Promise<Operation> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const { operationId } = operation
      const last = (await this.#connection.command(...this.#newestTask())) as readonly string[]
      const head = newHead(operation, last[0] ?? null, results !== null)
      putHead(changes, head)
      changes.rank(bare.operationIds(), operationId, 0)
      changes.rank(bare.openOperations(), operationId, 0)
      const items = new Map((results ?? []).map((result) => [result.taskId, result]))
      addItems(changes, operationId, [...items.keys()])
      for (const item of items.values()) if (item.outcome !== 'waiting') settleItem(changes, item)
      if (audit) await addAudit(changes, [audit], this.#connection)
      const counts = { succeeded: 0, skipped: 0, failed: 0 }
      for (const { outcome } of items.values()) if (outcome !== 'waiting') counts[outcome] += 1
      return { changes, answer: { ...head, total: items.size, ...counts } }
    })
  }

  async get(operationId: string): Promise<Operation | undefined> {
    const [operation] = await this.#read([operationId])
    return operation
  }

  async list(after: string | null, limit: number): Promise<readonly Operation[]> {
    const below = after === null ? '+' : `(${after}`
    const range = ['ZREVRANGEBYLEX', this.#connection.keys.operationIds(), below, '-', 'LIMIT', 0, limit] as const
    return this.#read((await this.#connection.command(...range)) as readonly string[])
  }

  async unfinished(limit: number): Promise<readonly Operation[]> {
    const range = ['ZRANGEBYLEX', this.#connection.keys.openOperations(), '-', '+', 'LIMIT', 0, limit] as const
    return this.#read((await this.#connection.command(...range)) as readonly string[])
  }

  claim(operationId: string, workerId: string, from: string | null, now: number): Promise<Operation | null> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const operation = await this.#readGuarded(changes, operationId)
      if (!operation || operation.endedAt !== null || operation.workerId !== from) return nothing(null)
      const { beginsAt, startedAt } = operation
      const isEarly = startedAt === null && beginsAt !== null && now < beginsAt
      const begun = isEarly ? {} : ({ status: 'running', startedAt: startedAt ?? now } as const)
      const claimed = { ...operation, ...begun, workerId }
      putHead(changes, claimed)
      return { changes, answer: claimed }
    })
  }

  collect({ operationId, workerId, from, to, taskIds, isLast }: CollectedSlice): Promise<boolean> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const operation = await this.#readGuarded(changes, operationId)
      if (!operation || operation.endedAt !== null || operation.workerId !== workerId) return nothing(false)
      if (operation.isCollected || operation.collectedTo !== from) return nothing(false)
      addItems(changes, operationId, await this.#unknown(operationId, [...new Set(taskIds)]))
      putHead(changes, { ...operation, collectedTo: to, isCollected: isLast })
      return { changes, answer: true }
    })
  }

  async waiting(operationId: string, limit: number): Promise<readonly string[]> {
    const key = this.#connection.keys.itemsBy(operationId, 'waiting')
    return (await this.#connection.command('ZRANGEBYLEX', key, '-', '+', 'LIMIT', 0, limit)) as readonly string[]
  }

  settle(results: readonly ItemResult[]): Promise<void> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const { open, guards } = await readOpenItems(this.#connection, results)
      for (const guard of guards) changes.guard(guard)
      for (const result of results) if (open.delete(itemName(result))) settleItem(changes, result)
      return { changes, answer: undefined }
    })
  }

  async items({ operationId, outcome, after, limit }: ItemQuestion): Promise<readonly OperationItem[]> {
    const { keys } = this.#connection
    const above = after === null ? '-' : `(${after}`
    const range = ['ZRANGEBYLEX', keys.itemsBy(operationId, outcome ?? 'all'), above, '+', 'LIMIT', 0, limit] as const
    const taskIds = (await this.#connection.command(...range)) as readonly string[]
    if (taskIds.length === 0) return []
    const texts = await this.#connection.command('HMGET', keys.items(operationId), ...taskIds)
    const found = texts as readonly (string | null)[]
    return taskIds.flatMap((taskId, index) => {
      const text = found[index]
      return typeof text === 'string' ? decodeItem(taskId, text) : []
    })
  }

  undo(operationId: string, at: number, audit?: AuditDraft): Promise<boolean> {
    return this.#change(operationId, audit, (operation) => {
      if (operation.status !== 'pending' || operation.beginsAt === null) return null
      return { ...operation, status: 'cancelled', cancelRequestedAt: at, endedAt: at }
    })
  }

  requestCancel(operationId: string, at: number, audit?: AuditDraft): Promise<boolean> {
    return this.#change(operationId, audit, (operation) => {
      if (operation.endedAt !== null) return null
      return { ...operation, cancelRequestedAt: operation.cancelRequestedAt ?? at }
    })
  }

  finish({ operationId, workerId, status, error, at }: OperationEnd, audit?: AuditDraft): Promise<boolean> {
    return this.#change(operationId, audit, (operation) => {
      if (operation.endedAt !== null || operation.workerId !== workerId) return null
      return { ...operation, status, error, endedAt: at }
    })
  }

  prune(question: PruneQuestion): Promise<number> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const operationId = await readPrunable(this.#connection, question)
      if (operationId === null) return nothing(0)
      const { keys } = this.#connection
      const { limit } = question
      const range = ['ZRANGEBYLEX', keys.itemsBy(operationId, 'all'), '-', '+', 'LIMIT', 0, limit] as const
      const taskIds = (await this.#connection.command(...range)) as readonly string[]
      const isWhole = taskIds.length < limit
      for (const taskId of taskIds) {
        changes.member(bare.operationsOf(taskId), operationId, false)
        if (isWhole) continue
        changes.put(bare.items(operationId), taskId, null)
        for (const place of itemPlaces) changes.rank(bare.itemsBy(operationId, place), taskId, null)
      }
      if (!isWhole) return { changes, answer: limit }
      changes.rank(bare.operationIds(), operationId, null)
      changes.delete(bare.operation(operationId))
      changes.delete(bare.items(operationId))
      for (const place of itemPlaces) changes.delete(bare.itemsBy(operationId, place))
      return { changes, answer: taskIds.length + 1 }
    })
  }

  #change(
    operationId: string,
    audit: AuditDraft | undefined,
    act: (operation: Operation) => Operation | null,
  ): Promise<boolean> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const operation = await this.#readGuarded(changes, operationId)
      const changed = operation && act(operation)
      if (!changed) return nothing(false)
      putHead(changes, changed)
      if (changed.endedAt !== null) changes.rank(bare.openOperations(), operationId, null)
      if (audit) await addAudit(changes, [audit], this.#connection)
      return { changes, answer: true }
    })
  }

  async #readGuarded(changes: KeyChanges, operationId: string): Promise<Operation | undefined> {
    const key = this.#connection.keys.operation(operationId)
    const fields = (await this.#connection.command('HMGET', key, ...operationFields)) as readonly (string | null)[]
    changes.guard({ key: bare.operation(operationId), field: 'o', expected: fields[0] ?? null })
    return decodeOperation(fields)
  }

  async #read(operationIds: readonly string[]): Promise<readonly Operation[]> {
    const { keys } = this.#connection
    const commands = operationIds.map((id) => ['HMGET', keys.operation(id), ...operationFields])
    const all = (await this.#connection.pipeline(commands)) as readonly (readonly unknown[])[]
    return all.flatMap((fields) => decodeOperation(fields) ?? [])
  }

  async #unknown(operationId: string, taskIds: readonly string[]): Promise<readonly string[]> {
    if (taskIds.length === 0) return []
    const texts = await this.#connection.command('HMGET', this.#connection.keys.items(operationId), ...taskIds)
    return taskIds.filter((_, index) => (texts as readonly unknown[])[index] === null)
  }

  #newestTask() {
    return ['ZREVRANGEBYLEX', this.#connection.keys.ids(), '+', '-', 'LIMIT', 0, 1] as const
  }
}

const itemPlaces = ['all', 'waiting', 'succeeded', 'skipped', 'failed'] as const

function nothing<T>(answer: T): Proposal<T> {
  return { changes: new KeyChanges(), answer }
}

function newHead(operation: NewOperation, lastTaskId: string | null, isListed: boolean): OperationHead {
  return {
    ...operation,
    ...{ status: 'pending', workerId: null, lastTaskId, collectedTo: null },
    ...{ beginsAt: operation.beginsAt ?? null, perSecond: operation.perSecond ?? null },
    isCollected: isListed || lastTaskId === null,
    ...{ startedAt: null, endedAt: null, cancelRequestedAt: null, error: null },
  }
}

/** Counts lie beside it: what an operation says of them is left out. */
function putHead(changes: KeyChanges, operation: OperationHead & Partial<Operation>): void {
  const { total: _total, succeeded: _succeeded, skipped: _skipped, failed: _failed, ...head } = operation
  changes.put(bare.operation(head.operationId), 'o', encodeOperation(head))
}

function addItems(changes: KeyChanges, operationId: string, taskIds: readonly string[]): void {
  for (const taskId of taskIds) {
    changes.put(bare.items(operationId), taskId, waitingItem)
    changes.rank(bare.itemsBy(operationId, 'all'), taskId, 0)
    changes.rank(bare.itemsBy(operationId, 'waiting'), taskId, 0)
    changes.member(bare.operationsOf(taskId), operationId, true)
  }
  if (taskIds.length > 0) changes.sum(bare.operation(operationId), 'total', taskIds.length)
}
