import type { Database } from './driver/port.ts'
import type { Reads } from '../reading/reads.ts'
import { viewsOf } from '../reading/views.ts'
import { readAuditCheck, readAuditPage } from './audit.ts'
import { sqliteDialect } from './dialect.ts'
import type { ReadVerbs } from './reader-messages.ts'
import { SqliteSession } from './session.ts'
import { StatementCache } from './statement-cache.ts'

/**
 * Answers from one connection, which nobody else uses, one question after the other. Each answer sees the store at one
 * instant.
 */
export function createReader(db: Database): ReadVerbs {
  const cache = new StatementCache(db)
  const reads: Reads = { session: new SqliteSession(cache), dialect: sqliteDialect, hasChanges: false }
  const begin = db.prepare('BEGIN')
  const end = db.prepare('ROLLBACK')
  let last: Promise<unknown> = Promise.resolve()
  const atOneInstant = async <T>(read: () => T | Promise<T>): Promise<T> => {
    begin.run()
    try {
      return await read()
    } finally {
      if (db.inTransaction) end.run()
    }
  }
  const inTurn = <T>(read: () => T | Promise<T>): Promise<T> => {
    const answer = last.then(() => atOneInstant(read))
    last = answer.catch(() => undefined)
    return answer
  }
  return {
    ...viewsOf((read) => inTurn(() => read(reads))),
    auditPage: (question) => inTurn(() => readAuditPage(cache, question)),
    auditCheck: (question) => inTurn(() => readAuditCheck(cache, question)),
  }
}
