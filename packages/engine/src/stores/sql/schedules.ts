import type { AuditDraft } from '../audit.ts'
import type { ScheduleState, ScheduleStore } from '../store.ts'
import type { BulkSession, Session } from './database.ts'
import { writeOnce } from './once.ts'
import { asked, type Writer } from './writer.ts'

export function sqlSchedules(writer: Writer): ScheduleStore {
  const { dialect, session: reads } = writer.database
  return {
    get: (name: string) => asked(readSchedule(reads, name)),
    put: (state: ScheduleState, audit?: AuditDraft) =>
      writeOnce(writer, async (session) => {
        const known = await readSchedule(session, state.name, dialect.locked)
        await save(session, known, state)
        return { value: undefined, audit }
      }),
    advance: (name: string, lastSlotAt: number, missed: number) =>
      writeOnce(writer, async (session, mayBeDone) => {
        const moved = await session.run(
          `UPDATE @schedules SET last_slot_at = ?, missed = missed + ?
           WHERE name = ? AND (last_slot_at IS NULL OR last_slot_at < ?)`,
          [lastSlotAt, missed, name, lastSlotAt],
        )
        if (moved === 1 || !mayBeDone) return { value: moved === 1 }
        const known = await readSchedule(session, name)
        return { value: known?.lastSlotAt === lastSlotAt }
      }),
  }
}

async function readSchedule(session: Session, name: string, locked = ''): Promise<ScheduleState | undefined> {
  const sql = `SELECT is_paused, last_slot_at, missed FROM @schedules WHERE name = ? ${locked}`
  const [row] = await session.rows(sql, [name])
  if (!row) return undefined
  const [isPaused, lastSlotAt = null, missed] = row
  return {
    name,
    isPaused: isPaused === 1,
    lastSlotAt: lastSlotAt === null ? null : Number(lastSlotAt),
    missed: Number(missed),
  }
}

/** One that somebody else has just made is a clash of keys: then this begins anew. */
async function save(session: BulkSession, known: ScheduleState | undefined, state: ScheduleState): Promise<void> {
  const { name, isPaused, lastSlotAt, missed } = state
  if (!known) {
    const columns = ['name', 'is_paused', 'last_slot_at', 'missed']
    await session.insert('schedules', columns, [[name, isPaused ? 1 : 0, lastSlotAt, missed]])
    return
  }
  const latest = lastSlotAt === null ? known.lastSlotAt : Math.max(lastSlotAt, known.lastSlotAt ?? lastSlotAt)
  await session.update(
    'schedules',
    ['name'],
    ['is_paused', 'last_slot_at', 'missed'],
    [[name, isPaused ? 1 : 0, latest, Math.max(missed, known.missed)]],
  )
}
