import type { OutboxCount, OutboxEntry, OutboxMessage, OutboxStore, TakeQuestion } from '../outbox.ts'
import type { Connection } from './connection.ts'
import { bare, KeyChanges } from './key-changes.ts'
import type { Lane } from './lane.ts'
import { pairsOf } from './views/replies.ts'

/** Messages to others. */
export class RedisOutbox implements OutboxStore {
  readonly #connection: Connection

  constructor(private readonly lane: Lane) {
    this.#connection = lane.connection
  }

  take({ recipient, now, until, limit }: TakeQuestion): Promise<readonly OutboxMessage[]> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const range = [
        'ZRANGEBYSCORE',
        this.#connection.keys.outboxDue(recipient),
        '-inf',
        now,
        'LIMIT',
        0,
        limit,
      ] as const
      const ids = (await this.#connection.command(...range)) as readonly string[]
      const messages = (await this.#read(ids, changes)).map((message) => {
        const taken = { ...message, attempts: message.attempts + 1 }
        changes.put(bare.outbox(), taken.id, JSON.stringify(taken))
        changes.rank(bare.outboxDue(recipient), taken.id, until)
        return taken
      })
      return { changes, answer: messages.map(plain) }
    })
  }

  delivered(ids: readonly string[], recipient?: string): Promise<void> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const messages = recipient === undefined ? await this.#read(ids, changes) : ids.map((id) => ({ id, recipient }))
      for (const message of messages) forget(changes, message)
      return { changes, answer: undefined }
    })
  }

  failed(id: string, dueAt: number | null, error: string): Promise<void> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      for (const message of await this.#read([id], changes)) {
        changes.put(bare.outbox(), id, JSON.stringify({ ...message, error }))
        changes.rank(bare.outboxDue(message.recipient), id, dueAt)
        changes.member(bare.outboxDead(message.recipient), id, dueAt === null)
      }
      return { changes, answer: undefined }
    })
  }

  async nextDueAt(recipient: string): Promise<number | null> {
    const range = ['ZRANGE', this.#connection.keys.outboxDue(recipient), 0, 0, 'WITHSCORES'] as const
    const [first] = pairsOf(await this.#connection.command(...range))
    return first === undefined ? null : Number(first[1])
  }

  async count(recipient: string): Promise<OutboxCount> {
    const { keys } = this.#connection
    const [waiting, dead] = await this.#connection.pipeline([
      ['ZCARD', keys.outboxDue(recipient)],
      ['SCARD', keys.outboxDead(recipient)],
    ])
    return { waiting: Number(waiting), dead: Number(dead) }
  }

  purge(createdBefore: number, limit: number): Promise<number> {
    return this.lane.run(async () => {
      const changes = new KeyChanges()
      const range = ['-inf', `(${createdBefore}`, 'LIMIT', 0, limit] as const
      const ids = await this.#connection.command('ZRANGEBYSCORE', this.#connection.keys.outboxAges(), ...range)
      const old = await this.#read(ids as readonly string[], changes)
      for (const message of old) forget(changes, message)
      return { changes, answer: old.length }
    })
  }

  /** Those that are there; what is committed depends on their being as they were read. */
  async #read(ids: readonly string[], changes: KeyChanges): Promise<readonly StoredMessage[]> {
    if (ids.length === 0) return []
    const texts = (await this.#connection.command('HMGET', this.#connection.keys.outbox(), ...ids)) as readonly (
      string | null
    )[]
    return ids.flatMap((id, index) => {
      const text = texts[index] ?? null
      changes.guard({ key: bare.outbox(), field: id, expected: text })
      return text === null ? [] : (JSON.parse(text) as StoredMessage)
    })
  }
}

interface StoredMessage extends OutboxEntry {
  readonly attempts: number
  /** Why it was not delivered the last time. */
  readonly error?: string
}

function plain({ error: _error, ...message }: StoredMessage): OutboxMessage {
  return message
}

function forget(changes: KeyChanges, { id, recipient }: Pick<StoredMessage, 'id' | 'recipient'>): void {
  changes.put(bare.outbox(), id, null)
  changes.rank(bare.outboxAges(), id, null)
  changes.rank(bare.outboxDue(recipient), id, null)
  changes.member(bare.outboxDead(recipient), id, false)
}
