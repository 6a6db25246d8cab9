import { randomUUID } from 'node:crypto'
import type { Database } from './driver/port.ts'
import type { TransferKind, TransferRows, TransferSlice, TransferStore } from '../transfer/port.ts'
import { tableShapes } from '../transfer/shapes.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Rollups } from './rollups.ts'
import { auditHeadPart, auditPart } from './transfer-audit.ts'
import { tablePart, type Part } from './transfer-tables.ts'
import { taskPart } from './transfer-tasks.ts'

type Parts = { readonly [K in TransferKind]: Part<K> }

const ofTask = 'EXISTS (SELECT 1 FROM tasks WHERE tasks.id = task_id)'
const ofLiveTask = "EXISTS (SELECT 1 FROM tasks WHERE tasks.id = task_id AND status IN ('pending', 'running'))"

/** Carries the history of one file; its statements are made when it is first needed. */
export class SqliteTransfer implements TransferStore {
  readonly #note
  readonly #addNote
  readonly #changeNote
  #made: Parts | null = null

  constructor(
    private readonly db: Database,
    private readonly commit: GroupCommit,
    private readonly rollups: Rollups,
  ) {
    this.#note = db.prepare<unknown[], string>('SELECT value FROM notes WHERE name = ?').pluck()
    this.#addNote = db.prepare('INSERT INTO notes VALUES (?, ?) ON CONFLICT (name) DO NOTHING')
    this.#changeNote = db.prepare('UPDATE notes SET value = ? WHERE name = ? AND value = ?')
  }

  async identity(): Promise<string> {
    const known = this.#note.get('identity')
    if (known !== undefined) return known
    return this.commit.run(() => {
      this.#addNote.run('identity', randomUUID())
      return this.#note.get('identity') ?? ''
    })
  }

  async count(kind: TransferKind): Promise<number> {
    return this.#parts()[kind].count()
  }

  async read<K extends TransferKind>(kind: K, after: string | null, limit: number): Promise<TransferSlice<K>> {
    return this.#parts()[kind].read(after, limit)
  }

  async write<K extends TransferKind>(kind: K, rows: readonly TransferRows[K][]): Promise<void> {
    await this.commit.run(() => this.#parts()[kind].write(rows))
  }

  async mark(): Promise<string | null> {
    return this.#note.get('transfer') ?? null
  }

  remark(from: string | null, to: string): Promise<boolean> {
    return this.commit.run(() => {
      const { changes } = from === null ? this.#addNote.run('transfer', to) : this.#changeNote.run(to, 'transfer', from)
      return changes === 1
    })
  }

  #parts(): Parts {
    this.#made ??= makeParts(this.db, this.rollups)
    return this.#made
  }
}

function makeParts(db: Database, rollups: Rollups): Parts {
  const { logs, locks, ...others } = tableShapes
  return {
    tasks: taskPart(db, rollups),
    logs: tablePart(db, logs, ofTask),
    locks: tablePart(db, locks, ofLiveTask),
    schedules: tablePart(db, others.schedules),
    queue_controls: tablePart(db, others.queue_controls),
    outbox: tablePart(db, others.outbox),
    operations: tablePart(db, others.operations),
    operation_items: tablePart(db, others.operation_items),
    audit: auditPart(db),
    audit_head: auditHeadPart(db),
    secrets: tablePart(db, others.secrets),
    error_groups: tablePart(db, others.error_groups),
    error_counts: tablePart(db, others.error_counts),
    deleted_counts: tablePart(db, others.deleted_counts),
    retry_counts: tablePart(db, others.retry_counts),
  }
}
