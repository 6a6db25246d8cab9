import { ProtocolError } from './problem.ts'

/**
 * The search box's language: plain words match the start or end of a task's id, or any part of its function name;
 * qualifiers narrow one field; a leading `-` excludes. All terms must hold.
 *
 *     send 9f03aa error:"card declined" error_group:5d1f… tag.env:prod args.user.id:42 queue:mail -func:heart*
 *     worker:web-1* user:"Ann Lee" -source:scheduled
 */
export type SearchTerm = {
  /** Whether tasks that match are left out. */
  readonly negated: boolean
} & BareTerm

type BareTerm =
  /** The start or end of an id, or a part of the function's name, in either case. */
  | { readonly kind: 'word'; readonly text: string }
  /** A part of the error, in either case. */
  | { readonly kind: 'error'; readonly text: string }
  /** The task has failed, and its failure is of this kind: the `fingerprint` of an error group. */
  | { readonly kind: 'error_group'; readonly text: string }
  /** One of {@link patternFields} is so, in either case; `*` stands for anything. What a task does not have is never so. */
  | { readonly kind: keyof typeof patternFields; readonly pattern: string }
  /** The tag with the name `key` has the value `text`, in which `*` stands for anything. */
  | { readonly kind: 'tag'; readonly key: string; readonly text: string }
  /** An argument has the value `text` at `path`; a number first is that argument, else it may be any. */
  | { readonly kind: 'args'; readonly path: readonly string[]; readonly text: string }

/** What is narrowed by a pattern: the word before the colon, and the field of a task that it looks at. */
export const patternFields = {
  func: 'funcName',
  queue: 'queue',
  worker: 'workerId',
  user: 'userLabel',
  source: 'source',
} as const

/** Longer queries are refused, so that a search costs what a search may cost. */
export const maxSearchLength = 500
/** How many terms a search may have. */
export const maxSearchTerms = 16

/** Reads the text of a search box. Throws {@link ProtocolError} with `bad_query` and the position of the fault. */
export function parseSearch(query: string): readonly SearchTerm[] {
  if (query.length > maxSearchLength) throw fault(`longer than ${maxSearchLength} characters`, maxSearchLength)
  const nul = query.indexOf('\0')
  if (nul >= 0) throw fault('a NUL character', nul)
  const terms: SearchTerm[] = []
  let position = skipSpace(query, 0)
  while (position < query.length) {
    if (terms.length === maxSearchTerms) throw fault(`more than ${maxSearchTerms} terms`, position)
    const negated = query[position] === '-' && position + 1 < query.length && !isSpace(query[position + 1])
    const start = negated ? position + 1 : position
    const token = readToken(query, start)
    terms.push({ negated, ...toTerm(token, start) })
    position = skipSpace(query, token.end)
  }
  return terms
}

/** The text that {@link parseSearch} reads as these terms. */
export function formatSearch(terms: readonly SearchTerm[]): string {
  return terms.map((term) => (term.negated ? '-' : '') + formatTerm(term)).join(' ')
}

/** `send_*` as a predicate; `*` stands for anything, everything else for itself, in either case. */
export function globToRegExp(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '.*')
  return new RegExp(`^${escaped}$`, 'is')
}

interface Token {
  readonly qualifier: string | null
  readonly text: string
  readonly end: number
}

function readToken(query: string, start: number): Token {
  const colon = findColon(query, start)
  const valueStart = colon === null ? start : colon + 1
  const { text, end } = query[valueStart] === '"' ? readQuoted(query, valueStart) : readBare(query, valueStart)
  return { qualifier: colon === null ? null : query.slice(start, colon), text, end }
}

function findColon(query: string, start: number): number | null {
  for (let index = start; index < query.length; index += 1) {
    const letter = query[index]
    if (letter === ':') return index > start ? index : null
    if (isSpace(letter) || letter === '"') return null
  }
  return null
}

function readQuoted(query: string, start: number): { text: string; end: number } {
  let text = ''
  for (let index = start + 1; index < query.length; index += 1) {
    if (query[index] === '\\' && index + 1 < query.length) text += query[(index += 1)]
    else if (query[index] === '"') return { text, end: index + 1 }
    else text += query[index]
  }
  throw fault('a quote that is not closed', start)
}

function readBare(query: string, start: number): { text: string; end: number } {
  let end = start
  while (end < query.length && !isSpace(query[end])) end += 1
  return { text: query.slice(start, end), end }
}

function toTerm({ qualifier, text }: Token, position: number): BareTerm {
  if (qualifier === null) return { kind: 'word', text }
  if (text === '') throw fault(`nothing after ${qualifier}:`, position)
  if (qualifier === 'error' || qualifier === 'error_group') return { kind: qualifier, text }
  if (Object.hasOwn(patternFields, qualifier)) return { kind: qualifier as keyof typeof patternFields, pattern: text }
  const [head, ...path] = qualifier.split('.')
  if (head === 'tag' && path.length > 0 && path[0] !== '') return { kind: 'tag', key: path.join('.'), text }
  if (head === 'args' && path.every((step) => step !== '')) return { kind: 'args', path, text }
  throw fault(`an unknown qualifier ${qualifier}:`, position)
}

function formatTerm(term: SearchTerm): string {
  switch (term.kind) {
    case 'word':
      return quote(term.text, /[\s":]|^-/)
    case 'tag':
      return `tag.${term.key}:${quote(term.text)}`
    case 'args':
      return `${['args', ...term.path].join('.')}:${quote(term.text)}`
    default:
      return `${term.kind}:${quote('text' in term ? term.text : term.pattern)}`
  }
}

function quote(text: string, needsQuotes = /[\s"]/): string {
  return text === '' || needsQuotes.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text
}

function skipSpace(query: string, start: number): number {
  let index = start
  while (index < query.length && isSpace(query[index])) index += 1
  return index
}

function isSpace(letter: string | undefined): boolean {
  return letter !== undefined && /\s/.test(letter)
}

function fault(what: string, position: number): ProtocolError {
  return new ProtocolError('bad_query', `The search has ${what} at position ${position}`, { parameter: 'q', position })
}
