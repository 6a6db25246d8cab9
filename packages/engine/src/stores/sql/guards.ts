import type { BulkSession, Dialect } from './database.ts'

/**
 * What only one transaction may do at a time, on any process, because rows that are not there yet cannot be locked. Taken
 * in this order where several are.
 */
const guards = {
  /** Compares the roll-ups with the tasks and mends them. */
  recount: 5,
  /** Folds changes into the roll-ups. */
  fold: 1,
  /** Counts deleted tasks. */
  ledger: 2,
  /** Looks for locks of tasks and takes them. */
  locks: 3,
  /** Counts failures by kind. */
  errors: 4,
} as const

/** The rows of the table, which the first migration makes. */
export const guardIds: readonly number[] = Object.values(guards)

/** Waits until no other transaction has the guard and keeps it until this one ends. */
export async function take(session: BulkSession, dialect: Dialect, guard: keyof typeof guards): Promise<void> {
  await session.rows(`SELECT id FROM @guards WHERE id = ? ${dialect.locked}`, [guards[guard]])
}

/** The same without waiting; false when another transaction has it. */
export async function tryTake(session: BulkSession, dialect: Dialect, guard: keyof typeof guards): Promise<boolean> {
  const sql = `SELECT id FROM @guards WHERE id = ? ${dialect.locked} SKIP LOCKED`
  return (await session.rows(sql, [guards[guard]])).length > 0
}
