import type { Json, LogEntry, TaskDetail, TaskSummary } from '@taskloom/protocol'
import { maskedWord, maskText, maskValue } from '../core/mask.ts'
import { parseRedact, redact, redactedWord } from '../core/redact.ts'
import { encryptedWord } from '../core/sealed.ts'
import { secretNames, type SecretNames } from '../core/secret-names.ts'

/** Whether a value is, or holds, a word that stands in place of something hidden. */
export function isMasked(value: unknown): boolean {
  if (typeof value !== 'string') return false
  return value.includes(maskedWord) || value === redactedWord || value === encryptedWord
}

/** What this mount shows of values and texts that may hold secrets. */
export class Redaction {
  readonly #isSecret: SecretNames
  readonly #paths: readonly string[]

  /** A name says what is hidden wherever it is a key; with dots it is a path of the arguments. False hides nothing. */
  constructor(option: readonly string[] | false = []) {
    const given = option === false ? [] : parseRedact(option)
    this.#isSecret = secretNames(
      given.filter((text) => !text.includes('.')),
      option !== false,
    )
    this.#paths = given.filter((text) => text.includes('.'))
  }

  /** Whether a path of arguments leads to something that is hidden: it cannot be searched for, either. */
  hides(path: readonly string[]): boolean {
    if (path.some((step) => this.#isSecret(step))) return true
    return this.#paths.some((hidden) => {
      const steps = hidden.split('.')
      return [path, path.slice(1)].some((tried) => steps.every((step, index) => step === '*' || step === tried[index]))
    })
  }

  text<T extends string | null>(text: T): T {
    return (text === null ? null : maskText(text, this.#isSecret)) as T
  }

  value(value: Json): Json {
    return maskValue(value, this.#isSecret)
  }

  /** Arguments as this mount shows them. */
  args(args: Json): Json {
    return this.value(redact(args, this.#paths))
  }

  /** The very same task where nothing is hidden, as mostly. */
  summary<S extends TaskSummary>(task: S): S {
    const error = this.text(task.error)
    const tags = this.value(task.tags) as TaskSummary['tags']
    const message = task.progress === null ? null : this.text(task.progress.message)
    const isSame = error === task.error && tags === task.tags && message === (task.progress?.message ?? null)
    if (isSame) return task
    return { ...task, error, tags, progress: task.progress && { ...task.progress, message } }
  }

  detail(task: TaskDetail): TaskDetail {
    const { args } = task
    return {
      ...this.summary(task),
      ...(args === undefined ? {} : { args: this.args(args) }),
      result: this.value(task.result),
      stacktrace: this.text(task.stacktrace),
      progressPayload: this.value(task.progressPayload),
      logs: this.lines(task.logs),
      attempts: task.attempts.map((attempt) => ({
        ...attempt,
        error: this.text(attempt.error),
        stacktrace: this.text(attempt.stacktrace),
      })),
      timeline: task.timeline.map((entry) => ({ ...entry, detail: this.text(entry.detail) })),
      recentRuns: task.recentRuns.map((run) => this.summary(run)),
    }
  }

  lines(entries: readonly LogEntry[]): readonly LogEntry[] {
    return entries.map((entry) => ({
      ...entry,
      message: this.text(entry.message),
      extra: entry.extra === null ? null : (this.value(entry.extra) as LogEntry['extra']),
    }))
  }
}
