import type { Json, JsonSchema } from '../codec.ts'
import { maxSuggestions, suggestionFields } from '../insights.ts'
import { defaultPageSize, maxPageSize, sortFields } from '../query.ts'
import type { RouteName } from '../routes/index.ts'
import { logLevels, taskSources, taskStatuses, terminalStatuses } from '../status.ts'
import { timelineGroups } from '../views.ts'

interface Parameter {
  readonly schema: JsonSchema
  readonly description: string
  readonly required?: true
}

const text: JsonSchema = { type: 'string' }
const instant: JsonSchema = { type: 'string', format: 'date-time' }
const several = (items: JsonSchema): JsonSchema => ({ type: 'array', items, maxItems: 50 })
const whole = (minimum: number, maximum?: number, fallback?: number): JsonSchema => ({
  type: 'integer',
  minimum,
  ...(maximum === undefined ? {} : { maximum }),
  ...(fallback === undefined ? {} : { default: fallback }),
})
const word = (words: readonly string[], fallback?: string): JsonSchema => ({
  type: 'string',
  enum: [...words],
  ...(fallback === undefined ? {} : { default: fallback }),
})
const suggestionPattern = `^(${suggestionFields.join('|')}|tag\\..+|args\\..+)$`
const span = '^[0-9]{1,6}[mhd]$'

/** What a name means wherever nothing else is said for a route. */
const queryParameters: Readonly<Record<string, Parameter>> = {
  status: { schema: several(word(taskStatuses)), description: 'In one of these statuses.' },
  func_name: { schema: several(text), description: 'Of one of these functions, by whole name.' },
  queue: { schema: several(text), description: 'In one of these queues, by whole name.' },
  source: { schema: several(word(taskSources)), description: 'Asked for by one of these.' },
  tag: {
    schema: several({ type: 'string', pattern: '^[^:]+:' }),
    description: 'With all of these tags, as `key:value`.',
  },
  worker_id: { schema: several(text), description: 'Run by one of these processes.' },
  since: { schema: instant, description: 'At or after this instant, down to its whole minute.' },
  until: { schema: instant, description: 'Before this instant, up to its whole minute.' },
  window: {
    schema: { type: 'string', pattern: span },
    description: 'Instead of `since`: the last `15m`, `6h` or `7d`.',
  },
  q: { schema: { type: 'string', maxLength: 1_000 }, description: 'The words of the search box; all must hold.' },
  sort: { schema: word(sortFields, 'created_at'), description: 'By what rows are sorted; equal ones by id.' },
  order: { schema: word(['asc', 'desc'], 'desc'), description: 'Rising or falling.' },
  limit: { schema: whole(1, maxPageSize, defaultPageSize), description: 'How many at most.' },
  cursor: { schema: text, description: 'Where to read on, as the page before gave it.' },
  hours: { schema: whole(1, 2_160, 24), description: 'How far back; `since` and `until` win.' },
  bucket: { schema: { type: 'string', pattern: span }, description: 'The width of a bucket; chosen by default.' },
  group: { schema: word(timelineGroups, 'status'), description: 'By what each bucket is divided.' },
  after: { schema: whole(0, undefined, 0), description: 'Lines after this one.' },
  level: { schema: word(logLevels, 'debug'), description: 'Lines that matter at least so much.' },
  last_event_id: { schema: text, description: 'The last frame that came, where a header cannot say it.' },
  task_id: { schema: { type: 'string', maxLength: 300 }, description: 'Also log and progress of this task.' },
  again: { schema: { type: 'boolean', default: false }, description: 'Also those with a live or successful retry.' },
  value: { schema: whole(1, 100_000), description: 'Ended longer ago than so many units.', required: true },
  unit: { schema: word(['min', 'hour', 'day']), description: 'Of `value`.', required: true },
  actor: { schema: text, description: 'Of this actor alone.' },
  action: { schema: text, description: 'Of this action alone.' },
  outcome: { schema: text, description: 'With this outcome alone.' },
  from: { schema: whole(1), description: 'The first entry to look at.' },
  field: {
    schema: { type: 'string', pattern: suggestionPattern },
    description: 'What is completed; `tag` and `args` also with a name or a path behind a dot.',
    required: true,
  },
  prefix: { schema: { type: 'string', maxLength: 300 }, description: 'What is written so far.' },
  next: { schema: text, description: 'Where to go after signing in, relative to the page.' },
}

/** Where a name means something else than in the list. */
const ownParameters: Partial<Record<RouteName, Readonly<Record<string, Parameter>>>> = {
  retryFailed: {
    since: {
      schema: { type: 'string', pattern: '^([0-9]{1,5}[hd]|all)$' },
      description: 'Failed within the last `6h` or `7d`, or `all`.',
      required: true,
    },
    func_name: { schema: text, description: 'Of this function alone.' },
  },
  clearHistory: {
    status: {
      schema: several(word(terminalStatuses)),
      description: 'In one of these statuses; `interrupted` only when it is named.',
    },
  },
  logs: {
    q: { schema: { type: 'string', maxLength: 200 }, description: 'Lines that hold this text.' },
    limit: { schema: whole(1, maxPageSize, 200), description: 'How many lines at most.' },
  },
  schedules: {
    q: { schema: { type: 'string', maxLength: 300 }, description: 'Whose name holds this text, in either case.' },
    limit: { schema: whole(1, maxPageSize), description: 'How many at most; all by default.' },
    cursor: { schema: text, description: 'The name after which to read on: the last of the page before.' },
  },
  suggestions: { limit: { schema: whole(1, maxSuggestions, maxSuggestions), description: 'How many at most.' } },
  errors: { func_name: { schema: text, description: 'Of this function alone.' } },
  audit: {
    task_id: {
      schema: { type: 'string', maxLength: 300 },
      description: 'About this task alone: its own entries and those of operations that it belongs to.',
    },
    since: { schema: instant, description: 'At or after this instant.' },
    until: { schema: instant, description: 'Before this instant.' },
    outcome: { schema: word(['ok', 'failed', 'denied']), description: 'With this outcome alone.' },
  },
}

const pathParameters: Readonly<Record<string, Parameter>> = {
  task_id: { schema: { type: 'string', minLength: 1, maxLength: 300 }, description: 'The id of a task.' },
  name: { schema: { type: 'string', minLength: 1, maxLength: 300 }, description: 'A name, as it was defined.' },
  id: { schema: { type: 'string', minLength: 1, maxLength: 300 }, description: 'The id, as the list gives it.' },
  rest: { schema: { type: 'string', minLength: 1 }, description: 'The name of a file.' },
}

/** The parameters of a route as OpenAPI writes them. */
export function describeParameters(name: RouteName, path: string, query: readonly string[]): readonly Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, key = '']) =>
    describe(key, 'path', { ...(pathParameters[key] ?? unknown), required: true }),
  )
  const inQuery = query.map((key) =>
    describe(key, 'query', ownParameters[name]?.[key] ?? queryParameters[key] ?? unknown),
  )
  return [...inPath, ...inQuery]
}

/** Names without a description of their own, for the test that there are none. */
export function undescribedParameters(query: readonly string[]): readonly string[] {
  return query.filter((key) => queryParameters[key] === undefined)
}

const unknown: Parameter = { schema: text, description: '' }

function describe(name: string, where: 'path' | 'query', { schema, description, required }: Parameter): Json {
  return { name, in: where, required: required === true, description, schema }
}
