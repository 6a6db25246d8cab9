import {
  parseInteger,
  parseWord,
  ProtocolError,
  single,
  terminalStatuses,
  type BulkAnswer,
  type ErrorGroup,
  type RouteName,
  type TaskAnswer,
  type TaskStatus,
  type TaskSummary,
} from '@taskloom/protocol'
import { maxBulkIds } from '../capabilities.ts'
import type { ErrorMark } from '../../stores/error-marks.ts'
import type { TaskSource } from '../source.ts'
import { param, refuseUnsupported, type ActionInput, type ActionTable, type SpecialRoute } from './action.ts'
import { enqueue } from './enqueue.ts'
import { bulk, cancelOperation } from './operations.ts'
import { drainQueue, pauseQueue, resumeQueue } from './fleet.ts'
import type { reads } from './reads.ts'
import { readMove } from './move.ts'
import { reveal } from './reveal.ts'
import { pauseSchedules, resumeSchedules } from './schedules.ts'

type CommandRoute = Exclude<RouteName, keyof typeof reads | SpecialRoute>

/** Every route that changes something. */
export const commands = {
  retry: async (source, input) => answer(await source.retry(param(input, 'task_id'), input.act)),
  cancel: async (source, input) => answer(await source.cancel(param(input, 'task_id'), input.act)),
  runNow: async (source, input) => answer(await source.runNow(param(input, 'task_id'), input.act)),
  move: async (source, input) => {
    if (!source.move) return refuseUnsupported()
    return answer(await source.move(param(input, 'task_id'), readMove(input.body), input.act))
  },
  async delete(source, input) {
    await source.delete(param(input, 'task_id'), input.act)
    return { deleted: 1 }
  },
  bulkRetry,
  retryFailed,
  clearHistory,
  runSchedule: async (source, input) => answer(await source.runSchedule(param(input, 'name'), input.act)),
  pauseSchedule: (source, input) => source.pauseSchedule(param(input, 'name'), input.act),
  resumeSchedule: (source, input) => source.resumeSchedule(param(input, 'name'), input.act),
  pauseQueue,
  resumeQueue,
  drainQueue,
  bulk,
  cancelOperation,
  pauseSchedules,
  resumeSchedules,
  resolveError: (source, input) => mark(source, input, 'resolved'),
  ignoreError: (source, input) => mark(source, input, 'ignored'),
  reopenError: (source, input) => mark(source, input, null),
  enqueue,
  reveal,
} satisfies ActionTable<CommandRoute>

function mark(source: TaskSource, input: ActionInput, word: ErrorMark | null): Promise<ErrorGroup> {
  return source.markError?.(param(input, 'id'), word, input.act) ?? refuseUnsupported()
}

function answer(task: TaskSummary): TaskAnswer {
  return { taskId: task.taskId, task }
}

interface BulkRetryBody {
  readonly taskIds: readonly string[]
  readonly again?: boolean
}

const maxIdLength = 300

async function bulkRetry(source: TaskSource, { body, act, permits }: ActionInput): Promise<BulkAnswer> {
  const { taskIds, again = false } = body as BulkRetryBody
  if (taskIds.length > maxBulkIds) throw badBody(`task_ids: expected at most ${maxBulkIds} ids`)
  if (taskIds.some((id) => id.length > maxIdLength || id.includes('\0'))) throw badBody('task_ids: expected ids')
  const asked = [...new Set(taskIds)]
  const isPermitted = await eachOf(asked, permits)
  const answer = await source.bulkRetry(
    asked.filter((_, index) => isPermitted[index]),
    { again },
    act,
  )
  const results = new Map(answer.results.map((result) => [result.originalTaskId, result]))
  const forbidden = (id: string) => ({ originalTaskId: id, newTaskId: null, reason: 'forbidden' })
  return {
    dispatched: answer.dispatched,
    skipped: asked.length - answer.dispatched,
    results: asked.map((id) => results.get(id) ?? forbidden(id)),
  }
}

/** One after the other: a host that is asked a thousand things at once answers none of them in time. */
async function eachOf(ids: readonly string[], ask: (id: string) => Promise<boolean>): Promise<readonly boolean[]> {
  const answers: boolean[] = []
  for (const id of ids) answers.push(await ask(id))
  return answers
}

function retryFailed(source: TaskSource, { query, now, act }: ActionInput): Promise<BulkAnswer> {
  const again = parseWord(query, 'again', ['true', 'false'], 'false') === 'true'
  const funcName = single(query, 'func_name') || null
  if (funcName !== null && (funcName.length > maxIdLength || funcName.includes('\0'))) {
    throw badQuery('func_name', 'a function name')
  }
  return source.retryFailed({ since: readSince(single(query, 'since'), now), funcName, again }, act)
}

async function clearHistory(source: TaskSource, { query, act }: ActionInput): Promise<{ deleted: number }> {
  const value = parseInteger(query, 'value', { min: 1, max: 100_000, fallback: Number.NaN })
  if (Number.isNaN(value)) throw badQuery('value', 'a whole number from 1')
  if (!query.has('unit')) throw badQuery('unit', 'min, hour or day')
  const unit = parseWord(query, 'unit', ['min', 'hour', 'day'], 'day')
  const statuses = readStatuses(query.getAll('status'))
  return { deleted: await source.clearHistory({ olderThanMs: value * unitMs[unit], statuses }, act) }
}

const unitMs = { min: 60_000, hour: 3_600_000, day: 86_400_000 } as const
const maxSinceDays = 3_650

/** `6h`, `7d` or `all`. It must be said: nobody retries a whole history by leaving a parameter out. */
function readSince(text: string | null, now: number): number | null {
  if (text === 'all') return null
  const match = /^(\d{1,5})(h|d)$/.exec(text ?? '')
  const lengthMs = match ? Number(match[1]) * (match[2] === 'h' ? unitMs.hour : unitMs.day) : 0
  if (lengthMs <= 0 || lengthMs > maxSinceDays * unitMs.day) throw badQuery('since', '<N>h, <N>d or all')
  return now - lengthMs
}

/** `interrupted` tasks may still be wanted, and so they go only when they are named. */
function readStatuses(words: readonly string[]): readonly TaskStatus[] {
  if (words.length === 0) return ['success', 'failed', 'cancelled']
  return [...new Set(words)].map((word) => {
    const status = terminalStatuses.find((candidate) => candidate === word)
    if (status === undefined) throw badQuery('status', `one of ${terminalStatuses.join(', ')}`)
    return status
  })
}

function badQuery(parameter: string, expected: string): ProtocolError {
  return new ProtocolError('bad_query', `${parameter}: expected ${expected}`, { parameter })
}

function badBody(detail: string): ProtocolError {
  return new ProtocolError('bad_body', detail, { parameter: 'task_ids' })
}
