import type { LogEntry } from '@taskloom/protocol'
import type { Definition } from '../core/definition.ts'
import type { Outcome } from '../core/lifecycle.ts'
import { withName } from '../core/cut.ts'
import { isCutLine, lastLine, maxLogLines, toLogLine, toProgress, type ProgressState } from '../core/log-line.ts'
import type { LogLine, TaskRecord } from '../core/record.ts'
import type { AttemptSpan } from '../observe/otel/attempt-span.ts'
import type { Desk, LogExtra, ProgressReport, TaskContext } from './context.ts'
import type { Keeper, Stop } from './attempt.ts'
import { OwnContext } from './own-context.ts'

/** What a running task asks of its runner. */
export interface RunningHost {
  now(): number
  /** There are lines to be written. */
  wroteLines(running: Running): void
  /** There is new progress to be written. */
  progressed(running: Running): void
}

/** One attempt while it runs in this process: its newest record, what it logged, and how to end it. */
export class Running implements Desk, Stop {
  /** Nobody writes for this attempt any more. */
  isClosed = false
  /** What was reported since the last write; null when it is written. */
  freshProgress: ProgressState | null = null
  /** The record whose progress is known to be stored; null before the first report. */
  stored: TaskRecord | null = null
  progressWrittenAt = Number.NEGATIVE_INFINITY
  isProgressTimed = false
  /** Lines that are stored or on their way. */
  lineCount = 0
  /** Its log has reached its end. */
  isCut = false
  /** Names of fields of which less is kept than was said. */
  truncated: readonly string[] = []
  /** Null where no spans are made. */
  span: AttemptSpan | null = null
  #asked: Outcome | null = null
  #controller: AbortController | null = null
  #force: ((outcome: Outcome) => void) | null = null
  #keeper: Keeper | null = null
  #begunAt: number | null = null
  #lines: LogLine[] = []
  #context: TaskContext | null = null
  #timers: Set<() => void> | null = null

  constructor(
    public record: TaskRecord,
    readonly definition: Definition,
    public startedAt: number,
    private readonly host: RunningHost,
  ) {}

  /** Made when first asked for, like the signal and the set of timers: most tasks need none of them. */
  get context(): TaskContext {
    this.#context ??= new OwnContext(this.record, this.span?.trace ?? this.record, () => this.signal)
    return this.#context
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#asked) this.#controller.abort(abortReason(this.#asked))
    }
    return this.#controller.signal
  }

  asked(): Outcome | null {
    return this.#asked
  }

  onForce(force: (outcome: Outcome) => void): void {
    this.#force = force
  }

  keptBy(keeper: Keeper): void {
    this.#keeper = keeper
  }

  begin(): void {
    this.#begunAt = this.host.now()
  }

  giveBack(): void {
    this.#force?.({ kind: 'not_begun' })
  }

  /** What is left of its time: none where nobody tells when its function begins. */
  leftOf(timeoutMs: number): number {
    if (!this.#keeper) return 0
    return this.#begunAt === null ? timeoutMs : this.#begunAt + timeoutMs - this.host.now()
  }

  /** Asks the function to stop; the first reason stands. */
  stop(outcome: Outcome): void {
    if (this.#asked) return
    this.#asked = outcome
    if (!this.#controller && !this.#keeper) return
    const reason = abortReason(outcome)
    this.#controller?.abort(reason)
    this.#keeper?.abort(reason)
  }

  /** Ends the attempt although its function goes on, unless it has a worker that can be killed; whatever that still says is not heard. */
  force(): void {
    if (!this.#asked) return
    this.#keeper?.kill()
    this.#force?.(this.#asked)
  }

  close(): void {
    this.isClosed = true
    for (const callOff of this.#timers ?? []) callOff()
  }

  /** Calls a timer off when the attempt ends. */
  own(callOff: () => void): void {
    this.#timers ??= new Set()
    this.#timers.add(callOff)
  }

  /** A timer has fired. */
  disown(callOff: () => void): void {
    this.#timers?.delete(callOff)
  }

  log(message: unknown, extra: LogExtra | undefined): void {
    if (this.isClosed || this.isCut) return
    const at = this.host.now()
    this.isCut = this.lineCount + this.#lines.length >= maxLogLines
    const { attempt } = this.record
    const line = this.isCut ? lastLine(at, attempt) : toLogLine(message, extra, at, attempt)
    if (this.isCut || isCutLine(line)) this.truncated = withName(this.truncated, 'logs')
    this.#lines.push(line)
    this.host.wroteLines(this)
  }

  progress(report: number | ProgressReport): void {
    if (this.isClosed) return
    this.stored ??= this.record
    this.freshProgress = toProgress(report)
    if (this.freshProgress.isCut) this.truncated = withName(this.truncated, 'progress')
    this.host.progressed(this)
  }

  /** The lines that wait to be written, which are then someone else's. */
  takeLines(): readonly LogLine[] {
    const lines = this.#lines
    if (lines.length > 0) this.#lines = []
    return lines
  }

  /** Gives lines that are about to be written their numbers. */
  number(lines: readonly LogLine[]): readonly LogEntry[] {
    const first = this.lineCount + 1
    this.lineCount += lines.length
    return lines.map((line, index) => ({ ...line, line: first + index }))
  }
}

function abortReason(outcome: Outcome): DOMException {
  if (outcome.kind === 'timed_out') return new DOMException('The attempt took too long', 'TimeoutError')
  const words = 'reason' in outcome ? outcome.reason : 'The task was stopped'
  return new DOMException(words, 'AbortError')
}
