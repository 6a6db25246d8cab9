import { DatabaseError, type Param, type Row } from '../sql/database.ts'
import type { Answer, Link } from '../sql/lending.ts'
import type { Limits } from '../sql/limits.ts'
import { within } from '../sql/patience.ts'
import type { Texts } from '../sql/text.ts'
import { countOf, cutOff, plainAnswers, type MysqlConnection } from './client.ts'
import { failureOf } from './failure.ts'
import { withValues } from './literal.ts'
import { askSettings, hostSettings, ownSettings, type HostSettings } from './session.ts'

/** What holds for every connection. */
export interface MysqlTerms {
  readonly texts: Texts
  readonly limits: Limits
  /** The longest statement that the server takes. */
  readonly maxBytes: number
  /** Whether the connection is the host's, who finds it again as it was. */
  readonly isHosts: boolean
}

/** How each connection is set, by what the driver has below its promises. */
const known = new WeakMap<object, HostSettings>()
const asItIs: HostSettings = { atFirst: [], onBorrow: [], onReturn: [] }

/** A connection as we need it; it is thrown away when that cannot be had. */
export async function linked(connection: MysqlConnection, terms: MysqlTerms): Promise<MysqlLink> {
  connection.on?.('error', ignore)
  const link = new MysqlLink(connection, terms)
  try {
    await link.prepare()
    return link
  } catch (cause) {
    link.destroy()
    throw cause
  }
}

/** A connection of mysql2. */
export class MysqlLink implements Link {
  #settings = asItIs

  constructor(
    private readonly connection: MysqlConnection,
    private readonly terms: MysqlTerms,
  ) {}

  async prepare(): Promise<void> {
    const key = this.connection.connection ?? this.connection
    const settings = known.get(key) ?? (await this.#begin())
    known.set(key, settings)
    this.#settings = settings
    await this.#tellAll(settings.onBorrow)
  }

  async ask(sql: string, params: readonly Param[] = []): Promise<Answer> {
    const answer = await this.#send(withValues(this.terms.texts.of(sql), params))
    return { rows: Array.isArray(answer) ? (answer as readonly Row[]) : [], count: countOf(answer) }
  }

  /** A statement whose values are in it already. */
  async tell(sql: string): Promise<number> {
    return countOf(await this.#send(sql))
  }

  async release(): Promise<void> {
    try {
      await this.#tellAll(this.#settings.onReturn)
      this.connection.off?.('error', ignore)
      this.connection.release()
    } catch {
      this.destroy()
    }
  }

  /** Errors that come later are still heard. */
  destroy(): void {
    cutOff(this.connection)
  }

  /** A connection that is new. */
  async #begin(): Promise<HostSettings> {
    if (this.terms.isHosts) {
      const settings = hostSettings((await this.ask(askSettings)).rows[0])
      await this.#tellAll(settings.atFirst)
      return settings
    }
    const { rows } = await this.ask('SELECT version()')
    await this.#tellAll(ownSettings(String(rows[0]?.[0]).includes('MariaDB'), this.terms.limits))
    return asItIs
  }

  async #tellAll(statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.#send(statement)
  }

  async #send(sql: string): Promise<unknown> {
    const { limits, maxBytes } = this.terms
    // The server would break the connection.
    if (sql.length * 3 > maxBytes && Buffer.byteLength(sql) > maxBytes - 1_024) {
      throw new DatabaseError(
        'refused',
        `A statement is longer than the server's max_allowed_packet of ${maxBytes} bytes`,
      )
    }
    try {
      const [answer] = await within(limits.statementMs, this.connection.query({ sql, ...plainAnswers }))
      return answer
    } catch (cause) {
      throw failureOf(cause)
    }
  }
}

function ignore(): void {
  // Whoever asks next is told.
}
