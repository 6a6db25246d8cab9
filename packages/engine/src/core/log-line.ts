import { logLevels, type Json, type LogLevel, type Progress } from '@taskloom/protocol'
import { isCutText, isCutView } from './cut.ts'
import { extraLimits, toJsonView } from './json-view.ts'
import type { LogLine } from './record.ts'
import { cutText } from './text.ts'

export const maxLogLines = 10_000
export const maxMessageLength = 8 * 1024

/** A log line from whatever user code gave; never throws. */
export function toLogLine(message: unknown, extra: unknown, at: number, attempt: number): LogLine {
  const facts = extra === undefined ? null : readFacts(extra)
  return {
    at,
    attempt,
    level: facts?.level ?? 'info',
    message: cutText(toText(message), maxMessageLength),
    extra: facts?.extra ?? null,
  }
}

/** Stands for all lines after the ten thousandth. */
export function lastLine(at: number, attempt: number): LogLine {
  const message = `Further lines are not kept: a task's log ends after ${maxLogLines} lines`
  return { at, attempt, level: 'warning', message, extra: null }
}

/** What `progress()` was given, as the record keeps it: `payload` is JSON text of what is beyond percent and message. */
export interface ProgressState {
  readonly progress: Progress
  readonly payload: string | null
  /** Whether it was more than is kept. */
  readonly isCut: boolean
}

/** Whether a line does not hold everything that was to be logged. */
export function isCutLine({ message, extra }: LogLine): boolean {
  return isCutText(message, maxMessageLength) || (extra !== null && isCutView(extra, extraLimits))
}

/** Never throws; what cannot be read counts as not given. */
export function toProgress(report: unknown): ProgressState {
  if (typeof report === 'number')
    return { progress: { percent: clampPercent(report), message: null }, payload: null, isCut: false }
  const view = toJsonView(report, extraLimits)
  if (!isObject(view)) return { progress: { percent: null, message: null }, payload: null, isCut: false }
  const { percent, message, ...rest } = view
  const { current, total } = rest
  const share = typeof current === 'number' && typeof total === 'number' && total > 0 ? (current / total) * 100 : null
  return {
    progress: {
      percent: clampPercent(typeof percent === 'number' ? percent : share),
      message: typeof message === 'string' ? cutText(message, 300) : null,
    },
    payload: Object.keys(rest).length === 0 ? null : JSON.stringify(rest),
    isCut: isCutView(view, extraLimits) || (typeof message === 'string' && message.length > 300),
  }
}

function clampPercent(percent: number | null): number | null {
  if (percent === null || Number.isNaN(percent)) return null
  return Math.round(Math.min(100, Math.max(0, percent)) * 100) / 100
}

function readFacts(extra: unknown): { level: LogLevel; extra: Readonly<Record<string, Json>> | null } {
  const view = toJsonView(extra, extraLimits)
  if (!isObject(view)) return { level: 'info', extra: null }
  const { level, ...rest } = view
  const known = logLevels.find((word) => word === level) ?? 'info'
  return { level: known, extra: Object.keys(rest).length === 0 ? null : rest }
}

function isObject(view: Json): view is { readonly [key: string]: Json } {
  return typeof view === 'object' && view !== null && !Array.isArray(view)
}

function toText(message: unknown): string {
  if (typeof message === 'string') return message
  const view = toJsonView(message, extraLimits)
  return typeof view === 'string' ? view : JSON.stringify(view)
}
