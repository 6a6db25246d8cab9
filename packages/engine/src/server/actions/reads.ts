import {
  formatCursor,
  logLevels,
  maxPageSize,
  parseFilter,
  parseInteger,
  parseTaskQuery,
  parseWord,
  ProtocolError,
  single,
  type Cursor,
  type LogPage,
  type RouteName,
  type routes,
  type SortField,
  type TaskDetail,
  type TaskFilter,
  type TaskPage,
} from '@taskloom/protocol'
import { describeCapabilities } from '../capabilities.ts'
import { boardsOf, listPanels, renderPanel } from '../panels.ts'
import { assertSearchable, withShownArgs } from '../shown-args.ts'
import type { TaskSource } from '../source.ts'
import { param, refuseUnsupported, type ActionInput, type ActionTable, type SpecialRoute } from './action.ts'
import { listAudit, verifyAudit } from './audit.ts'
import { histogram, latency, readFunction } from './insights.ts'
import { listOperationItems, listOperations, readOperation } from './operations.ts'
import { drift, errors, locks, workers } from './fleet.ts'
import { schedules } from './schedules.ts'
import { suggestions } from './suggestions.ts'
import { readTimelineQuestion } from './timeline-range.ts'

const defaultLogLines = 200
const maxLogSearchLength = 200

type ReadRoute = Exclude<
  { [N in RouteName]: (typeof routes)[N]['method'] extends 'GET' ? N : never }[RouteName],
  SpecialRoute
>

/** Every route that only reads. */
export const reads = {
  list,
  metrics: (source, input) => source.metrics(readFilter(input)),
  timeline(source, { query, now, settings }) {
    const question = readTimelineQuestion(query, now)
    assertSearchable(question.filter, settings)
    if (question.since < question.until) return source.timeline(question)
    return {
      since: question.since,
      until: question.since,
      bucketMs: question.bucketMs,
      group: question.group,
      buckets: [],
    }
  },
  functions: (source) => source.functions(),
  function: readFunction,
  suggestions,
  histogram,
  latency,
  types: (source, input) => source.types(readFilter(input)),
  queues: (source) => source.queues(),
  schedules,
  panels: (source, { settings }) => listPanels(boardsOf(source, settings)),
  panel: (source, input) => renderPanel(boardsOf(source, input.settings), param(input, 'id'), source),
  health: (source) => source.health(),
  livez: () => ({ status: 'ok' }),
  capabilities: (source, { settings, caller }) => describeCapabilities(source, settings, caller),
  detail,
  logs,
  progress: (source, input) => source.progress(param(input, 'task_id')),
  lineage: (source, input) => source.lineage?.(param(input, 'task_id')) ?? refuseUnsupported(),
  operations: listOperations,
  operation: readOperation,
  operationItems: listOperationItems,
  audit: listAudit,
  verifyAudit,
  workers,
  locks,
  drift,
  errors,
} satisfies ActionTable<ReadRoute>

function readFilter({ query, now, settings }: ActionInput): TaskFilter {
  return assertSearchable(parseFilter(query, now), settings)
}

async function list(source: TaskSource, { query, now, settings }: ActionInput): Promise<TaskPage> {
  const question = parseTaskQuery(query, now)
  assertSearchable(question.filter, settings)
  assertCursorFits(question.cursor, question.sort)
  const { tasks, next, prev, total, totalIsCapped } = await source.list(question)
  const format = (cursor: Cursor | null) => (cursor === null ? null : formatCursor(cursor))
  return { tasks, nextCursor: format(next), prevCursor: format(prev), total, totalIsCapped }
}

async function detail(source: TaskSource, input: ActionInput): Promise<TaskDetail> {
  const { settings } = input
  const reading = { opensSealed: settings.displayArgs !== false }
  return withShownArgs(await source.detail(param(input, 'task_id'), reading), settings)
}

function logs(source: TaskSource, input: ActionInput): Promise<LogPage> {
  const text = single(input.query, 'q')
  if (text !== null && (text.length > maxLogSearchLength || text.includes('\0'))) {
    throw new ProtocolError('bad_query', `q: expected at most ${maxLogSearchLength} characters`, { parameter: 'q' })
  }
  return source.logs({
    taskId: param(input, 'task_id'),
    after: parseInteger(input.query, 'after', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 }),
    minLevel: input.query.has('level') ? parseWord(input.query, 'level', logLevels, 'debug') : null,
    text: text === '' ? null : text,
    limit: parseInteger(input.query, 'limit', { min: 1, max: maxPageSize, fallback: defaultLogLines }),
  })
}

const textSorts: readonly SortField[] = ['func_name', 'status', 'task_id']

/** A cursor of another sort would be compared with values of another kind. */
function assertCursorFits(cursor: Cursor | null, sort: SortField): void {
  if (cursor === null) return
  const { value, taskId } = cursor
  const isFitting = textSorts.includes(sort) ? typeof value === 'string' : value === null || Number.isFinite(value)
  if (isFitting && !taskId.includes('\0')) return
  throw new ProtocolError('bad_cursor', 'The cursor belongs to another sort', { parameter: 'cursor' })
}
