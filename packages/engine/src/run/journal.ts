import type { LogEntry } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import { TaskError } from '../core/errors.ts'
import { transition, type TaskRecord } from '../core/record.ts'
import type { ProgressState } from '../core/log-line.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Store } from '../stores/store.ts'
import type { Running, RunningHost } from './running.ts'
import type { WriteQueue } from './write-queue.ts'

const progressIntervalMs = 100
const linesPerWrite = 500
/** Lines that the store did not take are offered again, ever more rarely, until this much time has passed. */
const firstPauseMs = 250
const longestPatienceMs = 60_000

export interface JournalParts {
  readonly store: Store
  readonly clock: Clock
  readonly announcer: Announcer
  readonly writes: WriteQueue
}

/** Writes what running tasks say on their way: log lines once per turn of the event loop, progress ten times a second. */
export class Journal implements RunningHost {
  readonly #unwritten = new Set<Running>()
  #isFlushing = false

  constructor(
    private readonly parts: JournalParts,
    /** Somebody else has the task now. */
    private readonly onFenced: (running: Running) => void,
  ) {}

  now(): number {
    return this.parts.clock.now()
  }

  wroteLines(running: Running): void {
    this.#unwritten.add(running)
    if (this.#isFlushing) return
    this.#isFlushing = true
    setImmediate(() => this.#flush())
  }

  progressed(running: Running): void {
    const waitMs = running.progressWrittenAt + progressIntervalMs - this.parts.clock.now()
    if (waitMs <= 0) return this.#writeProgress(running)
    if (running.isProgressTimed) return
    running.isProgressTimed = true
    const callOff = this.parts.clock.after(waitMs, () => {
      running.isProgressTimed = false
      running.disown(callOff)
      this.#writeProgress(running)
    })
    running.own(callOff)
  }

  #flush(): void {
    this.#isFlushing = false
    for (const running of this.#unwritten) void this.#writeLines(running)
    this.#unwritten.clear()
  }

  async #writeLines(running: Running): Promise<void> {
    const lines = running.takeLines()
    if (lines.length > 0) running.record = { ...running.record, hasLogs: true }
    const entries = running.number(lines)
    const parts = Array.from({ length: Math.ceil(entries.length / linesPerWrite) }, (_, index) =>
      entries.slice(index * linesPerWrite, (index + 1) * linesPerWrite),
    )
    // Asked for in one go, because whatever is written after this turn has higher line numbers.
    await Promise.all(parts.map((part) => this.#writePart(running.record, part)))
  }

  async #writePart(record: TaskRecord, entries: readonly LogEntry[]): Promise<void> {
    const arrived = this.parts.announcer.expectLines(record.taskId)
    await this.#offerPart(record, entries)
    arrived()
  }

  async #offerPart(record: TaskRecord, entries: readonly LogEntry[]): Promise<void> {
    const { store, clock, announcer } = this.parts
    for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
      try {
        await store.tasks.appendLogs(record.taskId, entries)
        return announcer.logged(record, entries)
      } catch (error) {
        announcer.events.fault('writing a log', error, record.taskId)
        if (pauseMs > longestPatienceMs / 2) return
      }
      await new Promise<void>((resolve) => clock.after(pauseMs, resolve))
    }
  }

  #writeProgress(running: Running): void {
    const { clock, announcer, writes } = this.parts
    const fresh = running.freshProgress
    if (running.isClosed || fresh === null) return
    running.freshProgress = null
    running.progressWrittenAt = clock.now()
    const { previous, next, ...rest } = transition(withStoredProgress(running.record, running.stored), {
      progress: fresh.progress,
      progressPayload: fresh.payload,
    })
    running.record = next
    writes.save({ previous, next, ...rest }, (written) => {
      if (written instanceof TaskError) this.#progressRefused(running, previous, fresh, written)
      else if (written === null) this.onFenced(running)
      else {
        running.stored = next
        announcer.progressed(next, previous)
      }
    })
  }

  /** The next report, or the end of the attempt, brings it again. */
  #progressRefused(running: Running, stored: TaskRecord, fresh: ProgressState, error: TaskError): void {
    const { record } = running
    this.parts.announcer.events.fault('writing progress', error, record.taskId)
    if (record.progress !== fresh.progress) return
    running.freshProgress ??= fresh
    running.record = { ...record, progress: stored.progress, progressPayload: stored.progressPayload }
  }
}

/** A store writes what differs: from what it has, not from what was on its way to it and may have been refused. */
export function withStoredProgress(record: TaskRecord, stored: TaskRecord | null): TaskRecord {
  return stored === null ? record : { ...record, progress: stored.progress, progressPayload: stored.progressPayload }
}
