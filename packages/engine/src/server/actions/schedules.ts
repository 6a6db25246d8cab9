import {
  maxPageSize,
  maxScheduleNames,
  parseInteger,
  ProtocolError,
  single,
  type ScheduleEntry,
  type SchedulesAnswer,
} from '@taskloom/protocol'
import { pageByName } from '../../core/page-by-name.ts'
import type { SchedulesQuestion, TaskSource } from '../source.ts'
import { refuseUnsupported, type ActionInput } from './action.ts'

const maxTextLength = 300

/** All of them, or a page in the order of their names: the next one begins after the last of it. */
export async function schedules(source: TaskSource, { query }: ActionInput): Promise<readonly ScheduleEntry[]> {
  const limit = query.has('limit') ? parseInteger(query, 'limit', { min: 1, max: maxPageSize, fallback: 1 }) : null
  const question: SchedulesQuestion = { text: readText(query, 'q'), after: readText(query, 'cursor'), limit }
  // A source may give more than it was asked for.
  return pageByName(await source.schedules(question), ({ funcName }) => funcName, question)
}

export function pauseSchedules(source: TaskSource, input: ActionInput): Promise<SchedulesAnswer> {
  return setPaused(source, input, true)
}

export function resumeSchedules(source: TaskSource, input: ActionInput): Promise<SchedulesAnswer> {
  return setPaused(source, input, false)
}

function setPaused(source: TaskSource, { body, act }: ActionInput, isPaused: boolean): Promise<SchedulesAnswer> {
  const { names = null } = body as { readonly names?: readonly string[] }
  if (names !== null && (names.length > maxScheduleNames || names.some((name) => !isText(name)))) {
    throw new ProtocolError('bad_body', `names: expected at most ${maxScheduleNames} names`, { parameter: 'names' })
  }
  return source.setSchedulesPaused?.(names, isPaused, act) ?? refuseUnsupported()
}

function readText(query: URLSearchParams, name: string): string | null {
  const text = single(query, name) || null
  if (text === null || isText(text)) return text
  throw new ProtocolError('bad_query', `${name}: expected at most ${maxTextLength} characters`, { parameter: name })
}

function isText(text: string): boolean {
  return text.length <= maxTextLength && !text.includes('\0')
}
