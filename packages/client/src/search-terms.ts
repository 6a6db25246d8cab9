import { searchProblem } from './view-query.ts'

/** One term of a search as it was typed, and what it says. */
export interface TypedTerm {
  /** The term alone, as it stands in the search. */
  readonly text: string
  /** Whether it leaves out what matches. */
  readonly negated: boolean
  /** What stands before the colon, such as `tag.env`; null for a plain word. */
  readonly qualifier: string | null
  /** What is looked for, without quotes. */
  readonly value: string
}

/** The terms of a search that may still be on its way to being understood: an open quote reaches to the end. */
export function typedTerms(search: string): readonly TypedTerm[] {
  return (search.match(termPattern) ?? []).map((text) => {
    const negated = text.length > 1 && text.startsWith('-')
    const [, qualifier = null, value = ''] = /^(?:([^\s":]+):)?([^]*)$/.exec(negated ? text.slice(1) : text) ?? []
    return { text, negated, qualifier, value: unquote(value) }
  })
}

/** The search with one term more; the same term with the other sign gives way to it. */
export function withTerm(search: string, term: string): string {
  const others = typedTerms(search).flatMap(({ text }) => (text === term || text === negatedTerm(term) ? [] : [text]))
  return [...others, term].join(' ')
}

/** The term with the other sign. */
export function negatedTerm(term: string): string {
  return /^-./.test(term) ? term.slice(1) : `-${term}`
}

/** `queue:mail`, with quotes where the value needs them; null for a name that the language has no way to say. */
export function termOf(qualifier: string, value: string): string | null {
  if (value === '' || /[\s":]/.test(qualifier)) return null
  const term = `${qualifier}:${/[\s"]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value}`
  return searchProblem(term) === null ? term : null
}

/** A quoted text may hold spaces, and ends the term. A `-` at the beginning is the sign, never a part of the qualifier. */
const termPattern = /(?:-|(?!-))(?:[^\s":]+:)?"(?:\\[^]|[^"\\])*"?|\S+/g

function unquote(value: string): string {
  return value.startsWith('"')
    ? value
        .slice(1)
        .replace(/"$/, '')
        .replace(/\\([^])/g, '$1')
    : value
}
