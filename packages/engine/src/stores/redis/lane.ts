import { setTimeout as pause } from 'node:timers/promises'
import { TaskError } from '../../core/errors.ts'
import { commitScript } from './commit-script.ts'
import { LostReply, refusal, type Connection } from './connection.ts'
import type { KeyChanges } from './key-changes.ts'

/** What was decided on what was read: the answer holds if the changes are committed. */
export interface Proposal<T> {
  readonly changes: KeyChanges
  readonly answer: T
}

/** How often something is decided anew because others were faster; each time one of them has come through. */
const maxTries = 200
/** Longest pause before it is decided anew, by chance, so that two do not meet again and again. */
const longestPauseMs = 10

/** What a lane belongs to. */
export interface LaneOptions {
  readonly connection: Connection
  /** The store instance: it is told with each commit. */
  readonly instanceId: string
  /** Names the lanes of an instance apart. */
  readonly name: string
  /** How long a commit is tried while Redis is away. */
  readonly patienceMs: number
  /** Called after each commit. */
  readonly onCommitted: () => void
}

/** Commits one after the other, each of them once, whatever happens to the connection. */
export class Lane {
  #batch = 0
  #tail: Promise<unknown> = Promise.resolve()

  constructor(private readonly options: LaneOptions) {}

  get connection(): Connection {
    return this.options.connection
  }

  /** Does it behind all that was asked for before; rejects with a `TaskError`. */
  run<T>(propose: (isAgain: boolean) => Promise<Proposal<T>>): Promise<T> {
    const done = this.#tail.then(() => this.#settle(propose))
    this.#tail = done.catch(() => undefined)
    return done
  }

  /** Resolves when all that was asked for is settled. */
  async idle(): Promise<void> {
    await this.#tail
  }

  async #settle<T>(propose: (isAgain: boolean) => Promise<Proposal<T>>): Promise<T> {
    try {
      for (let tries = 0; tries < maxTries; tries += 1) {
        const { changes, answer } = await propose(tries > 0)
        if (changes.isEmpty || (await this.#commit(changes)) === 'done') return answer
        await pause(Math.random() * Math.min(longestPauseMs, tries))
      }
    } catch (cause) {
      throw refusal(cause)
    }
    throw new TaskError('store_failed', { message: 'Others were faster again and again' })
  }

  /** The number of the batch tells Redis whether it has done it already: an answer that was lost is asked for again. */
  async #commit(changes: KeyChanges): Promise<'done' | 'stale'> {
    const { connection, instanceId, name, patienceMs, onCommitted } = this.options
    this.#batch += 1
    const args = [`${instanceId}:${name}`, this.#batch, instanceId, changes.encode()]
    const endMs = performance.now() + patienceMs
    for (;;) {
      await connection.ready(Math.max(0, endMs - performance.now()))
      try {
        const answer = await connection.runOnce(commitScript, args)
        if (answer === 'stale') return 'stale'
        onCommitted()
        return 'done'
      } catch (error) {
        if (!(error instanceof LostReply) || performance.now() > endMs) throw error
        await pause(Math.random() * longestPauseMs)
      }
    }
  }
}
