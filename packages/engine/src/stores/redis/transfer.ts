import { randomUUID } from 'node:crypto'
import type { TransferKind, TransferRows, TransferSlice, TransferStore } from '../transfer/port.ts'
import { bare, KeyChanges } from './key-changes.ts'
import type { Lane } from './lane.ts'
import { deletedPart } from './transfer-counts.ts'
import { auditHeadPart, auditPart, outboxPart } from './transfer-logs.ts'
import { itemPart, operationPart } from './transfer-operations.ts'
import type { Part } from './transfer-part.ts'
import {
  errorCountPart,
  errorGroupPart,
  pausedPart,
  retryPart,
  schedulePart,
  secretPart,
} from './transfer-registers.ts'
import { linePart, lockPart, taskPart } from './transfer-tasks.ts'

type Parts = { readonly [K in TransferKind]: Part<K> }

/** Carries what lies in Redis. */
export function redisTransfer(lane: Lane): TransferStore {
  const { connection } = lane
  const notes = connection.keys.notes()
  const noteOf = async (name: string): Promise<string | null> =>
    (await connection.command('HGET', notes, name)) as string | null
  const parts: Parts = {
    tasks: taskPart(),
    logs: linePart,
    locks: lockPart,
    schedules: schedulePart,
    queue_controls: pausedPart,
    outbox: outboxPart,
    operations: operationPart,
    operation_items: itemPart,
    audit: auditPart,
    audit_head: auditHeadPart,
    secrets: secretPart,
    error_groups: errorGroupPart,
    error_counts: errorCountPart,
    deleted_counts: deletedPart,
    retry_counts: retryPart,
  }
  return {
    identity: () =>
      lane.run(async () => {
        const changes = new KeyChanges()
        const known = await noteOf('identity')
        const identity = known ?? randomUUID()
        changes.guard({ key: bare.notes(), field: 'identity', expected: known })
        if (known === null) changes.put(bare.notes(), 'identity', identity)
        return { changes, answer: identity }
      }),
    count: (kind: TransferKind) => parts[kind].count(connection),
    read<K extends TransferKind>(kind: K, after: string | null, limit: number): Promise<TransferSlice<K>> {
      return parts[kind].read(connection, after, limit)
    },
    write: <K extends TransferKind>(kind: K, rows: readonly TransferRows[K][]) =>
      lane.run(async () => {
        const changes = new KeyChanges()
        if (rows.length > 0) await parts[kind].propose(connection, changes, rows)
        return { changes, answer: undefined }
      }),
    mark: () => noteOf('transfer'),
    remark: (from: string | null, to: string) =>
      lane.run(async () => {
        const changes = new KeyChanges()
        const isSame = (await noteOf('transfer')) === from
        changes.guard({ key: bare.notes(), field: 'transfer', expected: from })
        if (isSame) changes.put(bare.notes(), 'transfer', to)
        return { changes: isSame ? changes : new KeyChanges(), answer: isSame }
      }),
  }
}
