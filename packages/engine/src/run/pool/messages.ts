import { logLevels, type Json, type LogEntry } from '@taskloom/protocol'
import { longestMs } from '../../core/duration.ts'
import { maxErrorLength, maxStackLength, type ThrownText } from '../../core/error-text.ts'
import { maxMessageLength } from '../../core/log-line.ts'
import { maxResultBytes } from '../../core/serialize.ts'
import type { TaskContext } from '../context.ts'

/** What a worker is told. `id` counts the calls of one worker. */
export type ToWorker =
  /** Calls to be made one after the other. */
  | { readonly kind: 'run'; readonly orders: readonly Order[] }
  | { readonly kind: 'abort'; readonly id: number; readonly name: string; readonly message: string }

export interface Order {
  readonly id: number
  /** Where host and worker settle who has it; see `claims.ts`. */
  readonly cell: number
  readonly module: string
  readonly exportName: string
  /** Packed by `serialize.ts`. */
  readonly args: string
  readonly context: PlainContext
}

/** The context without what is made anew in the worker. */
export type PlainContext = Omit<TaskContext, 'signal' | 'snooze'>

/** What a worker says. */
export type FromWorker =
  | {
      readonly kind: 'log'
      readonly id: number
      readonly level: LogEntry['level']
      readonly message: string
      readonly extra: Readonly<Record<string, Json>> | null
    }
  | { readonly kind: 'progress'; readonly id: number; readonly report: number | Readonly<Record<string, unknown>> }
  | Answer
  /** It has started, or found that everything was taken back. */
  | { readonly kind: 'ready' }
  /** Something was thrown beside the function; the worker ends. */
  | { readonly kind: 'crashed'; readonly thrown: ThrownText }

/** How a call went. `tookMs` is null when the function was not called. */
export type Answer = { readonly id: number; readonly tookMs: number | null } & (
  | { readonly kind: 'done'; readonly result: string | null; readonly loss: string | null }
  /** The function asked to be called again later. */
  | { readonly kind: 'snoozed'; readonly delayMs: number }
  /** The function threw, or could not be loaded; `isSpent` when the worker is not to be used again. */
  | { readonly kind: 'failed'; readonly thrown: ThrownText; readonly isSpent: boolean }
)

/** Reads what came from a worker; undefined for what is none of ours, since its code may send what it likes. */
export function readFromWorker(message: unknown): FromWorker | undefined {
  if (!isObject(message)) return undefined
  if (message.kind === 'crashed') return readCrash(message)
  if (message.kind === 'ready') return { kind: 'ready' }
  const { id, tookMs } = message
  if (typeof id !== 'number') return undefined
  if (message.kind === 'log') return readLog(id, message)
  if (message.kind === 'progress') return readProgress(id, message)
  if (tookMs !== null && !(typeof tookMs === 'number' && tookMs >= 0)) return undefined
  if (message.kind === 'done') return readDone(id, tookMs, message)
  if (message.kind === 'failed') return readFailure(id, tookMs, message)
  if (message.kind === 'snoozed') return readSnooze(id, tookMs, message)
  return undefined
}

/** Reads what came from the host; undefined for what another sender put on the channel. */
export function readToWorker(message: unknown): ToWorker | undefined {
  if (!isObject(message)) return undefined
  const { kind, id, name, orders } = message
  if (kind === 'run') return Array.isArray(orders) && orders.every(isOrder) ? { kind, orders } : undefined
  if (kind !== 'abort' || typeof id !== 'number' || typeof name !== 'string') return undefined
  return isText(message.message, maxMessageLength) ? { kind, id, name, message: message.message } : undefined
}

function isOrder(order: unknown): order is Order {
  if (!isObject(order)) return false
  const { id, cell, module, exportName, args, context } = order
  if (typeof id !== 'number' || typeof cell !== 'number' || typeof args !== 'string') return false
  return typeof module === 'string' && typeof exportName === 'string' && isObject(context)
}

type Message = Readonly<Record<string, unknown>>

function readLog(id: number, { level, message, extra }: Message): FromWorker | undefined {
  const known = logLevels.find((word) => word === level)
  if (known === undefined || !isText(message, maxMessageLength)) return undefined
  if (extra !== null && !isObject(extra)) return undefined
  return { kind: 'log', id, level: known, message, extra: extra as Readonly<Record<string, Json>> | null }
}

function readProgress(id: number, { report }: Message): FromWorker | undefined {
  return typeof report === 'number' || isObject(report) ? { kind: 'progress', id, report } : undefined
}

function readDone(id: number, tookMs: number | null, { result, loss }: Message): FromWorker | undefined {
  if (result !== null && !isText(result, maxResultBytes)) return undefined
  if (loss !== null && !isText(loss, maxErrorLength)) return undefined
  return { kind: 'done', id, tookMs, result, loss }
}

function readFailure(id: number, tookMs: number | null, { thrown, isSpent }: Message): FromWorker | undefined {
  const text = readThrown(thrown)
  return text && typeof isSpent === 'boolean' ? { kind: 'failed', id, tookMs, thrown: text, isSpent } : undefined
}

function readSnooze(id: number, tookMs: number | null, { delayMs }: Message): FromWorker | undefined {
  return typeof delayMs === 'number' && delayMs >= 0 && delayMs <= longestMs
    ? { kind: 'snoozed', id, tookMs, delayMs }
    : undefined
}

function readCrash({ thrown }: Message): FromWorker | undefined {
  const text = readThrown(thrown)
  return text && { kind: 'crashed', thrown: text }
}

function readThrown(thrown: unknown): ThrownText | undefined {
  if (!isObject(thrown)) return undefined
  const { error, stacktrace, errorCode, name, message, isPermanent } = thrown
  if (!isText(error, maxErrorLength) || !isText(name, maxErrorLength)) return undefined
  if (!isText(message, maxMessageLength) || typeof isPermanent !== 'boolean') return undefined
  if (stacktrace !== null && !isText(stacktrace, maxStackLength)) return undefined
  if (errorCode !== null && !isText(errorCode, maxErrorLength)) return undefined
  return { error, stacktrace, errorCode, name, message, isPermanent }
}

function isObject(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength
}
