import { createHash, randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { TaskError } from '../../core/errors.ts'
import { backOffMs } from '../sql/back-off.ts'
import type { Changes } from '../sql/changes.ts'
import { Coalesced } from '../sql/coalesced.ts'
import { DatabaseError, type Session } from '../sql/database.ts'
import { within } from '../sql/patience.ts'
import type { PostgresLink } from './link.ts'

/** Not oftener than so are others told: each NOTIFY takes its turn among all commits of the server. */
const gapMs = 50

export interface ListeningOptions {
  /** Telling is done here, not within transactions that write: they would wait for each other. */
  readonly session: Session
  /** A connection that is kept. */
  readonly connect: () => Promise<PostgresLink>
  /** What the tables are called: who has the same hears each other. */
  readonly table: (name: string) => string
  /** How often is found out whether a silent connection still hears. */
  readonly checkMs: number
  /** How long that may take. */
  readonly limitMs: number
  readonly chance: () => number
}

/** A connection that listens. */
interface Ear {
  readonly link: PostgresLink
  /** Resolves when the connection is lost. */
  readonly lost: Promise<void>
}

/** Changes by LISTEN and NOTIFY, on a connection of its own that is replaced when it is lost or deaf. */
export class Listening implements Changes {
  readonly #id = randomUUID()
  readonly #closing = new AbortController()
  readonly #telling: Coalesced
  #channel = ''
  #foreign = 0
  #running: Promise<void> | null = null
  #echoed = (): void => undefined

  constructor(private readonly options: ListeningOptions) {
    const tell = () => options.session.rows('SELECT pg_notify(?, ?)', [this.#channel, this.#id])
    this.#telling = new Coalesced(async () => void (await tell()), gapMs, options.chance)
  }

  async open(): Promise<void> {
    const { session, table } = this.options
    const [row] = await session.rows('SELECT current_schema()')
    const place = createHash('sha256').update(`${String(row?.[0])} ${table('')}`)
    this.#channel = `taskloom_${place.digest('hex').slice(0, 32)}`
    this.#running = this.#keepListening(await this.#listen())
  }

  tell(): void {
    this.#telling.ask()
  }

  foreign(): number {
    return this.#foreign
  }

  async close(): Promise<void> {
    await this.#telling.close()
    this.#closing.abort()
    await this.#running
  }

  async #keepListening(first: Ear): Promise<void> {
    const { signal } = this.#closing
    let failures = 0
    for (let ear: Ear | null = first; !signal.aborted;) {
      try {
        ear ??= await this.#listen()
        // Nobody knows what was said while nobody listened.
        if (ear !== first) this.#foreign += 1
        failures = 0
        await this.#hearOut(ear)
      } catch {
        failures += 1
      }
      ear?.link.destroy()
      ear = null
      await this.#pause(backOffMs(Math.max(1, failures), this.options.chance))
    }
  }

  /** A connection that is known to hear. */
  async #listen(): Promise<Ear> {
    const link = await this.options.connect()
    const lost = new Promise<void>((resolve) => {
      for (const event of ['error', 'end'] as const) link.client.on?.(event, () => resolve())
    })
    try {
      link.client.unref?.()
      link.client.on?.('notification', (message) => this.#hear(message))
      await link.ask(`LISTEN ${this.#channel}`)
      await this.#check({ link, lost })
      return { link, lost }
    } catch (cause) {
      link.destroy()
      throw cause
    }
  }

  /** Resolves when the connection is lost or has become deaf, or when nobody wants to hear any more. */
  async #hearOut(ear: Ear): Promise<void> {
    const isLost = ear.lost.then(() => true)
    for (;;) {
      if ((await Promise.race([isLost, this.#pause(this.options.checkMs)])) || this.#closing.signal.aborted) return
      await this.#check(ear)
    }
  }

  /** Says something to itself, and rejects when that does not come back: half-open connections and poolers are silent. */
  async #check({ link, lost }: Ear): Promise<void> {
    const { limitMs } = this.options
    const echo = new Promise<boolean>((resolve) => (this.#echoed = () => resolve(true)))
    await within(limitMs, link.ask('SELECT pg_notify(?, ?)', [this.#channel, `echo ${this.#id}`]))
    const isHeard = await this.#orDeaf(Promise.race([echo, lost.then(() => false)]))
    if (!isHeard) throw new DatabaseError('unreachable', 'The connection that listens was lost')
  }

  /** Nothing comes although the connection is there. */
  async #orDeaf<T>(answer: Promise<T>): Promise<T> {
    try {
      return await within(this.options.limitMs, answer)
    } catch (cause) {
      if (!(cause instanceof DatabaseError)) throw cause
      const message = `LISTEN hears nothing on this connection, as behind a transaction pooler: use changes: 'poll'`
      throw new TaskError('store_failed', { message }, { cause })
    }
  }

  #hear(message: unknown): void {
    const { channel, payload } = message as { channel?: unknown; payload?: unknown }
    if (channel !== this.#channel || payload === this.#id) return
    if (payload === `echo ${this.#id}`) this.#echoed()
    else if (!String(payload).startsWith('echo ')) this.#foreign += 1
  }

  async #pause(ms: number): Promise<false> {
    try {
      await setTimeout(ms, undefined, { signal: this.#closing.signal, ref: false })
    } catch {
      // It is being closed.
    }
    return false
  }
}
