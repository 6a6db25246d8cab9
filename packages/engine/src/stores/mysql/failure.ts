import { DatabaseError, type DatabaseFailure } from '../sql/database.ts'

/** Lock wait timeout, deadlock, lock not to be had, the row or table has changed since it was read. */
const conflicts = [1205, 1213, 3572, 1020, 1412, 1637]
const duplicates = [1062, 1586]
/**
 * Too many connections, network failures, shutdowns, statements that were killed or took too long, and a server that became
 * read-only: another connection may be as good as before.
 */
const unreachable = [
  ...[1040, 1203, 1226, 1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1290, 1317, 1836, 1927, 1969, 3024, 3169],
  ...[4031],
]

/** What a failure of the driver means to whoever asked. */
export function failureOf(cause: unknown): DatabaseError {
  if (cause instanceof DatabaseError) return cause
  const message = cause instanceof Error ? cause.message : 'unknown reason'
  return new DatabaseError(kindOf(cause), message, { cause })
}

function kindOf(cause: unknown): DatabaseFailure {
  const { errno, sqlState } = (cause ?? {}) as { errno?: unknown; sqlState?: unknown }
  // What the driver or the network says has no state of SQL.
  if (typeof errno !== 'number' || typeof sqlState !== 'string') return 'unreachable'
  if (conflicts.includes(errno)) return 'conflict'
  if (duplicates.includes(errno)) return 'duplicate'
  return unreachable.includes(errno) ? 'unreachable' : 'refused'
}
