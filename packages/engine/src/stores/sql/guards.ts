import type { BulkSession, Dialect } from './database.ts'
import type { SchemaWords } from './tables.ts'

/**
 * What only one transaction may do at a time, on any process, because rows that are not there yet cannot be locked. Taken
 * in this order where several are.
 */
const guards = {
  /** Compares the roll-ups with the tasks and mends them. */
  recount: 5,
  /** Folds changes into the roll-ups, with their bounds: see {@link moveOfFold}. */
  fold: 6,
  /** Counts deleted tasks. */
  ledger: 2,
  /** Looks for locks of tasks and takes them. */
  locks: 3,
  /** Counts failures by kind. */
  errors: 4,
} as const

/** The rows of the table that the first migration makes. */
export const firstGuardIds: readonly number[] = [5, 1, 2, 3, 4]

/** The guard of folding that earlier versions know goes: they leave folding to others when nobody can have it. */
export function moveOfFold({ table }: SchemaWords): readonly string[] {
  const { fold } = guards
  return [
    `INSERT INTO ${table('guards')} (id) SELECT one.id FROM (SELECT ${fold} AS id) one
       WHERE NOT EXISTS (SELECT 1 FROM ${table('guards')} known WHERE known.id = ${fold})`,
    `DELETE FROM ${table('guards')} WHERE id = 1`,
  ]
}

/** Waits until no other transaction has the guard and keeps it until this one ends. */
export async function take(session: BulkSession, dialect: Dialect, guard: keyof typeof guards): Promise<void> {
  await session.rows(`SELECT id FROM @guards WHERE id = ? ${dialect.locked}`, [guards[guard]])
}

/** The same without waiting; false when another transaction has it. */
export async function tryTake(session: BulkSession, dialect: Dialect, guard: keyof typeof guards): Promise<boolean> {
  const sql = `SELECT id FROM @guards WHERE id = ? ${dialect.locked} SKIP LOCKED`
  return (await session.rows(sql, [guards[guard]])).length > 0
}
