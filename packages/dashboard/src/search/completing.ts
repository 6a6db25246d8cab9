import { termOf, type WordTable } from '@taskloom/client'

/** What at the caret could be completed. */
export interface Place {
  /** Where the term begins and where its end is. */
  readonly start: number
  readonly end: number
  readonly negated: boolean
  /** What is asked for: names of qualifiers, or values of a field as the server calls it. */
  readonly field: string
  /** What is already written of it. */
  readonly prefix: string
}

/** One way to go on. */
export interface Option {
  /** What stands in the place of the term. */
  readonly text: string
  /** What the list says. */
  readonly word: string
  readonly count: number | null
  /** An English text that explains it. */
  readonly note: string | null
  /** Whether the term is whole then. */
  readonly isWhole: boolean
}

/** The qualifiers of the search language. */
export const qualifiers = {
  'func:': 'function, * stands for anything',
  'queue:': 'queue',
  'worker:': 'process that ran it',
  'user:': 'whom it is for',
  'source:': 'who asked for it',
  'tag.': 'a tag and its value',
  'args.': 'an argument and its value',
  'error:': 'a part of the error',
  'error_group:': 'failures of one kind',
} satisfies WordTable

/** The field in which most words are looked for. */
export const qualifierField = 'qualifier'

const valueFields = /^(func|queue|worker|user|source|error|tag\..+|args\..+)$/

/** What of a search can be completed where the caret is; null inside of what nobody knows. */
export function placeAt(search: string, caret: number): Place | null {
  const before = /(?:-?(?:[^\s":]+:)?"(?:\\[^]|[^"\\])*$|\S*$)/.exec(search.slice(0, caret))
  const start = before?.index ?? caret
  const written = search.slice(start, caret)
  const end = caret + (/^\S*/.exec(search.slice(caret))?.[0].length ?? 0)
  const negated = written.startsWith('-')
  const body = negated ? written.slice(1) : written
  const [, qualifier, value = ''] = /^([^\s":]+):([^]*)$/.exec(body) ?? []
  const at = { start, end, negated }
  if (qualifier !== undefined) {
    return valueFields.test(qualifier) ? { ...at, field: qualifier, prefix: value.replace(/^"/, '') } : null
  }
  const [, group, name = ''] = /^(tag|args)\.(.*)$/.exec(body) ?? []
  if (group !== undefined) return { ...at, field: group, prefix: name }
  return body.startsWith('"') ? null : { ...at, field: qualifierField, prefix: body }
}

/** The qualifiers that begin as it is written. */
export function qualifierOptions({ prefix, negated }: Place): readonly Option[] {
  return Object.entries(qualifiers)
    .filter(([name]) => name.startsWith(prefix.toLowerCase()))
    .map(([name, note]) => ({ text: sign(negated) + name, word: name, count: null, note, isWhole: false }))
}

/** What was found of a field, as terms of the search; what the language cannot say is left out. */
export function valueOptions(
  { field, negated }: Pick<Place, 'field' | 'negated'>,
  values: readonly { readonly text: string; readonly count: number | null }[],
): readonly Option[] {
  const isGroup = field === 'tag' || field === 'args'
  return values.flatMap(({ text: value, count }) => {
    const text = isGroup ? nameOf(field, value) : termOf(field, value)
    return text === null
      ? []
      : [
          {
            text: sign(negated) + text,
            word: isGroup ? `${field}.${value}` : value,
            count,
            note: null,
            isWhole: !isGroup,
          },
        ]
  })
}

/** The search with a term in the place of what is written, and where the caret is then. */
export function complete(search: string, { start, end }: Place, { text, isWhole }: Option) {
  const space = isWhole ? ' ' : ''
  const rest = search.slice(end).replace(/^\s+/, '')
  const head = `${search.slice(0, start)}${text}${space}`
  return { search: head + rest, caret: head.length }
}

function nameOf(group: string, name: string): string | null {
  return termOf(`${group}.${name}`, 'x') === null ? null : `${group}.${name}:`
}

function sign(negated: boolean): string {
  return negated ? '-' : ''
}
