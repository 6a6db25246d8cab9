import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { parseDuration, type Duration } from '../core/duration.ts'
import { TaskError } from '../core/errors.ts'
import { integerOption, rejectUnknown, textOption } from '../core/option.ts'
import type { OutboxMessage } from '../stores/outbox.ts'
import { systemClock } from '../system-clock.ts'
import { durableMoments, type DurableMoment, type DurableObserver } from './durable-observer.ts'

/** Where events are posted to, and how. */
export interface WebhookOptions {
  /** Where events are posted to: `https:` or `http:`, without a name and password in it. Redirects are not followed. */
  readonly url: string
  /** At least 16 characters. With several, each signs, so that a secret can be replaced without a gap. */
  readonly secret: string | readonly string[]
  /** `complete` and `fail` by default; also `create`, `start` and `retry`. */
  readonly events?: readonly DurableMoment[]
  /** Messages wait under this name; by default made from the URL. Keep it when the URL changes. */
  readonly name?: string
  /** Attempts after which a message is given up; 12 by default, which is about half a day. */
  readonly attempts?: number
  /** How long an answer may take; `10s` by default. */
  readonly timeout?: Duration
}

const optionNames = ['url', 'secret', 'events', 'name', 'attempts', 'timeout'] as const
const leastSecretLength = 16
const firstDelayMs = 5_000
const longestDelayMs = 2 * 3_600_000

/**
 * Posts what happens to tasks to an HTTP endpoint, signed, at least once: messages are stored with the change they tell
 * of and survive the death of the process. Throws `bad_option`.
 */
export function webhooks(options: WebhookOptions): DurableObserver {
  rejectUnknown(options, optionNames)
  const { attempts = 12, timeout = 10_000 } = options
  const url = parseUrl(options.url)
  const secrets = parseSecrets(options.secret)
  const timeoutMs = parseDuration(timeout, 'timeout')
  if (timeoutMs <= 0) throw bad('timeout', 'more than zero')
  const digest = createHash('sha256').update(url.href).digest('hex').slice(0, 12)
  return {
    name: options.name === undefined ? `webhook ${url.host} ${digest}` : textOption(options.name, 'name', 100),
    wants: parseEvents(options.events ?? ['complete', 'fail']),
    maxAttempts: integerOption(attempts, 'attempts', 1, 100),
    timeoutMs,
    delayMs: (attempt) => Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1)),
    deliver: (message, signal) => post(url, secrets, message, signal),
  }
}

/** What came in with a request, and what it is checked against. */
export interface WebhookCheck {
  /** The body exactly as it was received. */
  readonly body: string | Uint8Array
  /** The header `taskloom-timestamp`. */
  readonly timestamp: string | null | undefined
  /** The header `taskloom-signature`. */
  readonly signature: string | null | undefined
  /** The one that `webhooks` signs with. */
  readonly secret: string
  /** How old it may be; `5m` by default. */
  readonly tolerance?: Duration
}

/** Whether a request came from somebody who knows the secret, and lately. */
export function verifyWebhook({ body, timestamp, signature, secret, tolerance = 300_000 }: WebhookCheck): boolean {
  if (!timestamp || !signature || !/^\d{1,12}$/.test(timestamp)) return false
  const ageMs = Math.abs(systemClock.now() - Number(timestamp) * 1_000)
  if (ageMs > parseDuration(tolerance, 'tolerance')) return false
  const expected = Buffer.from(sign(secret, timestamp, body))
  return signature.split(',').some((part) => {
    const given = Buffer.from(part.trim())
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

async function post(
  url: URL,
  secrets: readonly string[],
  { id, event, body, attempts }: OutboxMessage,
  signal: AbortSignal,
): Promise<void> {
  const timestamp = String(Math.floor(systemClock.now() / 1_000))
  const response = await fetch(url, {
    method: 'POST',
    // Another host was not meant to get it.
    redirect: 'manual',
    signal,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'taskloom-webhook/1',
      'taskloom-event': event,
      'taskloom-delivery': id,
      'taskloom-attempt': String(attempts),
      'taskloom-timestamp': timestamp,
      'taskloom-signature': secrets.map((secret) => sign(secret, timestamp, body)).join(','),
    },
    body,
  }).catch((error: unknown) => {
    throw new Error(reasonOf(error))
  })
  // Whatever it says more is not read.
  await response.body?.cancel()
  if (!response.ok) throw new Error(`It answered ${response.status}`)
}

function sign(secret: string, timestamp: string, body: string | Uint8Array): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`
}

/** Without the address, which may hold a token. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null
  const code = (cause as { readonly code?: unknown } | null)?.code
  return typeof code === 'string' ? `It could not be reached: ${code}` : 'It could not be reached'
}

function parseEvents(value: unknown): readonly DurableMoment[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : []
  const known = durableMoments.filter((moment) => given.includes(moment))
  if (given.length === 0 || given.length > known.length) throw bad('events', `some of ${durableMoments.join(', ')}`)
  return known
}

function parseUrl(value: unknown): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!url || !isWeb || url.username !== '' || url.password !== '') throw bad('url', 'an http or https URL')
  return url
}

function parseSecrets(value: unknown): readonly string[] {
  const secrets: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (secrets.length === 0 || secrets.length > 5) throw bad('secret', 'one to five secrets')
  return secrets.map((secret) => {
    const text = textOption(secret, 'secret', 1_000)
    if (text.length < leastSecretLength) throw bad('secret', `at least ${leastSecretLength} characters`)
    return text
  })
}

function bad(option: string, expected: string): TaskError {
  return new TaskError('bad_option', { message: `${option}: expected ${expected}`, option })
}
