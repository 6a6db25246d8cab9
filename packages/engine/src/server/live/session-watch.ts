import type { Clock } from '../../core/clock.ts'
import type { Caller } from '../identity/caller.ts'
import type { LiveClient } from './client.ts'
import { liveLimits } from './limits.ts'
import { Pace } from './pace.ts'

/** Whether a caller may go on reading. What rejects, or takes longer than the next question, is a no. */
type IsAlive = (caller: Caller) => boolean | Promise<boolean>

interface Watched {
  readonly caller: Caller
  readonly clients: Set<LiveClient>
  isAsking: boolean
}

/** Ends the streams of sessions that are over. Without any it holds no timer. */
export class SessionWatch {
  readonly #clock: Clock
  readonly #isAlive: IsAlive
  readonly #onOver: (client: LiveClient) => void
  readonly #watched = new Map<string, Watched>()
  readonly #pace: Pace

  constructor(clock: Clock, isAlive: IsAlive, onOver: (client: LiveClient) => void) {
    this.#clock = clock
    this.#isAlive = isAlive
    this.#onOver = onOver
    this.#pace = new Pace(clock, liveLimits.sessionsEveryMs, () => this.#look())
  }

  add(client: LiveClient, caller: Caller): void {
    if (caller.sessionId === null && caller.expiresAt === null) return
    const key = keyOf(caller)
    const watched = this.#watched.get(key) ?? { caller, clients: new Set(), isAsking: false }
    watched.clients.add(client)
    this.#watched.set(key, watched)
    this.#pace.requestLater()
  }

  remove(client: LiveClient, caller: Caller): void {
    const watched = this.#watched.get(keyOf(caller))
    watched?.clients.delete(client)
    if (watched?.clients.size === 0) this.#watched.delete(keyOf(caller))
    if (this.#watched.size === 0) this.#pace.stop()
  }

  #look(): void {
    const now = this.#clock.now()
    for (const watched of [...this.#watched.values()]) {
      const { expiresAt } = watched.caller
      if (watched.isAsking || (expiresAt !== null && expiresAt <= now)) this.#end(watched)
      else void this.#ask(watched)
    }
    if (this.#watched.size > 0) this.#pace.requestLater()
  }

  async #ask(watched: Watched): Promise<void> {
    watched.isAsking = true
    const isAlive = await answerOf(this.#isAlive, watched.caller)
    watched.isAsking = false
    if (!isAlive) this.#end(watched)
  }

  #end({ clients }: Watched): void {
    for (const client of [...clients]) this.#onOver(client)
  }
}

async function answerOf(isAlive: IsAlive, caller: Caller): Promise<boolean> {
  try {
    return (await isAlive(caller)) === true
  } catch {
    return false
  }
}

/** Without a session's id the name says who it is. */
function keyOf({ name, sessionId, expiresAt }: Caller): string {
  return `${expiresAt ?? ''} ${sessionId ?? `name ${name}`}`
}
