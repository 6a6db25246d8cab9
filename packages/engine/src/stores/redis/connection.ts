import { setTimeout as pause } from 'node:timers/promises'
import { TaskError } from '../../core/errors.ts'
import type { RedisClient } from './client.ts'
import { Keys } from './keys.ts'
import type { Script } from './scripts.ts'

/** A command with its arguments, as in `['ZCARD', keys.ids()]`. */
export type Command = readonly Word[]

/** One word of a command. */
export type Word = string | number | Buffer

/** What Redis answers: errors are thrown instead. */
export type Reply = string | number | null | readonly Reply[]

/** A way to one Redis: each call ends in bounded time, with the answer or a `TaskError` with the code `store_failed`. */
export interface RedisConnection {
  /** The names of the keys, with the prefix. */
  readonly keys: Keys
  /** One command. */
  command(...command: Command): Promise<Reply>
  /** Several commands, sent at once; answers stand at the places of their commands. They are no transaction. */
  pipeline(commands: readonly Command[]): Promise<readonly Reply[]>
  /** Runs a script, which Redis does as one transaction; `args` are its `ARGV`, and `KEYS[1]` is `keys.base`. */
  run(script: Script, args: readonly Word[]): Promise<Reply>
}

/** How long Redis is waited for. */
export interface Patience {
  /** For the answer to one command. */
  readonly commandTimeoutMs: number
  /** For a connection that was lost to be there again. */
  readonly patienceMs: number
}

/** Pauses between two looks whether the connection is there again. */
const firstPauseMs = 5
const longestPauseMs = 100

/** The connection that a store has; reads are asked anew when their connection is lost, writes see to that themselves. */
export class Connection implements RedisConnection {
  readonly keys: Keys
  #isClosed = false

  constructor(
    private readonly client: RedisClient,
    prefix: string,
    private readonly patience: Patience,
  ) {
    this.keys = new Keys(`{${prefix}}:`)
  }

  command(...command: Command): Promise<Reply> {
    return this.#patiently(() => this.#send(command))
  }

  pipeline(commands: readonly Command[]): Promise<readonly Reply[]> {
    return this.#patiently(async () => {
      const answers = await Promise.allSettled(commands.map((command) => this.#send(command)))
      return answers.map((answer) => {
        if (answer.status === 'rejected') throw answer.reason as Error
        return answer.value
      })
    })
  }

  run(script: Script, args: readonly Word[]): Promise<Reply> {
    return this.#patiently(() => this.runOnce(script, args))
  }

  /** As `run`, but rejects with a {@link LostReply} where it is not known whether it was done. */
  async runOnce({ sha, text }: Script, args: readonly Word[]): Promise<Reply> {
    try {
      return await this.#send(['EVALSHA', sha, 1, this.keys.base, ...args])
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return this.#send(['EVAL', text, 1, this.keys.base, ...args])
    }
  }

  /** Until commands can be sent; rejects when that takes too long. */
  async ready(patienceMs = this.patience.patienceMs): Promise<void> {
    const endMs = performance.now() + patienceMs
    for (let pauseMs = firstPauseMs; !this.client.isReady(); pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      if (this.#isClosed) throw new TaskError('store_failed', { message: 'The store is closed' })
      if (performance.now() > endMs) throw new TaskError('store_failed', { message: 'Redis cannot be reached' })
      await pause(pauseMs)
    }
  }

  close(): void {
    this.#isClosed = true
    this.client.close()
  }

  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    const endMs = performance.now() + this.patience.patienceMs
    for (;;) {
      await this.ready(Math.max(0, endMs - performance.now()))
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof LostReply) || performance.now() > endMs) throw refusal(error)
        // A client may refuse at once what it says it is ready for: the host must be able to go on meanwhile.
        await pause(Math.random() * longestPauseMs)
      }
    }
  }

  async #send(command: Command): Promise<Reply> {
    if (this.#isClosed) throw new TaskError('store_failed', { message: 'The store is closed' })
    const { commandTimeoutMs } = this.patience
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.client.renew()
        reject(new LostReply(`Redis did not answer within ${commandTimeoutMs} ms`))
      }, commandTimeoutMs)
    })
    try {
      return await Promise.race([this.client.send(command), late])
    } catch (error) {
      throw isReply(error) || error instanceof LostReply ? error : new LostReply(messageOf(error), { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }
}

/** The connection was lost, or Redis is not able to work now: nobody knows whether the command was done. */
export class LostReply extends Error {
  override readonly name = 'LostReply'
}

/** What the store says when Redis cannot or will not. */
export function refusal(cause: unknown): TaskError {
  if (cause instanceof TaskError) return cause
  return new TaskError('store_failed', { message: `Redis refused or was lost: ${messageOf(cause)}` }, { cause })
}

/** Refusals that are over soon: the server starts, or is a replica until the next one is found. */
const passing = /^(LOADING|BUSY|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK)\b/

/** Whether Redis could not be reached, which may be over soon; a name that no host has gets none by waiting. */
export function isAway(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown }
  return !(error instanceof TaskError) && !isReply(error) && code !== 'ENOTFOUND' && code !== 'EAI_AGAIN'
}

/** Whether an error is Redis' own word on a command, and will be the same when it is asked again. */
function isReply(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const isFromServer =
    error.name === 'ReplyError' || error.constructor.name.endsWith('ErrorReply') || /^[A-Z]+ /.test(error.message)
  return isFromServer && !passing.test(error.message)
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
