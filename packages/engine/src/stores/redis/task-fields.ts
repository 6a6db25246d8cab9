import type { Attempt, LogEntry, TaskSummary } from '@taskloom/protocol'
import type { LogLine, TaskRecord } from '../../core/record.ts'
import { impliedAttempt } from '../attempts.ts'

/**
 * The fields of a task's hash. Beside these each attempt has one, {@link attemptField}, but the one that the task itself
 * tells of: {@link attemptsOf} gives all of them.
 *
 * - `s` the stamp: a number that rises with every change but that of the log; whoever decides on what he has read writes
 *   only if it is the same still.
 * - `h` the head: JSON of what lists show, see {@link decodeSummary}.
 * - `b` the body: JSON of all else that is small.
 * - `a` the arguments and `r` the result, each as the record has it; no `r` for null.
 * - `o` when the attempt began that the task itself tells of; not there when it tells of none.
 * - `l` is there, as `1`, once there is a line of its log. The head says nothing of it.
 * - `g` the fingerprint of its failure; not there unless it has failed.
 */
export interface TaskFields {
  readonly s: string
  readonly h: string
  readonly b: string
  readonly a: string
  readonly r: string | null
  readonly o: string | null
  readonly l: string | null
  readonly g: string | null
}

/** What lists read of each task, in the order that {@link decodeSummary} takes them. */
export const summaryFields = ['h', 'l'] as const
/** What a whole record is read from, in the order that {@link decodeRecord} takes them. */
export const recordFields = ['h', 'l', 'b', 'a', 'r'] as const

/** The members of a summary in the order in which the head has them; new ones are only ever added at the end. */
type HeadMembers = readonly [
  'taskId',
  'funcName',
  'queue',
  'status',
  'createdAt',
  'runAt',
  'startTime',
  'endTime',
  'durationMs',
  'waitMs',
  'attempt',
  'retriesUsed',
  'maxRetries',
  'priority',
  'executor',
  'source',
  'error',
  'tags',
  'progress',
  'userLabel',
  'workerId',
  'retriedFrom',
  'retryCount',
  'version',
]

/** The members of the body, likewise. */
const bodyMembers = [
  'redact',
  'stacktrace',
  'errorCode',
  'progressPayload',
  'idempotencyKey',
  'locks',
  'affected',
  'traceId',
  'traceparent',
  'tracestate',
  'schedule',
  'slotAt',
  'interruptions',
  'cancelRequestedAt',
  'truncated',
] as const satisfies readonly (keyof TaskRecord)[]

/** The head of a task. Member by member, which takes a fraction of the time that looking them up by name does. */
export function encodeHead(task: TaskRecord): string {
  const values: ValuesOf<HeadMembers, TaskRecord> = [
    task.taskId,
    task.funcName,
    task.queue,
    task.status,
    task.createdAt,
    task.runAt,
    task.startTime,
    task.endTime,
    task.durationMs,
    task.waitMs,
    task.attempt,
    task.retriesUsed,
    task.maxRetries,
    task.priority,
    task.executor,
    task.source,
    task.error,
    task.tags,
    task.progress,
    task.userLabel,
    task.workerId,
    task.retriedFrom,
    task.retryCount,
    task.version,
  ]
  return JSON.stringify(values)
}

/** The body of a task. */
export function encodeBody(task: TaskRecord): string {
  const values: ValuesOf<typeof bodyMembers, TaskRecord> = [
    task.redact,
    task.stacktrace,
    task.errorCode,
    task.progressPayload,
    task.idempotencyKey,
    task.locks,
    task.affected,
    task.traceId,
    task.traceparent,
    task.tracestate,
    task.schedule,
    task.slotAt,
    task.interruptions,
    task.cancelRequestedAt,
    task.truncated,
  ]
  return JSON.stringify(values)
}

/** Whether two tasks have the same body. */
export function isSameBody(a: TaskRecord, b: TaskRecord): boolean {
  for (const member of bodyMembers) if (a[member] !== b[member]) return false
  return true
}

const inBody: ReadonlySet<string> = new Set(bodyMembers)

/** Whether a change is one of the body, too. */
export function changesBody(set: Partial<TaskRecord>): boolean {
  for (const member in set) if (inBody.has(member)) return true
  return false
}

/** What lists show, from the fields `h` and `l`. */
export function decodeSummary(head: string, hasLogs: string | null): TaskSummary {
  const values = JSON.parse(head) as ValuesOf<HeadMembers, TaskSummary>
  // Written out: a list looks at thousands of heads, and copying members by name takes several times as long.
  return {
    taskId: values[0],
    funcName: values[1],
    queue: values[2],
    status: values[3],
    createdAt: values[4],
    runAt: values[5],
    startTime: values[6],
    endTime: values[7],
    durationMs: values[8],
    waitMs: values[9],
    attempt: values[10],
    retriesUsed: values[11],
    maxRetries: values[12],
    priority: values[13],
    executor: values[14],
    source: values[15],
    error: values[16],
    tags: values[17],
    progress: values[18],
    userLabel: values[19],
    workerId: values[20],
    retriedFrom: values[21],
    retryCount: values[22],
    version: values[23],
    hasLogs: hasLogs !== null,
  }
}

/** The values of members at the places of their names. */
type ValuesOf<Names extends readonly unknown[], Of> = {
  readonly [Place in keyof Names]: Names[Place] extends keyof Of ? Of[Names[Place]] : never
}

/** A record while it is being read. */
type Filled = { -readonly [Member in keyof TaskRecord]: TaskRecord[Member] }

/** A whole record, from the fields {@link recordFields}. */
export function decodeRecord(
  head: string,
  hasLogs: string | null,
  body: string,
  args: string,
  result: string | null,
): TaskRecord {
  // Added one by one: to copy the members of a second object by name takes more time than all the rest of reading a task.
  const record = decodeSummary(head, hasLogs) as Filled
  fillBody(record, body)
  record.args = args
  record.result = result
  return record
}

/** Member by member, so that all have one shape: records are copied and compared a lot. */
function fillBody(record: Filled, text: string): void {
  const values = JSON.parse(text) as ValuesOf<typeof bodyMembers, TaskRecord>
  record.redact = values[0]
  record.stacktrace = values[1]
  record.errorCode = values[2]
  record.progressPayload = values[3]
  record.idempotencyKey = values[4]
  record.locks = values[5]
  record.affected = values[6]
  record.traceId = values[7]
  record.traceparent = values[8]
  record.tracestate = values[9]
  record.schedule = values[10]
  record.slotAt = values[11]
  record.interruptions = values[12]
  record.cancelRequestedAt = values[13]
  record.truncated = values[14]
}

/** The paths that are not shown, from the field `b`. */
export function redactOf(body: string): readonly string[] {
  return (JSON.parse(body) as [readonly string[]])[0]
}

const attemptMark = 't'

/** The field of an attempt in the hash of its task: `t1` for the first. */
export function attemptField(attempt: number): string {
  return `${attemptMark}${attempt}`
}

/** Each run of a task so far, the first one first; `fields` are all of its hash. */
export function attemptsOf(task: TaskRecord, fields: ReadonlyMap<string, string>): readonly Attempt[] {
  const attempts: Attempt[] = []
  for (const [field, text] of fields) if (field.startsWith(attemptMark)) attempts.push(decodeAttempt(text))
  const startedAt = fields.get('o')
  const implied = startedAt === undefined ? null : impliedAttempt(task, Number(startedAt))
  if (implied) attempts.push(implied)
  return attempts.sort((a, b) => a.attempt - b.attempt)
}

/** An attempt as text. */
export function encodeAttempt({ attempt, startedAt, endedAt, outcome, error, stacktrace, workerId }: Attempt): string {
  return JSON.stringify([attempt, startedAt, endedAt, outcome, error, stacktrace, workerId])
}

/** An attempt from its text. */
export function decodeAttempt(text: string): Attempt {
  const [attempt, startedAt, endedAt, outcome, error, stacktrace, workerId] = JSON.parse(text) as AttemptTuple
  return { attempt, startedAt, endedAt, outcome, error, stacktrace, workerId }
}

type AttemptTuple = [number, number, number | null, string | null, string | null, string | null, string | null]

/** A line of a log as text; its number is its place in the list. */
export function encodeLine({ at, level, message, attempt, extra }: LogLine): string {
  return JSON.stringify([at, level, message, attempt, extra])
}

/** A line of a log from its text; `line` counts from 1. */
export function decodeLine(text: string, line: number): LogEntry {
  const [at, level, message, attempt, extra] = JSON.parse(text) as LineTuple
  return { line, at, level, message, attempt, extra }
}

type LineTuple = [LogEntry['at'], LogEntry['level'], LogEntry['message'], LogEntry['attempt'], LogEntry['extra']]
