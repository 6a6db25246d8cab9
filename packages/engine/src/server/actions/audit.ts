import { parseInteger, parseWord, ProtocolError, single, type AuditLogPage, type AuditSlice } from '@taskloom/protocol'
import type { TaskSource } from '../source.ts'
import { refuseUnsupported, type ActionInput } from './action.ts'

const pageSize = { min: 1, max: 500, fallback: 50 }
const sliceSize = { min: 1, max: 10_000, fallback: 1_000 }
const maxTextLength = 300

/** A page of the audit log, newest first. */
export async function listAudit(source: TaskSource, { query }: ActionInput): Promise<AuditLogPage> {
  const { audit = refuseUnsupported() } = source
  const { entries, next } = await audit.list({
    cursor: query.has('cursor') ? readNumber(query, 'cursor') : null,
    limit: parseInteger(query, 'limit', pageSize),
    taskId: readText(query, 'task_id'),
    actor: readText(query, 'actor'),
    action: readText(query, 'action'),
    outcome: query.has('outcome') ? parseWord(query, 'outcome', ['ok', 'failed', 'denied'], 'ok') : undefined,
    since: readInstant(query, 'since'),
    until: readInstant(query, 'until'),
  })
  return { entries, nextCursor: next === null ? null : String(next) }
}

/** Whether a slice of the log is as it was written. */
export function verifyAudit(source: TaskSource, { query }: ActionInput): Promise<AuditSlice> {
  const { audit = refuseUnsupported() } = source
  const from = query.has('from') ? readNumber(query, 'from') : 1
  return audit.verify({ from, limit: parseInteger(query, 'limit', sliceSize) })
}

function readNumber(query: URLSearchParams, name: string): number {
  const value = parseInteger(query, name, { min: 1, max: Number.MAX_SAFE_INTEGER, fallback: Number.NaN })
  if (!Number.isNaN(value)) return value
  throw new ProtocolError(name === 'cursor' ? 'bad_cursor' : 'bad_query', `${name}: expected a whole number from 1`, {
    parameter: name,
  })
}

function readText(query: URLSearchParams, name: string): string | undefined {
  const text = single(query, name) ?? ''
  if (text.length <= maxTextLength && !text.includes('\0')) return text === '' ? undefined : text
  throw new ProtocolError('bad_query', `${name}: expected at most ${maxTextLength} characters`, { parameter: name })
}

function readInstant(query: URLSearchParams, name: string): number | undefined {
  const text = single(query, name) ?? ''
  if (text === '') return undefined
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw new ProtocolError('bad_query', `${name}: expected an ISO 8601 instant`, { parameter: name })
}
