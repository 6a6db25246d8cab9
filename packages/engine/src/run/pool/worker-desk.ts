import { toJsonView, extraLimits } from '../../core/json-view.ts'
import { maxLogLines, toLogLine } from '../../core/log-line.ts'
import type { Desk, LogExtra, ProgressReport, TaskContext } from '../context.ts'
import { OwnContext } from '../own-context.ts'
import type { FromWorker, PlainContext } from './messages.ts'

const progressIntervalMs = 50
/** Of what is printed at once. */
const maxPrintedBytes = 65_536
/** Printed lines that become log lines; what is printed beyond them is dropped. */
const maxPrintedLines = 200

/** The desk of a task that runs in a worker: what is said at it is sent to the host, within its bounds. */
export class WorkerDesk implements Desk {
  readonly context: TaskContext
  #controller: AbortController | null = null
  #abortedFor: DOMException | null = null
  #isClosed = false
  #lines = 0
  #printed = 0
  #progressSentAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #unsent: FromWorker | null = null

  constructor(
    readonly id: number,
    context: PlainContext,
    private readonly post: (message: FromWorker) => void,
  ) {
    this.context = new OwnContext(context, context, () => this.#signal())
  }

  log(message: unknown, extra: LogExtra | undefined): void {
    // One more than is kept: the host then says that there were more.
    if (this.#isClosed || this.#lines > maxLogLines) return
    this.#lines += 1
    const line = toLogLine(message, extra, 0, this.context.attempt)
    this.post({ kind: 'log', id: this.id, level: line.level, message: line.message, extra: line.extra })
  }

  get mayPrint(): boolean {
    return this.#printed <= maxPrintedLines
  }

  /** What the function prints. */
  print(bytes: Uint8Array, stream: 'stdout' | 'stderr'): void {
    const text = new TextDecoder().decode(bytes.subarray(0, maxPrintedBytes))
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue
      this.#printed += 1
      if (this.#printed > maxPrintedLines) {
        return this.log(`Further output is not kept after ${maxPrintedLines} lines`, { level: 'warning' })
      }
      this.log(line, { level: stream === 'stdout' ? 'debug' : 'warning', stream })
    }
  }

  progress(report: number | ProgressReport): void {
    if (this.#isClosed) return
    const view = typeof report === 'number' ? report : toJsonView(report, extraLimits)
    if (typeof view !== 'number' && (typeof view !== 'object' || view === null || Array.isArray(view))) return
    this.#unsent = { kind: 'progress', id: this.id, report: view as Readonly<Record<string, unknown>> | number }
    const waitMs = this.#progressSentAt + progressIntervalMs - performance.now()
    if (waitMs <= 0) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), waitMs)
  }

  abort(name: string, message: string): void {
    this.#abortedFor = new DOMException(message, name)
    this.#controller?.abort(this.#abortedFor)
  }

  throwIfAborted(): void {
    if (this.#abortedFor) throw this.#abortedFor
  }

  /** Nothing that is said later is heard. */
  close(): void {
    this.#flush()
    this.#isClosed = true
  }

  /** Most functions never ask for it. */
  #signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#abortedFor) this.#controller.abort(this.#abortedFor)
    }
    return this.#controller.signal
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#unsent === null) return
    this.#progressSentAt = performance.now()
    this.post(this.#unsent)
    this.#unsent = null
  }
}
