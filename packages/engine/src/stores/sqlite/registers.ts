import type { Database } from './driver/port.ts'
import type { AuditDraft } from '../audit.ts'
import { AuditInsert } from './audit.ts'
import type { ScheduleState, ScheduleStore, WorkerFacts, WorkerFunctions, WorkerState, WorkerStore } from '../store.ts'
import type { GroupCommit } from './group-commit.ts'

interface ScheduleRow {
  readonly name: string
  readonly is_paused: number
  readonly last_slot_at: number | null
  readonly missed: number
}

export function sqliteSchedules(db: Database, commit: GroupCommit): ScheduleStore {
  const get = db.prepare<unknown[], ScheduleRow>('SELECT * FROM schedules WHERE name = ?')
  const put = db.prepare(
    `INSERT INTO schedules VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET is_paused = excluded.is_paused,
       missed = max(missed, excluded.missed), last_slot_at =
         CASE WHEN last_slot_at IS NULL OR excluded.last_slot_at > last_slot_at THEN excluded.last_slot_at ELSE last_slot_at END`,
  )
  const advance = db.prepare(
    'UPDATE schedules SET last_slot_at = ?, missed = missed + ? WHERE name = ? AND (last_slot_at IS NULL OR last_slot_at < ?)',
  )
  const log = new AuditInsert(db)
  return {
    async get(name: string): Promise<ScheduleState | undefined> {
      const row = get.get(name)
      return row && { name: row.name, isPaused: row.is_paused === 1, lastSlotAt: row.last_slot_at, missed: row.missed }
    },
    async put({ name, isPaused, lastSlotAt, missed }: ScheduleState, audit?: AuditDraft): Promise<void> {
      await commit.run(() => {
        put.run(name, isPaused ? 1 : 0, lastSlotAt, missed)
        if (audit) log.record(audit)
      })
    },
    advance: (name, lastSlotAt, missed) =>
      commit.run(() => advance.run(lastSlotAt, missed, name, lastSlotAt).changes === 1),
  }
}

export function sqliteWorkers(db: Database, commit: GroupCommit): WorkerStore {
  const beat = db.prepare('INSERT OR REPLACE INTO workers VALUES (?, ?, ?, ?, ?, ?, ?)')
  const remove = db.prepare('DELETE FROM workers WHERE worker_id = ?')
  const forget = db.prepare('DELETE FROM worker_functions WHERE worker_id = ?')
  const register = db.prepare('INSERT OR REPLACE INTO worker_functions VALUES (?, ?)')
  const sweep = db.prepare('DELETE FROM worker_functions WHERE worker_id NOT IN (SELECT worker_id FROM workers)')
  const list = db.prepare<unknown[], WorkerRow>(
    `SELECT worker_id AS workerId, hostname, pid, started_at AS startedAt, heartbeat_at AS heartbeatAt,
       lease_until AS leaseUntil, facts FROM workers`,
  )
  const functions = db
    .prepare<unknown[], [string, string]>(
      'SELECT worker_id, func_names FROM worker_functions WHERE worker_id IN (SELECT worker_id FROM workers)',
    )
    .raw()
  return {
    async beat({ workerId, hostname, pid, startedAt, heartbeatAt, leaseUntil, facts }: WorkerState): Promise<void> {
      const told = facts ? JSON.stringify(facts) : null
      await commit.run(() => beat.run(workerId, hostname, pid, startedAt, heartbeatAt, leaseUntil, told))
    },
    list: async () => list.all().map(({ facts, ...worker }) => ({ ...worker, facts: readFacts(facts) })),
    async remove(workerId: string): Promise<void> {
      await commit.run(() => {
        remove.run(workerId)
        forget.run(workerId)
      })
    },
    async register({ workerId, funcNames }: WorkerFunctions): Promise<void> {
      await commit.run(() => {
        sweep.run()
        register.run(workerId, JSON.stringify(funcNames))
      })
    },
    functions: async () =>
      functions.all().map(([workerId, names]) => ({ workerId, funcNames: JSON.parse(names) as string[] })),
  }
}

type WorkerRow = Omit<WorkerState, 'facts'> & { readonly facts: string | null }

/** Another version may write other facts: they are shown as they are understood. */
function readFacts(text: string | null): WorkerFacts | null {
  return text === null ? null : (JSON.parse(text) as WorkerFacts)
}
