import { randomUUID } from 'node:crypto'
import type { TransferKind, TransferRows, TransferSlice, TransferStore } from '../transfer/port.ts'
import { tableShapes } from '../transfer/shapes.ts'
import type { Dialect, Session } from './database.ts'
import { foldSome } from './rollups.ts'
import { auditHeadPart, auditPart } from './transfer-audit.ts'
import { tablePart, type Part } from './transfer-tables.ts'
import { linePart, taskPart } from './transfer-tasks.ts'
import { asked, type Writer } from './writer.ts'

type Parts = { readonly [K in TransferKind]: Part<K> }

const ofTask = 'EXISTS (SELECT 1 FROM @tasks WHERE id = task_id)'
const ofLiveTask = "EXISTS (SELECT 1 FROM @tasks WHERE id = task_id AND status IN ('pending', 'running'))"

/** Carries what the tables on a server have. */
export function sqlTransfer(writer: Writer): TransferStore {
  const { dialect, session: reads } = writer.database
  const parts = makeParts(dialect)
  return {
    async identity(): Promise<string> {
      const known = await asked(noteOf(reads, 'identity'))
      if (known !== null) return known
      return writer.run(async (session) => {
        await session.insert('notes', ['name', 'value'], [['identity', randomUUID()]], 'keep')
        return (await noteOf(session, 'identity')) ?? ''
      })
    },
    count: (kind: TransferKind) => asked(parts[kind].count(reads)),
    read<K extends TransferKind>(kind: K, after: string | null, limit: number): Promise<TransferSlice<K>> {
      return asked(parts[kind].read(reads, after, limit))
    },
    async write<K extends TransferKind>(kind: K, rows: readonly TransferRows[K][]): Promise<void> {
      if (rows.length === 0) return
      await writer.run((session) => parts[kind].write(session, rows))
      // Nobody else folds what a million tasks change in the roll-ups.
      if (kind === 'tasks') await foldSome(writer)
    },
    mark: () => asked(noteOf(reads, 'transfer')),
    remark: (from: string | null, to: string) =>
      writer.run(async (session) => {
        if (from === null) await session.insert('notes', ['name', 'value'], [['transfer', to]], 'keep')
        else await session.run("UPDATE @notes SET value = ? WHERE name = 'transfer' AND value = ?", [to, from])
        // Read again: it is there, too, when an earlier COMMIT was not answered.
        return (await noteOf(session, 'transfer')) === to
      }),
  }
}

async function noteOf(session: Session, name: string): Promise<string | null> {
  const [row] = await session.rows('SELECT value FROM @notes WHERE name = ?', [name])
  return row === undefined ? null : String(row[0])
}

function makeParts(dialect: Dialect): Parts {
  const { locks, queue_controls: queueControls, ...others } = tableShapes
  return {
    tasks: taskPart(dialect),
    logs: linePart(dialect, ofTask),
    locks: tablePart(dialect, locks, { where: ofLiveTask, names: { key: 'lock_key' } }),
    schedules: tablePart(dialect, others.schedules),
    queue_controls: tablePart(dialect, queueControls, { names: { by: 'paused_by' } }),
    outbox: tablePart(dialect, others.outbox),
    operations: tablePart(dialect, others.operations),
    operation_items: tablePart(dialect, others.operation_items),
    audit: auditPart(dialect),
    audit_head: auditHeadPart,
    secrets: tablePart(dialect, others.secrets),
    error_groups: tablePart(dialect, others.error_groups),
    error_counts: tablePart(dialect, others.error_counts),
    deleted_counts: tablePart(dialect, others.deleted_counts),
    retry_counts: tablePart(dialect, others.retry_counts),
  }
}
