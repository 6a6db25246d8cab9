import type { Database, Statement } from './driver/port.ts'
import type { Value } from '../sql/database.ts'

/** Statements that are composed from a question; more different ones than this are prepared anew. */
const maxKept = 300

/** Prepares each text once and answers with rows as arrays. */
export class StatementCache {
  readonly #kept = new Map<string, Statement<unknown[], Value[]>>()

  constructor(private readonly db: Database) {}

  rows(sql: string, ...params: readonly unknown[]): Value[][] {
    return this.#prepared(sql).all(...params)
  }

  row(sql: string, ...params: readonly unknown[]): Value[] | undefined {
    return this.#prepared(sql).get(...params)
  }

  #prepared(sql: string): Statement<unknown[], Value[]> {
    const known = this.#kept.get(sql)
    if (known) return known
    const statement = this.db.prepare<unknown[], Value[]>(sql).raw()
    if (this.#kept.size >= maxKept) this.#kept.clear()
    this.#kept.set(sql, statement)
    return statement
  }
}
