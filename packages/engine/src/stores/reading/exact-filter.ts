import {
  globToRegExp,
  matchesTerm,
  taskSources,
  type SearchTerm,
  type Searchable,
  type Tag,
  type TaskFilter,
} from '@taskloom/protocol'

/** The names that occur in a store. */
export interface Names {
  readonly funcNames: readonly string[]
  readonly queues: readonly string[]
}

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
  /** The kind of failure that all of them have, which an index knows; null when that is not asked. */
  readonly errorGroup: string | null
  /** The few tasks that are meant; null for all. */
  readonly taskIds: readonly string[] | null
}

export interface SplitFilter {
  readonly exact: ExactFilter
  readonly residual: Residual | null
}

/**
 * Splits a filter. Terms about functions, queues and sources, and words that cannot be part of an id, are names: they are
 * looked up among the few names there are, and then cost nothing.
 */
export function splitFilter(filter: TaskFilter, names: Names): SplitFilter {
  let funcNames = setOf(filter.funcNames)
  let queues = setOf(filter.queues)
  let sources = setOf(filter.sources)
  const terms: SearchTerm[] = []
  for (const term of filter.search) {
    if (term.kind === 'func') funcNames = narrow(funcNames, names.funcNames, term.negated, globToRegExp(term.pattern))
    else if (term.kind === 'queue') queues = narrow(queues, names.queues, term.negated, globToRegExp(term.pattern))
    else if (term.kind === 'source') sources = narrow(sources, taskSources, term.negated, globToRegExp(term.pattern))
    else if (term.kind === 'word' && !isIdPart(term.text)) {
      const word = term.text.toLowerCase()
      const holds = { test: (name: string) => name.toLowerCase().includes(word) }
      funcNames = narrow(funcNames, names.funcNames, term.negated, holds)
    } else terms.push(term)
  }
  const { tags, workerIds, statuses, since, until, taskIds = null } = filter
  const hasResidual = taskIds !== null || tags.length > 0 || workerIds.length > 0 || terms.length > 0
  return {
    exact: { statuses: setOf(statuses), funcNames, queues, sources, since, until },
    residual: hasResidual ? { tags, workerIds, terms, taskIds, errorGroup: errorGroupOf(terms) } : null,
  }
}

/** Whether it leaves anything out. */
export function isNarrow(exact: ExactFilter): boolean {
  return Object.values(exact).some((part) => part !== null)
}

export function isIdPart(text: string): boolean {
  return /^[0-9a-f-]+$/i.test(text)
}

/** What a residual is decided by. What costs work to read is asked for only where it matters. */
export interface ResidualTask {
  readonly taskId: string
  readonly funcName: string
  readonly workerId: string | null
  readonly userLabel: string | null
  readonly error: string | null
  readonly errorGroup: string | null
  readonly tags: () => Readonly<Record<string, string>>
  /** As a search may read them. */
  readonly args: () => unknown
}

/** Which fields of a task decide a residual; the others need not be read. */
export function residualReads(
  residual: Residual,
): Readonly<Record<'error' | 'tags' | 'args' | 'errorGroup' | 'userLabel', boolean>> {
  const { tags, terms } = residual
  const has = (wanted: SearchTerm['kind']) => terms.some(({ kind }) => kind === wanted)
  return {
    error: has('error'),
    tags: tags.length > 0 || has('tag'),
    args: has('args'),
    errorGroup: has('error_group'),
    userLabel: has('user'),
  }
}

/** The test whether a task belongs to a residual. */
export function residualTest(residual: Residual): (task: ResidualTask) => boolean {
  const { tags, workerIds, terms, taskIds } = residual
  const reads = residualReads(residual)
  return (task) => {
    const { taskId, funcName, workerId, userLabel, error, errorGroup } = task
    if (taskIds !== null && !taskIds.includes(taskId)) return false
    if (workerIds.length > 0 && (workerId === null || !workerIds.includes(workerId))) return false
    const ownTags = reads.tags ? task.tags() : {}
    if (!tags.every(({ key, value }) => Object.hasOwn(ownTags, key) && ownTags[key] === value)) return false
    if (terms.length === 0) return true
    const args = reads.args ? task.args() : undefined
    // Terms look at nothing else: names of functions, queues and sources were resolved before.
    const known = { taskId, funcName, workerId, userLabel, error, tags: ownTags, args, errorGroup }
    const searched = known as Partial<Searchable> as Searchable
    return terms.every((term) => matchesTerm(searched, term))
  }
}

function errorGroupOf(terms: readonly SearchTerm[]): string | null {
  const term = terms.find(({ kind, negated }) => kind === 'error_group' && !negated)
  return term?.kind === 'error_group' ? term.text : null
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
