import { DatabaseError, type DatabaseFailure } from '../sql/database.ts'

/** Serialization failure, deadlock, lock not available. */
const conflicts = ['40001', '40P01', '55P03']
const duplicate = '23505'
/**
 * Connection exceptions, shutdowns, too many connections, a statement that took too long, a server that became read-only:
 * another connection may be as good as before.
 */
const unreachable = /^(08|57P|53|57014|25P03|25006)/

/** What a failure of the driver means to whoever asked. */
export function failureOf(cause: unknown): DatabaseError {
  if (cause instanceof DatabaseError) return cause
  const message = cause instanceof Error ? cause.message : 'unknown reason'
  return new DatabaseError(kindOf(cause), message, { cause })
}

function kindOf(cause: unknown): DatabaseFailure {
  const { code, severity } = (cause ?? {}) as { code?: unknown; severity?: unknown }
  // What the driver or the network says has no severity; its codes, such as EPIPE, may look like those of the server.
  if (typeof code !== 'string' || typeof severity !== 'string') return 'unreachable'
  if (conflicts.includes(code)) return 'conflict'
  if (code === duplicate) return 'duplicate'
  return unreachable.test(code) ? 'unreachable' : 'refused'
}
