import {
  globToRegExp,
  matchesTerm,
  type SearchTerm,
  type Searchable,
  type Tag,
  type TaskFilter,
} from '@taskloom/protocol'
import { readableArgs } from '../summary.ts'
import type { Names } from './cube.ts'
import { listFromText, tagsFromText, type Value } from './rows.ts'

/** The part of a filter that roll-ups know. Null means "any". */
export interface ExactFilter {
  readonly statuses: ReadonlySet<string> | null
  readonly funcNames: ReadonlySet<string> | null
  readonly queues: ReadonlySet<string> | null
  readonly sources: ReadonlySet<string> | null
  readonly since: number | null
  readonly until: number | null
}

/** The part that must be looked up in the rows themselves. */
export interface Residual {
  readonly tags: readonly Tag[]
  readonly workerIds: readonly string[]
  readonly terms: readonly SearchTerm[]
}

export interface SplitFilter {
  readonly exact: ExactFilter
  readonly residual: Residual | null
}

/**
 * Splits a filter. Terms about functions and queues, and words that cannot be part of an id, are names: they are looked
 * up among the few names there are, and then cost nothing.
 */
export function splitFilter(filter: TaskFilter, names: Names): SplitFilter {
  let funcNames = setOf(filter.funcNames)
  let queues = setOf(filter.queues)
  const terms: SearchTerm[] = []
  for (const term of filter.search) {
    if (term.kind === 'func') funcNames = narrow(funcNames, names.funcNames, term.negated, globToRegExp(term.pattern))
    else if (term.kind === 'queue') queues = narrow(queues, names.queues, term.negated, globToRegExp(term.pattern))
    else if (term.kind === 'word' && !isIdPart(term.text)) {
      const word = term.text.toLowerCase()
      const holds = { test: (name: string) => name.toLowerCase().includes(word) }
      funcNames = narrow(funcNames, names.funcNames, term.negated, holds)
    } else terms.push(term)
  }
  const { tags, workerIds, statuses, sources, since, until } = filter
  const hasResidual = tags.length > 0 || workerIds.length > 0 || terms.length > 0
  return {
    exact: { statuses: setOf(statuses), funcNames, queues, sources: setOf(sources), since, until },
    residual: hasResidual ? { tags, workerIds, terms } : null,
  }
}

export function isIdPart(text: string): boolean {
  return /^[0-9a-f-]+$/i.test(text)
}

/** The columns a residual is decided by, in the order `residualTest` reads them; those that do not matter are not read. */
export function residualColumns(residual: Residual): string {
  const error = residual.terms.some(({ kind }) => kind === 'error') ? 'error' : 'NULL'
  const tags = readsTags(residual) ? 'tags' : 'NULL'
  const args = readsArgs(residual) ? 'args, redact' : 'NULL, NULL'
  return `id, func_name, worker_id, ${error}, ${tags}, ${args}`
}

/** A test of rows that start with `residualColumns`. */
export function residualTest(residual: Residual): (row: readonly Value[]) => boolean {
  const { tags, workerIds, terms } = residual
  const needsTags = readsTags(residual)
  const needsArgs = readsArgs(residual)
  return ([taskId, funcName, workerId, error, tagText, argText, redactText]) => {
    if (workerIds.length > 0 && (workerId == null || !workerIds.includes(workerId as string))) return false
    const ownTags = needsTags ? tagsFromText(tagText as string) : {}
    if (!tags.every(({ key, value }) => Object.hasOwn(ownTags, key) && ownTags[key] === value)) return false
    if (terms.length === 0) return true
    const args = needsArgs ? readableArgs(argText as string, listFromText(redactText as string | null)) : undefined
    // Terms look at nothing else: names of functions and queues were resolved before.
    const searched = { taskId, funcName, error, tags: ownTags, args } as Partial<Searchable> as Searchable
    return terms.every((term) => matchesTerm(searched, term))
  }
}

function readsTags({ tags, terms }: Residual): boolean {
  return tags.length > 0 || terms.some(({ kind }) => kind === 'tag')
}

function readsArgs({ terms }: Residual): boolean {
  return terms.some(({ kind }) => kind === 'args')
}

function setOf(values: readonly string[]): ReadonlySet<string> | null {
  return values.length === 0 ? null : new Set(values)
}

function narrow(
  allowed: ReadonlySet<string> | null,
  known: readonly string[],
  negated: boolean,
  pattern: { test(name: string): boolean },
): ReadonlySet<string> {
  return new Set([...(allowed ?? known)].filter((name) => pattern.test(name) !== negated))
}
