import { isTerminal } from '@taskloom/protocol'
import type { LifeEvent } from './observer.ts'

/** What a record sink knows of a task; each is a column unless it is mapped to null. */
export const recordFields = [
  'taskId',
  'funcName',
  'status',
  'message',
  'progress',
  'progressPayload',
  'user',
  'affected',
  'tags',
  'result',
  'createdAt',
  'startedAt',
  'completedAt',
  'failedAt',
  'cleanedUp',
] as const
/** One of {@link recordFields}. */
export type RecordField = (typeof recordFields)[number]

/** Values by the names of columns. */
export type SinkRow = Readonly<Record<string, unknown>>

export interface SinkFormat {
  readonly user?: (label: string | null) => unknown
  readonly affected?: (labels: readonly string[]) => unknown
  readonly tags?: (tags: Readonly<Record<string, string>>) => unknown
  /** `text` is JSON. */
  readonly result?: (text: string | null) => unknown
  /** Epoch milliseconds. */
  readonly instant?: (at: number | null) => unknown
}

export interface RowOptions {
  readonly columns?: Partial<Record<RecordField, string | null>>
  readonly format?: SinkFormat
}

/** The columns that an event sets. A later event never takes back what an earlier one knew. */
export function rowOf(event: LifeEvent, { columns = {}, format = {} }: RowOptions): SinkRow {
  const row: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(fieldsOf(event, format)) as [RecordField, unknown][]) {
    const column = columns[field] === undefined ? toSnakeCase(field) : columns[field]
    if (column !== null && value !== undefined) row[column] = value
  }
  return row
}

function fieldsOf(event: LifeEvent, format: SinkFormat): Record<RecordField, unknown> {
  const { task, affected, result } = event
  const { instant = toIso, user = (label) => label, tags = JSON.stringify, result: toResult = (text) => text } = format
  const isOver = isTerminal(task.status)
  const endedAt = isOver ? instant(task.endTime) : undefined
  return {
    taskId: task.taskId,
    funcName: task.funcName,
    status: task.status,
    message: task.error ?? task.progress?.message ?? undefined,
    progress: task.progress?.percent ?? undefined,
    progressPayload: event.progressPayload ?? undefined,
    user: user(task.userLabel),
    affected: (format.affected ?? joined)(affected),
    tags: tags(task.tags),
    result: result === null ? undefined : toResult(result),
    createdAt: instant(task.createdAt),
    startedAt: task.startTime === null ? undefined : instant(task.startTime),
    completedAt: task.status === 'success' ? endedAt : undefined,
    failedAt: isOver && task.status !== 'success' ? endedAt : undefined,
    cleanedUp: event.kind === 'cleanup',
  }
}

function joined(labels: readonly string[]): string {
  return labels.join(', ')
}

function toIso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

function toSnakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
