import { logLevels, type LogLevel } from '@taskloom/protocol'
import { TaskError } from '../core/errors.ts'
import { flagOption } from '../core/option.ts'
import type { LifeEvent, ObserverEvent, ObserverEventKind } from './observer.ts'

/** One line of what a logger writes. */
export interface LoggedLine {
  /** Epoch milliseconds. */
  readonly at: number
  readonly level: string
  readonly taskId: string
  readonly funcName: string
  readonly message: string
  readonly extra: unknown
}

/** What the lines of a logger are. */
export interface LineOptions {
  /** Whether beginnings and ends of tasks are lines, too; true by default. */
  readonly lifecycle?: boolean
  /** The least level that is written; `debug` by default, which is everything. */
  readonly minLevel?: LogLevel
  /** `text` (default) is for people, `json` for machines: one object a line. */
  readonly format?: 'text' | 'json'
}

export const lineOptionNames = ['lifecycle', 'minLevel', 'format'] as const

/** Fills in the defaults; throws `bad_option`. */
export function parseLineOptions(options: LineOptions): Required<LineOptions> {
  const { lifecycle = true, minLevel = 'debug', format = 'text' } = options
  if (!logLevels.includes(minLevel)) throw badWord('minLevel', logLevels)
  if (format !== 'text' && format !== 'json') throw badWord('format', ['text', 'json'])
  return { lifecycle: flagOption(lifecycle, 'lifecycle'), minLevel, format }
}

/** What a logger has to hear of. */
export function hearsOf({ lifecycle }: LineOptions): readonly ObserverEventKind[] {
  return lifecycle ? ['log', 'create', 'complete', 'fail'] : ['log']
}

/** The lines of an event, each with its line break and with none inside. */
export function linesOf(event: ObserverEvent, { minLevel = 'debug', format = 'text' }: LineOptions): string[] {
  const lines = event.kind === 'log' ? logLines(event) : lifeLines(event)
  const write = format === 'json' ? toJsonLine : toTextLine
  return lines.filter(({ level }) => gravity(level) >= gravity(minLevel)).map(write)
}

function logLines({ taskId, funcName, entries }: Extract<ObserverEvent, { kind: 'log' }>): LoggedLine[] {
  return entries.map(({ at, level, message, extra }) => ({ at, level, taskId, funcName, message, extra }))
}

/** `cleanup` says nothing that `complete` and `fail` did not, and progress is no matter of a log. */
function lifeLines({ kind, at, task }: LifeEvent): LoggedLine[] {
  if (kind === 'cleanup' || kind === 'progress') return []
  const { taskId, funcName, status, error, durationMs } = task
  const took = durationMs === null ? '' : ` after ${Math.round(durationMs)} ms`
  const words = { create: 'created', complete: `success${took}`, fail: `${status}${took}${error ? `: ${error}` : ''}` }
  return [{ at, level: kind === 'fail' ? 'error' : 'info', taskId, funcName, message: words[kind], extra: null }]
}

function toTextLine({ at, level, taskId, funcName, message, extra }: LoggedLine): string {
  const facts = extra === null || extra === undefined ? '' : ` ${JSON.stringify(extra)}`
  const text = `${instant(at)} ${level.toUpperCase()} ${funcName} ${taskId} ${message}${facts}`
  return `${escapeControls(text)}\n`
}

function toJsonLine({ at, level, taskId, funcName, message, extra }: LoggedLine): string {
  const facts = extra === null || extra === undefined ? {} : { extra }
  const line = { at: instant(at), level, task_id: taskId, func_name: funcName, message, ...facts }
  return `${JSON.stringify(line)}\n`
}

function instant(at: number): string {
  return new Date(at).toISOString()
}

/** What a task logs must not look like a line of its own, nor speak to the terminal that shows it. */
function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (letter) =>
    letter === '\n' ? '\\n' : `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function gravity(level: string): number {
  const place = (logLevels as readonly string[]).indexOf(level)
  return place < 0 ? logLevels.length : place
}

function badWord(option: string, words: readonly string[]): TaskError {
  return new TaskError('bad_option', { message: `${option}: expected one of ${words.join(', ')}`, option })
}
