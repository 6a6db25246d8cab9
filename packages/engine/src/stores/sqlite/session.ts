import type { Param, Row, Session, Value } from '../sql/database.ts'
import { Texts } from '../sql/text.ts'
import type { StatementCache } from './statement-cache.ts'

/** Reads from one connection; each answer is there at once. */
export class SqliteSession implements Pick<Session, 'rows'> {
  readonly #texts = new Texts(
    (name) => name,
    () => '?',
  )

  constructor(private readonly cache: StatementCache) {}

  async rows(sql: string, params: readonly Param[] = []): Promise<readonly Row[]> {
    return this.cache.rows(this.#texts.of(sql), ...params.map(stored))
  }
}

/** Lists go as JSON. */
function stored(param: Param): Value {
  return typeof param === 'object' && param !== null ? JSON.stringify(param) : param
}
