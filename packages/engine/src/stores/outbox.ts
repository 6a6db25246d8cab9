/** A message to somebody outside, stored in the same transaction as the change of the task that it tells of. */
export interface OutboxEntry {
  /** Unique, and the same each time that it is delivered. */
  readonly id: string
  /** The name of who is to get it. */
  readonly recipient: string
  /** What it tells of: one of the durable moments. */
  readonly event: string
  /** The task that it tells of. */
  readonly taskId: string
  /** When it was made, epoch milliseconds. */
  readonly createdAt: number
  /** What is sent, as text. */
  readonly body: string
}

/** A message that was handed out to be delivered. */
export interface OutboxMessage extends OutboxEntry {
  /** How often it was handed out, this time included. */
  readonly attempts: number
}

/** Whose messages are wanted. */
export interface TakeQuestion {
  /** The name of who is to get them. */
  readonly recipient: string
  /** What was due by then is handed out, epoch milliseconds. */
  readonly now: number
  /** When it is due again if nothing is heard of it: whoever took it may have died. */
  readonly until: number
  /** How many at most. */
  readonly limit: number
}

/** How many messages a recipient has not got. */
export interface OutboxCount {
  /** Still to be delivered. */
  readonly waiting: number
  /** Given up after too many attempts. */
  readonly dead: number
}

/** Messages that must reach somebody even if this process dies. */
export interface OutboxStore {
  /** Hands out what is due, first what is due longest; counts the attempt and holds it back until `until`. */
  take(question: TakeQuestion): Promise<readonly OutboxMessage[]>
  /** Forgets messages that have arrived. `recipient`, where it is given, is that of all: it need not be looked up. */
  delivered(ids: readonly string[], recipient?: string): Promise<void>
  /** Makes it due again at `dueAt`; null gives it up: it stays, and is never handed out again. */
  failed(id: string, dueAt: number | null, error: string): Promise<void>
  /** When the next message of a recipient is due; null when none waits. */
  nextDueAt(recipient: string): Promise<number | null>
  /** How many messages of a recipient there are. */
  count(recipient: string): Promise<OutboxCount>
  /** Deletes messages of anybody, dead or not, that were created before; at most `limit`; how many they were. */
  purge(createdBefore: number, limit: number): Promise<number>
}
