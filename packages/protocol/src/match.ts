import type { TaskFilter } from './query.ts'
import { globToRegExp, patternFields, type SearchTerm } from './search.ts'
import type { TaskSummary } from './task.ts'

/** What a search may look at beyond the summary. */
export interface Searchable extends TaskSummary {
  /** The arguments as JSON; absent where they are not readable. */
  readonly args?: unknown
  /** The kind of its failure, if it has failed; absent where that is not known. */
  readonly errorGroup?: string | null
}

/** Whether a task belongs to a filter: the meaning that every store and every live stream must agree on. */
export function matchesFilter(task: Searchable, filter: TaskFilter): boolean {
  return (
    (filter.taskIds === undefined || filter.taskIds.includes(task.taskId)) &&
    includes(filter.statuses, task.status) &&
    includes(filter.funcNames, task.funcName) &&
    includes(filter.queues, task.queue) &&
    includes(filter.sources, task.source) &&
    (filter.workerIds.length === 0 || (task.workerId !== null && filter.workerIds.includes(task.workerId))) &&
    filter.tags.every(({ key, value }) => Object.hasOwn(task.tags, key) && task.tags[key] === value) &&
    (filter.since === null || task.createdAt >= filter.since) &&
    (filter.until === null || task.createdAt < filter.until) &&
    filter.search.every((term) => matchesTerm(task, term))
  )
}

/** Whether one term of a search holds for a task. */
export function matchesTerm(task: Searchable, term: SearchTerm): boolean {
  return holds(task, term) !== term.negated
}

function holds(task: Searchable, term: SearchTerm): boolean {
  switch (term.kind) {
    case 'word':
      return matchesWord(task, term.text.toLowerCase())
    case 'error':
      return task.error !== null && task.error.toLowerCase().includes(term.text.toLowerCase())
    case 'error_group':
      return task.errorGroup === term.text
    case 'tag':
      return Object.hasOwn(task.tags, term.key) && globToRegExp(term.text).test(task.tags[term.key] ?? '')
    case 'args':
      return matchesPath(task.args, term.path, term.text)
    default: {
      const value = task[patternFields[term.kind]]
      return value !== null && globToRegExp(term.pattern).test(value)
    }
  }
}

function matchesWord(task: TaskSummary, word: string): boolean {
  return task.taskId.includes(word) || task.funcName.toLowerCase().includes(word)
}

/** `args.user.id:42` looks into every argument for `user.id`; with a numeric first step, into that argument alone. */
function matchesPath(args: unknown, path: readonly string[], text: string): boolean {
  if (!Array.isArray(args)) return false
  return [args, ...(args as unknown[])].some((root) => {
    const value = path.reduce<unknown>(
      (inner, step) => (isObject(inner) && Object.hasOwn(inner, step) ? inner[step] : undefined),
      root,
    )
    if (typeof value === 'string') return value.toLowerCase() === text.toLowerCase()
    return (typeof value === 'number' || typeof value === 'boolean' || value === null) && String(value) === text
  })
}

function includes(words: readonly string[], word: string): boolean {
  return words.length === 0 || words.includes(word)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
