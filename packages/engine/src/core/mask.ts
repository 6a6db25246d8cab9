import type { Json } from '@taskloom/protocol'
import { redactedWord } from './redact.ts'
import type { SecretNames } from './secret-names.ts'

/** What is shown in place of a secret. */
export const maskedWord = '***'

/** The same value with everything masked whose key names something secret; the very same where there is nothing. */
export function maskValue(value: Json, isSecret: SecretNames): Json {
  if (typeof value === 'string') return maskUrls(value)
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? maskList(value as readonly Json[], isSecret) : maskMembers(value as Members, isSecret)
}

/** Text for people, such as an error or a line of a log, without what it says of secrets: `password=…`, `://ann:…@`. */
export function maskText(text: string, isSecret: SecretNames): string {
  return maskPairs(maskHeaders(maskUrls(text)), isSecret)
}

/** Passwords in URLs: `postgres://ann:***@db`. */
export function maskUrls(text: string): string {
  return text.includes('://') ? text.replace(urlPassword, `$1${maskedWord}@`) : text
}

// Every part is bounded: what follows a long run of letters must not be looked at anew from each of them.
const urlPassword = /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/]{0,200}:)[^\s/]{1,500}@/gi
const header = /\b((?:set-)?cookie|(?:proxy-)?authorization)(\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?)[^\r\n"'\\]+/gi
const bearer = /\b(bearer) [\w.~+/=-]{6,}/gi
const pair = /(\\?["']|)([\p{L}_][\p{L}\d_.-]{0,63})\1\s{0,3}(?:=>|[=:])\s{0,3}/gu
const bareValue = /[^\s"'`,;&)\]}]+/y
const quote = /\\?["']/y

/** What a cookie or an authorization says goes on to the end of its line. */
function maskHeaders(text: string): string {
  return text.replace(header, `$1$2${maskedWord}`).replace(bearer, `$1 ${maskedWord}`)
}

function maskPairs(text: string, isSecret: SecretNames): string {
  let shown = ''
  let from = 0
  pair.lastIndex = 0
  for (let found = pair.exec(text); found !== null; found = pair.exec(text)) {
    if (!isSecret(found[2] ?? '')) continue
    const [start, end] = valueAt(text, pair.lastIndex)
    if (start === end) continue
    shown += text.slice(from, start) + maskedWord
    from = end
    pair.lastIndex = end
  }
  return from === 0 ? text : shown + text.slice(from)
}

/** Where the value that begins here stands, without its quotes. */
function valueAt(text: string, at: number): readonly [start: number, end: number] {
  quote.lastIndex = at
  const [open] = quote.exec(text) ?? []
  if (open !== undefined) {
    const close = text.indexOf(open, at + open.length)
    return [at + open.length, close < 0 ? text.length : close]
  }
  bareValue.lastIndex = at
  return [at, at + (bareValue.exec(text)?.[0].length ?? 0)]
}

type Members = { readonly [key: string]: Json }

function maskList(list: readonly Json[], isSecret: SecretNames): Json {
  const masked = list.map((item) => maskValue(item, isSecret))
  return masked.every((item, index) => item === list[index]) ? list : masked
}

function maskMembers(members: Members, isSecret: SecretNames): Json {
  const entries = Object.entries(members)
  const masked = entries.map(([key, value]): [string, Json] => [
    key,
    isHidden(value) && isSecret(key) ? maskedWord : maskValue(value, isSecret),
  ])
  return masked.every(([, value], index) => value === entries[index]?.[1]) ? members : Object.fromEntries(masked)
}

/** That there is a token, or none, is no secret; what a path hides is hidden already. */
function isHidden(value: Json): boolean {
  return value !== null && typeof value !== 'boolean' && value !== redactedWord
}
