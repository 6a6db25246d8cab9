import {
  array,
  integer,
  nullable,
  object,
  openEnum,
  string,
  instant,
  boolean,
  type Codec,
  type Infer,
} from './codec.ts'
import { logEntry, metrics, taskProgress, taskSummary } from './task.ts'
import { capabilities } from './views.ts'

const overflow = object({ changed: integer, sinceRevision: integer })
const hint = object({ changed: boolean })

/** Every event of the live stream with the shape of its data. */
export const liveEvents = {
  hello: object({ epoch: string, revision: integer, serverTime: instant, capabilities }),
  /** Tasks that changed and belong to the filter, and ids of tasks that left it. With `overflow` both are empty. */
  tasks: object({ changed: array(taskSummary), removed: array(string), overflow: nullable(overflow) }),
  counts: metrics,
  log: object({ taskId: string, entries: array(logEntry) }),
  progress: taskProgress,
  schedules: hint,
  queues: hint,
  workers: hint,
  operations: hint,
  audit: hint,
  reset: object({ reason: openEnum(['epoch', 'gap', 'slow_reader', 'store_replaced']) }),
  bye: object({ reason: openEnum(['shutdown', 'session_ended']) }),
} as const

/** The names of the events of the live stream. */
export type LiveEventName = keyof typeof liveEvents
/**
 * One event of the live stream. Those that move the reader’s place on have an `id`, see {@link parseLiveId}; others
 * have null.
 */
export type LiveEvent = {
  [N in LiveEventName]: { readonly event: N; readonly id: string | null; readonly data: Infer<(typeof liveEvents)[N]> }
}[LiveEventName]

/** The place in the stream that a frame brings its reader to. A new epoch means another server process. */
export interface LivePosition {
  /** The life of the server process that sent it. */
  readonly epoch: string
  /** The number of the newest change that is told; grows by one with each. */
  readonly revision: number
}

/** A position as the `id` of an event, which comes back as `Last-Event-ID`. */
export function formatLiveId({ epoch, revision }: LivePosition): string {
  return `${epoch}-${revision}`
}

/** Reads what {@link formatLiveId} wrote; null for anything else. */
export function parseLiveId(text: string | null): LivePosition | null {
  const match = /^([0-9a-z]{1,40})-(\d{1,15})$/.exec(text ?? '')
  return match ? { epoch: match[1] as string, revision: Number(match[2]) } : null
}

/** One server-sent event as text. */
export function encodeLiveEvent(event: LiveEvent): string {
  return formatLiveEvent(event.event, event.id, encodeLiveData(event))
}

/** The data of an event as JSON text. */
export function encodeLiveData(event: LiveEvent): string {
  const codec = liveEvents[event.event] as Codec<unknown>
  return JSON.stringify(codec.encode(event.data))
}

/** One server-sent event as text, of data that is JSON text already. */
export function formatLiveEvent(event: string, id: string | null, data: string): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`
}

/** Reads an event as a parser of the event-stream format gives it; null for events that a newer server may add. */
export function decodeLiveEvent(raw: {
  readonly event?: string | undefined
  readonly id?: string | undefined
  readonly data: string
}): LiveEvent | null {
  const name = raw.event ?? ''
  if (!Object.hasOwn(liveEvents, name)) return null
  const codec = liveEvents[name as LiveEventName] as Codec<unknown>
  return { event: name, id: raw.id ?? null, data: codec.decode(JSON.parse(raw.data)) } as LiveEvent
}
