import type { Operation } from '../operations.ts'
import type { TransferItem } from '../transfer/port.ts'
import type { Connection } from './connection.ts'
import { bare } from './key-changes.ts'
import { decodeItem, decodeOperation, encodeItem, encodeOperation, operationFields } from './operation-fields.ts'
import { guardedMissing, idsAfter, readFields, type Part } from './transfer-part.ts'

/** Operations without their reports. */
export const operationPart: Part<'operations'> = {
  async read(connection, after, limit) {
    const { keys } = connection
    const ids = await idsAfter(connection, keys.operationIds(), after, limit)
    const all = await connection.pipeline(ids.map((id) => ['HMGET', keys.operation(id), ...operationFields]))
    const rows = (all as readonly (readonly unknown[])[]).flatMap((fields) => decodeOperation(fields) ?? [])
    return { rows, next: ids.length < limit ? null : (ids.at(-1) ?? null) }
  },
  async propose(connection, changes, operations) {
    for (const operation of operations) {
      const { operationId, endedAt } = operation
      const missing = await guardedMissing(connection, changes, (keys) => keys.operation(operationId), ['o'])
      if (missing.size === 0) continue
      for (const [field, value] of fieldsOf(operation)) changes.put(bare.operation(operationId), field, value)
      changes.rank(bare.operationIds(), operationId, 0)
      if (endedAt === null) changes.rank(bare.openOperations(), operationId, 0)
    }
  },
  count: async (connection) => Number(await connection.command('ZCARD', connection.keys.operationIds())),
}

/** What became of each task, operation by operation. */
export const itemPart: Part<'operation_items'> = {
  async read(connection, after, limit) {
    const rows: TransferItem[] = []
    let [operationId, taskId] = after === null ? [null, null] : (JSON.parse(after) as [string, string | null])
    operationId ??= (await idsAfter(connection, connection.keys.operationIds(), null, 1))[0] ?? null
    while (operationId !== null) {
      const items = await itemsOf(connection, operationId, taskId, limit - rows.length)
      rows.push(...items)
      if (rows.length === limit) return { rows, next: JSON.stringify([operationId, rows.at(-1)?.taskId ?? null]) }
      taskId = null
      operationId = (await idsAfter(connection, connection.keys.operationIds(), operationId, 1))[0] ?? null
    }
    return { rows, next: null }
  },
  async propose(connection, changes, items) {
    for (const operationId of new Set(items.map((item) => item.operationId))) {
      const own = items.filter((item) => item.operationId === operationId)
      const taskIds = own.map(({ taskId }) => taskId)
      const missing = await guardedMissing(connection, changes, (keys) => keys.items(operationId), taskIds)
      for (const item of own.filter(({ taskId }) => missing.has(taskId))) {
        changes.put(bare.items(operationId), item.taskId, encodeItem(item))
        for (const place of ['all', item.outcome]) changes.rank(bare.itemsBy(operationId, place), item.taskId, 0)
        changes.member(bare.operationsOf(item.taskId), operationId, true)
      }
    }
  },
  async count(connection) {
    const { keys } = connection
    const ids = (await connection.command('ZRANGEBYLEX', keys.operationIds(), '-', '+')) as readonly string[]
    const lengths = await connection.pipeline(ids.map((id) => ['ZCARD', keys.itemsBy(id, 'all')]))
    return lengths.reduce<number>((sum, length) => sum + Number(length), 0)
  },
}

/** Counts lie beside what else is known of it. */
function fieldsOf(operation: Operation): readonly (readonly [string, string | number])[] {
  const { total, succeeded, skipped, failed, ...head } = operation
  return Object.entries({ o: encodeOperation(head), total, succeeded, skipped, failed })
}

async function itemsOf(
  connection: Connection,
  operationId: string,
  after: string | null,
  limit: number,
): Promise<readonly TransferItem[]> {
  const { keys } = connection
  const taskIds = await idsAfter(connection, keys.itemsBy(operationId, 'all'), after, limit)
  const texts = await readFields(connection, keys.items(operationId), taskIds)
  return taskIds.flatMap((taskId) => {
    const text = texts.get(taskId) ?? null
    return text === null ? [] : [{ operationId, ...decodeItem(taskId, text) }]
  })
}
