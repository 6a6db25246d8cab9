import type { LogEntry } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import { transition } from '../core/record.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Store } from '../stores/store.ts'
import type { Running, RunningHost } from './running.ts'

const progressIntervalMs = 100
const linesPerWrite = 500

/** Writes what running tasks say on their way: log lines once per turn of the event loop, progress ten times a second. */
export class Journal implements RunningHost {
  readonly #unwritten = new Set<Running>()
  #isFlushing = false

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly announcer: Announcer,
    /** Somebody else has the task now. */
    private readonly onFenced: (running: Running) => void,
  ) {}

  now(): number {
    return this.clock.now()
  }

  wroteLines(running: Running): void {
    this.#unwritten.add(running)
    if (this.#isFlushing) return
    this.#isFlushing = true
    setImmediate(() => this.#flush())
  }

  progressed(running: Running): void {
    const waitMs = running.progressWrittenAt + progressIntervalMs - this.clock.now()
    if (waitMs <= 0) return this.#writeProgress(running)
    if (running.isProgressTimed) return
    running.isProgressTimed = true
    const callOff = this.clock.after(waitMs, () => {
      running.isProgressTimed = false
      running.timers.delete(callOff)
      this.#writeProgress(running)
    })
    running.timers.add(callOff)
  }

  #flush(): void {
    this.#isFlushing = false
    for (const running of this.#unwritten) void this.#writeLines(running)
    this.#unwritten.clear()
  }

  async #writeLines(running: Running): Promise<void> {
    const lines = running.takeLines()
    const { taskId } = running.record
    if (lines.length > 0) running.record = { ...running.record, hasLogs: true }
    const entries = running.number(lines)
    const parts = Array.from({ length: Math.ceil(entries.length / linesPerWrite) }, (_, index) =>
      entries.slice(index * linesPerWrite, (index + 1) * linesPerWrite),
    )
    // Asked for in one go, because whatever is written after this turn has higher line numbers.
    await Promise.all(parts.map((part) => this.#writePart(taskId, part)))
  }

  async #writePart(taskId: string, entries: readonly LogEntry[]): Promise<void> {
    try {
      await this.store.tasks.appendLogs(taskId, entries)
      this.announcer.logged(taskId, entries)
    } catch (error) {
      this.announcer.events.fault('writing a log', error, taskId)
    }
  }

  #writeProgress(running: Running): void {
    const fresh = running.freshProgress
    if (running.isClosed || fresh === null) return
    running.freshProgress = null
    running.progressWrittenAt = this.clock.now()
    const { previous, next, ...rest } = transition(running.record, {
      progress: fresh.progress,
      progressPayload: fresh.payload,
    })
    running.record = next
    void this.store.tasks.save({ previous, next, ...rest }).then(
      (saved) => (saved ? this.announcer.progressed(next, previous) : this.onFenced(running)),
      (error: unknown) => this.announcer.events.fault('writing progress', error, next.taskId),
    )
  }
}
