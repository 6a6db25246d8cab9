import {
  anyTask,
  maxSampledTasks,
  maxSuggestions,
  parseInteger,
  ProtocolError,
  single,
  suggestionFields,
  type Json,
  type Suggestion,
  type Suggestions,
  type TaskSummary,
} from '@taskloom/protocol'
import { argPaths, argValues } from '../arg-paths.ts'
import { isMasked } from '../redaction.ts'
import { assertSearchable } from '../shown-args.ts'
import type { TaskSource } from '../source.ts'
import { refuseUnsupported, type ActionInput } from './action.ts'

const maxPrefixLength = 300
const maxKeyLength = 300
/** Longer values are not typed but pasted. */
const maxTextLength = 200
/** An error is found by any part of it. */
const maxErrorLength = 120

/** What is counted, and among how many of the newest tasks; null for all. */
interface Counted {
  readonly counts: ReadonlyMap<string, number>
  readonly sampled: number | null
}

/** Values to complete what is being typed: of what is counted anyway, else of a bounded number of the newest tasks. */
export async function suggestions(source: TaskSource, input: ActionInput): Promise<Suggestions> {
  const { query } = input
  const asked = single(query, 'field') ?? ''
  const field = parseField(asked)
  const prefix = (single(query, 'prefix') ?? '').toLowerCase()
  if (prefix.length > maxPrefixLength || prefix.includes('\0')) {
    throw bad('prefix', `at most ${maxPrefixLength} characters`)
  }
  const limit = parseInteger(query, 'limit', { min: 1, max: maxSuggestions, fallback: maxSuggestions })
  const { counts, sampled } = await count(source, input, field)
  const matching = rank(counts, prefix)
  return { field: asked, values: matching.slice(0, limit), truncated: matching.length > limit, sampled }
}

interface Field {
  readonly name: (typeof suggestionFields)[number]
  /** The name of a tag or the path of an argument whose values are wanted; null for the names themselves. */
  readonly key: string | null
}

function parseField(text: string): Field {
  const dot = text.indexOf('.')
  const word = dot < 0 ? text : text.slice(0, dot)
  const key = dot < 0 ? null : text.slice(dot + 1)
  const name = suggestionFields.find((known) => known === word)
  const mayHaveKey = name === 'tag' || name === 'args'
  const isKey = key === null || (mayHaveKey && key !== '' && key.length <= maxKeyLength && !key.includes('\0'))
  if (name !== undefined && isKey && (name !== 'args' || !key?.split('.').includes(''))) return { name, key }
  throw bad('field', `one of ${suggestionFields.join(', ')}, tag.<name> or args.<path>`)
}

async function count(source: TaskSource, input: ActionInput, { name, key }: Field): Promise<Counted> {
  switch (name) {
    case 'func': {
      const types = await source.types(anyTask)
      return { counts: new Map(types.map(({ funcName, runs }) => [funcName, runs])), sampled: null }
    }
    case 'queue': {
      const queues = await source.queues()
      return { counts: new Map(queues.map(({ queue, total }) => [queue, total])), sampled: null }
    }
    case 'tag':
      return countTasks(source, ({ tags }) => (key === null ? Object.keys(tags) : ownTag(tags, key)))
    case 'worker':
      return countTasks(source, ({ workerId }) => [workerId ?? ''])
    case 'user':
      return countTasks(source, ({ userLabel }) => [userLabel ?? ''])
    case 'error':
      return countTasks(source, ({ error }) => [cut(error ?? '')])
    case 'args':
      return countArgs(source, input, key?.split('.') ?? null)
  }
}

async function countTasks(source: TaskSource, textsOf: (task: TaskSummary) => readonly string[]): Promise<Counted> {
  const question = { filter: anyTask, sort: 'created_at', order: 'desc', limit: maxSampledTasks, cursor: null } as const
  const { tasks } = await source.list(question)
  return { counts: tally(tasks.map(textsOf)), sampled: tasks.length }
}

async function countArgs(
  source: TaskSource,
  { settings }: ActionInput,
  path: readonly string[] | null,
): Promise<Counted> {
  // What may not be searched is not completed, either.
  const term = { kind: 'args', path: path ?? [], text: '', negated: false } as const
  assertSearchable({ ...anyTask, search: [term] }, settings, 'field')
  if (!source.sampleArgs) return refuseUnsupported()
  const { redaction } = settings
  const sample = await source.sampleArgs(anyTask, maxSampledTasks)
  const textsOf = (args: Json): readonly string[] =>
    path === null ? argPaths(args, (steps) => redaction.hides(steps)) : argValues(args, path)
  return { counts: tally(sample.map(textsOf)), sampled: sample.length }
}

/** In how many of the lists each text is. */
function tally(lists: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const texts of lists) {
    for (const text of new Set(texts)) {
      if (text === '' || text.length > maxTextLength || isMasked(text)) continue
      counts.set(text, (counts.get(text) ?? 0) + 1)
    }
  }
  return counts
}

/** What begins with the prefix, then what holds it; the most frequent first. */
function rank(counts: ReadonlyMap<string, number>, prefix: string): readonly Suggestion[] {
  const found = [...counts].flatMap(([text, amount]) => {
    const at = text.toLowerCase().indexOf(prefix)
    return at < 0 ? [] : [{ text, count: amount, isInner: at > 0 }]
  })
  return found
    .sort((a, b) => Number(a.isInner) - Number(b.isInner) || b.count - a.count || (a.text < b.text ? -1 : 1))
    .map(({ text, count }) => ({ text, count }))
}

function ownTag(tags: TaskSummary['tags'], key: string): readonly string[] {
  return Object.hasOwn(tags, key) ? [tags[key] ?? ''] : []
}

/** Its beginning, without half of a character at the end. */
function cut(error: string): string {
  return error.slice(0, maxErrorLength).replace(/[\uD800-\uDBFF]$/, '')
}

function bad(parameter: string, expected: string): ProtocolError {
  return new ProtocolError('bad_query', `${parameter}: expected ${expected}`, { parameter })
}
