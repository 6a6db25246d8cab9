import type { OutboxCount, OutboxEntry, OutboxMessage, OutboxStore, TakeQuestion } from '../outbox.ts'

interface Kept {
  message: OutboxMessage
  /** Null when it is dead. */
  dueAt: number | null
}

/** The reference for what the verbs mean; forgotten with the process. */
export class MemoryOutbox implements OutboxStore {
  readonly #kept = new Map<string, Kept>()

  add(entries: readonly OutboxEntry[]): void {
    for (const entry of entries) {
      this.#kept.set(entry.id, { message: { ...entry, attempts: 0 }, dueAt: entry.createdAt })
    }
  }

  async take({ recipient, now, until, limit }: TakeQuestion): Promise<readonly OutboxMessage[]> {
    const due = this.#waiting(recipient).filter(({ dueAt }) => dueAt <= now)
    const taken = due.sort((a, b) => a.dueAt - b.dueAt || (a.kept.message.id < b.kept.message.id ? -1 : 1))
    return taken.slice(0, limit).map(({ kept }) => {
      kept.dueAt = until
      kept.message = { ...kept.message, attempts: kept.message.attempts + 1 }
      return kept.message
    })
  }

  async delivered(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#kept.delete(id)
  }

  async failed(id: string, dueAt: number | null): Promise<void> {
    const kept = this.#kept.get(id)
    if (kept) kept.dueAt = dueAt
  }

  async nextDueAt(recipient: string): Promise<number | null> {
    const least = this.#waiting(recipient).reduce(
      (first, { dueAt }) => Math.min(first, dueAt),
      Number.POSITIVE_INFINITY,
    )
    return Number.isFinite(least) ? least : null
  }

  async count(recipient: string): Promise<OutboxCount> {
    const waiting = this.#waiting(recipient).length
    const all = [...this.#kept.values()].filter(({ message }) => message.recipient === recipient).length
    return { waiting, dead: all - waiting }
  }

  async purge(createdBefore: number, limit: number): Promise<number> {
    const old = [...this.#kept.values()].filter(({ message }) => message.createdAt < createdBefore).slice(0, limit)
    for (const { message } of old) this.#kept.delete(message.id)
    return old.length
  }

  #waiting(recipient: string): { readonly kept: Kept; readonly dueAt: number }[] {
    return [...this.#kept.values()].flatMap((kept) =>
      kept.message.recipient === recipient && kept.dueAt !== null ? [{ kept, dueAt: kept.dueAt }] : [],
    )
  }
}
