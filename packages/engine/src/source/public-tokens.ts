import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { parseDuration, type Duration } from '../core/duration.ts'
import { TaskError } from '../core/errors.ts'
import { flagOption, rejectUnknown } from '../core/option.ts'
import {
  maxPublicTokenLength,
  publicTokenPrefix,
  type PublicGrant,
  type PublicTokenReader,
} from '../server/public-grant.ts'
import type { Store } from '../stores/store.ts'

/** What a token for end users is good for, and how long. */
export interface PublicTokenOptions {
  /** How long it is good; an hour by default, at least a second, and never more than 30 days: what is longer is cut. */
  readonly expiresIn?: Duration
  /** Whether its bearer sees what the function returned; false by default. */
  readonly includeResult?: boolean
  /** Whether its bearer reads the log; false by default. */
  readonly includeLogs?: boolean
  /** Whether its bearer sees the one-line message of an error; false by default. Stack traces are never shown. */
  readonly includeError?: boolean
}

export interface PublicTokensOptions {
  readonly store: Store
  readonly clock: Clock
  readonly ready: () => Promise<void>
  /** What tokens are signed with; null for a secret by chance that the store keeps. */
  readonly secret: Buffer | null
}

const defaultMs = 3_600_000
const leastMs = 1_000
const longestMs = 30 * 86_400_000
const maxTasks = 50
const maxIdLength = 300
const secretBytes = 32
const version = 1
const flags = { includeResult: 1, includeLogs: 2, includeError: 4 } as const

/** `[version, expiresAt in seconds, flags, id, …]` */
type Payload = readonly [number, number, number, ...string[]]

/** Gives out tokens that let end users read single tasks, and knows them again. Nothing is kept of a token. */
export class PublicTokens implements PublicTokenReader {
  readonly #options: PublicTokensOptions
  #key: Promise<Buffer> | null = null

  constructor(options: PublicTokensOptions) {
    this.#options = options
  }

  /** Rejects with `bad_option`, `bad_argument`, and with `store_failed` while the secret cannot be read. */
  async issue(tasks: string | readonly string[], options: PublicTokenOptions = {}): Promise<string> {
    const taskIds = parseIds(tasks)
    const { lengthMs, bits } = parseOptions(options)
    const endsAt = Math.floor((this.#options.clock.now() + lengthMs) / 1_000)
    const payload: Payload = [version, endsAt, bits, ...taskIds]
    const text = Buffer.from(JSON.stringify(payload)).toString('base64url')
    const token = `${publicTokenPrefix}${text}.${sign(await this.#secret(), text)}`
    if (token.length <= maxPublicTokenLength) return token
    throw new TaskError('bad_argument', { message: 'These are too many or too long ids for one token' })
  }

  async read(token: string, now: number): Promise<PublicGrant | null> {
    if (token.length > maxPublicTokenLength) return null
    const [, text, signature] = shape.exec(token) ?? []
    if (text === undefined || signature === undefined) return null
    const expected = sign(await this.#secret(), text)
    // As texts of one length: the last letter of a base64 text has bits that its bytes do not show.
    if (!timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return null
    const [, endsAt, bits, ...taskIds] = JSON.parse(Buffer.from(text, 'base64url').toString()) as Payload
    if (now >= endsAt * 1_000) return null
    return {
      taskIds,
      includeResult: (bits & flags.includeResult) !== 0,
      includeLogs: (bits & flags.includeLogs) !== 0,
      includeError: (bits & flags.includeError) !== 0,
      expiresAt: endsAt * 1_000,
    }
  }

  /** Read once; after a failure it is read again. */
  #secret(): Promise<Buffer> {
    this.#key ??= this.#readKey().catch((error: unknown) => {
      this.#key = null
      throw error
    })
    return this.#key
  }

  async #readKey(): Promise<Buffer> {
    const { store, ready, secret } = this.#options
    if (secret !== null) return deriveKey(secret)
    await ready()
    const kept = await store.secrets.keep('public-tokens', randomBytes(secretBytes).toString('base64url'))
    return deriveKey(Buffer.from(kept, 'base64url'))
  }
}

const shape = new RegExp(`^${publicTokenPrefix}([\\w-]+)\\.([\\w-]{43})$`)

/** A key for this purpose alone: what somebody signs with the same secret for another is no token. */
function deriveKey(secret: Buffer): Buffer {
  return createHmac('sha256', secret).update('taskloom public tokens').digest()
}

function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

function parseIds(tasks: unknown): readonly string[] {
  const given: readonly unknown[] = Array.isArray(tasks) ? (tasks as readonly unknown[]) : [tasks]
  const ids = [...new Set(given)]
  const isGood = ids.every((id) => typeof id === 'string' && id !== '' && id.length <= maxIdLength)
  if (isGood && ids.length > 0 && ids.length <= maxTasks) return ids as string[]
  throw new TaskError('bad_argument', { message: `A public token is for the ids of 1 to ${maxTasks} tasks` })
}

function parseOptions(options: PublicTokenOptions): { readonly lengthMs: number; readonly bits: number } {
  rejectUnknown(options, ['expiresIn', ...Object.keys(flags)])
  const { expiresIn = defaultMs } = options
  const lengthMs = Math.min(longestMs, Math.max(leastMs, parseDuration(expiresIn, 'expiresIn')))
  const bits = (Object.keys(flags) as (keyof typeof flags)[]).reduce(
    (sum, name) => sum | (flagOption(options[name] ?? false, name) ? flags[name] : 0),
    0,
  )
  return { lengthMs, bits }
}
