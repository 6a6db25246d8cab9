import type { Param, Row, Value } from '../sql/database.ts'
import type { Answer, Link } from '../sql/lending.ts'
import { within } from '../sql/patience.ts'
import { storable, type Texts } from '../sql/text.ts'
import { numberParsers, type PostgresClient } from './client.ts'
import { failureOf } from './failure.ts'

/** A connection of pg. */
export class PostgresLink implements Link {
  constructor(
    readonly client: PostgresClient,
    private readonly texts: Texts,
    private readonly statementMs: number,
  ) {
    client.on?.('error', ignore)
  }

  async ask(sql: string, params: readonly Param[] = []): Promise<Answer> {
    const values = params.map(storableParam)
    const query = { text: this.texts.of(sql), values, rowMode: 'array', types: numberParsers } as const
    try {
      const { rows, rowCount } = await within(this.statementMs, this.client.query(query))
      return { rows: rows as readonly Row[], count: rowCount ?? 0 }
    } catch (cause) {
      throw failureOf(cause)
    }
  }

  release(): void {
    this.client.off?.('error', ignore)
    this.client.release()
  }

  /** Errors that come later are still heard. A half-open socket would wait for an answer to being ended. */
  destroy(): void {
    this.client.release(true)
    this.client.connection?.stream?.destroy?.()
  }
}

function storableParam(param: Param): Param {
  return isList(param) ? param.map(storableValue) : storableValue(param)
}

function storableValue(value: Value): Value {
  return typeof value === 'string' ? storable(value) : value
}

function isList(param: Param): param is readonly Value[] {
  return Array.isArray(param)
}

function ignore(): void {
  // Whoever asks next is told.
}
