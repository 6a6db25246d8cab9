import { ProtocolError } from '@taskloom/protocol'
import type { ServerLimits } from '../limits.ts'

type StreamLimits = Required<Omit<ServerLimits, 'exports'>>

/** Counts who has how many streams open. */
export class Places {
  readonly #limits: StreamLimits
  readonly #taken = new Map<string, number>()
  #total = 0

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  /** Takes a place, and gives how to leave it; throws `too_many_requests` when there is none. */
  take(sessionId: string | null, address: string | null): () => void {
    const { streams, streamsPerSession, streamsPerAddress } = this.#limits
    if (this.#total >= streams) throw refusal('there are')
    const key = sessionId !== null ? `session ${sessionId}` : address !== null ? `address ${address}` : null
    const limit = sessionId !== null ? streamsPerSession : streamsPerAddress
    const taken = key === null ? 0 : (this.#taken.get(key) ?? 0)
    if (taken >= limit) throw refusal(sessionId === null ? 'your address has' : 'your session has')
    this.#total += 1
    if (key !== null) this.#taken.set(key, taken + 1)
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      this.#total -= 1
      if (key !== null) this.#release(key)
    }
  }

  #release(key: string): void {
    const left = (this.#taken.get(key) ?? 0) - 1
    if (left > 0) this.#taken.set(key, left)
    else this.#taken.delete(key)
  }
}

function refusal(whose: string): ProtocolError {
  return new ProtocolError('too_many_requests', `As many live streams as may be are open: close one that ${whose}`)
}
