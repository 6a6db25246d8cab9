import type { TaskRecord } from './record.ts'

/** What failures have in common. */
export interface ErrorKind {
  /** Equal for the same kind of failure: 16 hexadecimal digits. */
  readonly fingerprint: string
  /** The code or name of the error. */
  readonly type: string
}

/**
 * The kind of a failure: its type, and its message without what differs from task to task. The function is no part of it: a
 * database that is gone is one problem, however many functions ask it.
 */
export function errorKind({ error, errorCode }: Pick<TaskRecord, 'error' | 'errorCode'>): ErrorKind {
  const type = errorCode ?? 'Error'
  return { fingerprint: hash(`${type}\n${generalize(error ?? '')}`), type }
}

/** A message in which numbers, ids, addresses, quoted words and paths are all the same. */
export function generalize(message: string): string {
  return replacements.reduce((text, [pattern, word]) => text.replace(pattern, word), message).trim()
}

const replacements: readonly (readonly [RegExp, string])[] = [
  [/\s+/g, ' '],
  [/(?<!\w)(["'`])(?:(?!\1).)*\1(?!\w)/g, '<text>'],
  [/“[^”]*”|‘[^’]*’|«[^»]*»/g, '<text>'],
  [/[\w.+-]+@[\w.-]+/g, '<address>'],
  [/\b[a-z][a-z\d+.-]*:\/\/[^\s<>"'`)\]]+/gi, '<url>'],
  [/(?<![\w<])(?:[a-z]:)?(?:\.{0,2}[\\/][^\s\\/<>:"'`()[\]]+)+[\\/]?/gi, '<path>'],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<id>'],
  [/\b0x[\da-f]+\b/gi, '<id>'],
  [/\b(?=\w*\d)(?=\w*[a-z])\w{8,}\b/gi, '<id>'],
  [/[-+]?\d+(?:[.,:]\d+)*/g, '<n>'],
]

/** Two hashes of 32 bits with different beginnings: no secret, and enough to tell some hundred kinds apart. */
function hash(text: string): string {
  return hash32(text, 0x811c9dc5) + hash32(text, 0x9747b28c)
}

function hash32(text: string, seed: number): string {
  let state = seed
  for (let index = 0; index < text.length; index += 1) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
    state ^= state >>> 15
  }
  state = Math.imul(state ^ (state >>> 13), 0x5bd1e995)
  return ((state ^ (state >>> 16)) >>> 0).toString(16).padStart(8, '0')
}
