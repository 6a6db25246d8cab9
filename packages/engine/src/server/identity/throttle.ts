import { createHash } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'

const windowMs = 15 * 60_000
/** Wrong passwords for one account from one address. */
const maxPerAccount = 10
/** Wrong passwords from one address, whatever the account. */
const maxPerAddress = 50
/** A few megabytes; beyond, who was counted longest ago is forgotten. */
const maxEntries = 20_000

interface Entry {
  wrong: number
  /** Tries whose password is being checked: a hundred at once must not all come before the first is counted. */
  busy: number
  since: number
}

/** A try that was let in. Exactly one of the three is called. */
export interface Admission {
  right(): void
  wrong(): void
  /** Nobody could say. */
  undecided(): void
}

/**
 * Counts wrong passwords, for an account only together with the address: nobody can lock somebody else out. Right ones
 * from an address that is being held back are not even looked at, or guessing would go on.
 */
export class Throttle {
  readonly #entries = new Map<string, Entry>()

  constructor(private readonly clock: Clock) {}

  /** How many it remembers. */
  get size(): number {
    return this.#entries.size
  }

  /** Lets a try in, or says after how many whole seconds the next is welcome. */
  admit(account: string, address: string): Admission | { readonly retryAfterSeconds: number } {
    const [pairKey, addressKey] = [keyOf(account, address), keyOf(address)]
    const waitMs = Math.max(this.#waitMs(pairKey, maxPerAccount), this.#waitMs(addressKey, maxPerAddress))
    if (waitMs > 0) return { retryAfterSeconds: Math.ceil(waitMs / 1_000) }
    const pair = this.#take(pairKey)
    const whole = this.#take(addressKey)
    const end = () => {
      pair.busy -= 1
      whole.busy -= 1
      this.#dropIfClear(pairKey)
      this.#dropIfClear(addressKey)
    }
    return {
      right: () => {
        pair.wrong = 0
        end()
      },
      wrong: () => {
        for (const entry of [pair, whole]) this.#count(entry)
        end()
      },
      undecided: end,
    }
  }

  #waitMs(key: string, max: number): number {
    const entry = this.#entries.get(key)
    if (!entry) return 0
    const leftMs = entry.since + windowMs - this.clock.now()
    const isOver = leftMs <= 0 || leftMs > windowMs
    if (!isOver && entry.wrong >= max) return leftMs
    // Only those on their way fill it: one of them may be right.
    return (isOver ? 0 : entry.wrong) + entry.busy >= max ? 1_000 : 0
  }

  #take(key: string): Entry {
    const entry = this.#entries.get(key) ?? { wrong: 0, busy: 0, since: this.clock.now() }
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    entry.busy += 1
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > maxEntries && oldest !== undefined) this.#entries.delete(oldest)
    return entry
  }

  /** The time runs from the first wrong one. */
  #count(entry: Entry): void {
    const now = this.clock.now()
    const isOver = now >= entry.since + windowMs || now < entry.since
    if (entry.wrong === 0 || isOver) Object.assign(entry, { wrong: 0, since: now })
    entry.wrong += 1
  }

  #dropIfClear(key: string): void {
    const entry = this.#entries.get(key)
    if (entry?.wrong === 0 && entry.busy === 0) this.#entries.delete(key)
  }
}

/** Of one length, however long the names are that somebody makes up. */
function keyOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
}
