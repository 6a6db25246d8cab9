import {
  bulkActions,
  bulkOutcomes,
  formatFilter,
  parseFilter,
  parseInteger,
  ProtocolError,
  routes,
  single,
  type ActionName,
  type BulkBegun,
  type Json,
  type OperationDetail,
  type OperationItemPage,
  type OperationPage,
  type OperationView,
  type TaskFilter,
  type TaskSummary,
} from '@taskloom/protocol'
import type { Operation, OperationAction } from '../../stores/operations.ts'
import { maxBulkIds } from '../capabilities.ts'
import { assertAuthorized, assertMayDo } from '../guard/permission.ts'
import type { BulkQuestion, OperationBoard } from '../operations.ts'
import { assertSearchable } from '../shown-args.ts'
import type { TaskSource } from '../source.ts'
import { param, refuseUnsupported, type ActionInput } from './action.ts'

const shownFailures = 20
const defaultPage = 50
const maxPage = 500
const maxIdLength = 300
const maxDelayMs = 60_000
const maxPerSecond = 1_000

/** What the caller must be allowed to do. */
const neededFor: Readonly<Record<OperationAction, ActionName>> = {
  retry: 'bulk_retry',
  cancel: 'bulk_cancel',
  run_now: 'run_now',
  delete: 'bulk_delete',
}

interface BulkBody {
  readonly action: string
  readonly filter?: Json
  readonly taskIds?: readonly string[]
  readonly dryRun?: boolean
  readonly again?: boolean
  /** Milliseconds by now. */
  readonly delay?: number
  readonly perSecond?: number | null
}

/** Begins a bulk action, or says what it would be done to. */
export async function bulk(source: TaskSource, input: ActionInput): Promise<BulkBegun> {
  const board = boardOf(source)
  const body = input.body as BulkBody
  const action = bulkActions.find((known) => known === body.action)
  if (action === undefined) throw badBody('action', `one of ${bulkActions.join(', ')}`)
  await assertMayBulk(action, source, input)
  const pace = { delayMs: readDelay(action, body), perSecond: readPace(action, body) }
  const question: BulkQuestion = { action, target: readTarget(body, input), again: body.again ?? false, ...pace }
  const asked = { ...question, ...permission(action, input) }
  if (body.dryRun !== true) return { operationId: (await board.begin(asked, input.act)).operationId }
  const { count, countIsCapped, sample } = await board.preview(asked)
  return { count, countIsCapped, sample }
}

export async function listOperations(source: TaskSource, { query }: ActionInput): Promise<OperationPage> {
  const limit = readLimit(query)
  const found = await boardOf(source).list(readAfter(query), limit + 1)
  const page = found.slice(0, limit)
  return { operations: page.map(viewOperation), nextCursor: found.length > limit ? idOf(page.at(-1)) : null }
}

export async function readOperation(source: TaskSource, input: ActionInput): Promise<OperationDetail> {
  const board = boardOf(source)
  const operation = await board.get(param(input, 'id'))
  const { operationId } = operation
  const failures = await board.items({ operationId, outcome: 'failed', after: null, limit: shownFailures })
  return { ...viewOperation(operation), failures }
}

export async function listOperationItems(source: TaskSource, input: ActionInput): Promise<OperationItemPage> {
  const { query } = input
  const limit = readLimit(query)
  const word = single(query, 'outcome') || null
  const outcome = bulkOutcomes.find((known) => known === word) ?? null
  if (outcome !== word) throw badQuery('outcome', `one of ${bulkOutcomes.join(', ')}`)
  const question = { operationId: param(input, 'id'), outcome, after: readAfter(query), limit: limit + 1 }
  const found = await boardOf(source).items(question)
  const items = found.slice(0, limit)
  return { items, nextCursor: found.length > limit ? (items.at(-1)?.taskId ?? null) : null }
}

export async function cancelOperation(source: TaskSource, input: ActionInput): Promise<OperationView> {
  return viewOperation(await boardOf(source).cancel(param(input, 'id'), input.act))
}

function boardOf(source: TaskSource): OperationBoard {
  return source.operations ?? refuseUnsupported()
}

async function assertMayBulk(action: OperationAction, source: TaskSource, input: ActionInput): Promise<void> {
  const needed = neededFor[action]
  // The route itself was asked for already.
  if (needed === routes.bulk.action) return
  assertMayDo(needed, input.caller, source, input.settings)
  await assertAuthorized(needed, input.caller, null, input.settings)
}

/** The host's say about each listed task. */
function permission(action: OperationAction, { caller, settings }: ActionInput): Pick<BulkQuestion, 'permits'> {
  if (settings.authorize === null) return {}
  const permits = (task: TaskSummary): Promise<boolean> =>
    assertAuthorized(action, caller, () => Promise.resolve(task), settings).then(
      () => true,
      () => false,
    )
  return { permits }
}

function readTarget({ filter, taskIds }: BulkBody, input: ActionInput): BulkQuestion['target'] {
  if ((filter === undefined) === (taskIds === undefined)) throw badBody('filter', 'either filter or task_ids')
  if (filter !== undefined) return { filter: readFilter(filter, input) }
  const ids = [...new Set(taskIds)]
  if (ids.length === 0 || ids.length > maxBulkIds) throw badBody('task_ids', `1 to ${maxBulkIds} ids`)
  if (ids.some((id) => id.length > maxIdLength || id.includes('\0'))) throw badBody('task_ids', 'ids')
  return { taskIds: ids }
}

/** Milliseconds in which what is asked for can be undone. What only adds something needs no undoing. */
function readDelay(action: OperationAction, { delay = 0 }: BulkBody): number {
  if (!(delay >= 0 && delay <= maxDelayMs)) throw badBody('delay', `0 to ${maxDelayMs / 1_000} seconds`)
  if (delay > 0 && action !== 'cancel' && action !== 'delete') throw badBody('delay', 'none but for cancel and delete')
  return Math.round(delay)
}

function readPace(action: OperationAction, { perSecond = null }: BulkBody): number | null {
  if (perSecond === null) return null
  if (perSecond < 1 || perSecond > maxPerSecond) throw badBody('per_second', `1 to ${maxPerSecond}`)
  return action === 'retry' ? perSecond : refusePace()
}

function refusePace(): never {
  throw badBody('per_second', 'none but for retry')
}

/** `{ "status": ["failed"], "queue": "mail" }`: the names of the list's query. */
function readFilter(filter: Json, { now, settings }: ActionInput): TaskFilter {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) throw badBody('filter', 'an object')
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) {
    if (!routes.metrics.query.includes(name)) throw badBody('filter', 'names of the list’s query')
    for (const text of Array.isArray(value) ? value : [value]) {
      if (typeof text !== 'string') throw badBody('filter', `texts for ${name}`)
      params.append(name, text)
    }
  }
  return assertSearchable(parseFilter(params, now), settings)
}

function viewOperation({ filter, ...operation }: Operation): OperationView {
  const { succeeded, skipped, failed } = operation
  return { ...operation, filter: filter === null ? null : parametersOf(filter), done: succeeded + skipped + failed }
}

function parametersOf(filter: string): Readonly<Record<string, readonly string[]>> {
  const params = formatFilter(JSON.parse(filter) as Partial<TaskFilter>)
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]))
}

function readLimit(query: URLSearchParams): number {
  return parseInteger(query, 'limit', { min: 1, max: maxPage, fallback: defaultPage })
}

function readAfter(query: URLSearchParams): string | null {
  const cursor = single(query, 'cursor') || null
  if (cursor === null || (cursor.length <= maxIdLength && !cursor.includes('\0'))) return cursor
  throw new ProtocolError('bad_cursor', 'The cursor is not one of ours', { parameter: 'cursor' })
}

function idOf(operation: Operation | undefined): string | null {
  return operation?.operationId ?? null
}

function badQuery(parameter: string, expected: string): ProtocolError {
  return new ProtocolError('bad_query', `${parameter}: expected ${expected}`, { parameter })
}

function badBody(parameter: string, expected: string): ProtocolError {
  return new ProtocolError('bad_body', `${parameter}: expected ${expected}`, { parameter })
}
