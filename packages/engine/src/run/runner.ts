import { isTerminal } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import type { Definition } from '../core/definition.ts'
import { withName } from '../core/cut.ts'
import { TaskError } from '../core/errors.ts'
import { requestCancel, settle, type Outcome } from '../core/lifecycle.ts'
import type { LogLine, TaskRecord, Transition } from '../core/record.ts'
import type { Keyring } from '../privacy/keyring.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Spans } from '../observe/otel/spans.ts'
import type { Beside, Store } from '../stores/store.ts'
import { runAttempt } from './attempt.ts'
import type { ContextCarrier } from './carrier.ts'
import { randomFraction } from './chance.ts'
import { taskContext } from './context.ts'
import type { Ending } from '../queues/queue.ts'
import type { Executor } from './executor.ts'
import { Journal, withStoredProgress } from './journal.ts'
import { judge, type FaultListener } from './judge.ts'
import { Running } from './running.ts'
import { Starts } from './starts.ts'
import { persist, type Persistence } from './persist.ts'
import type { WriteQueue } from './write-queue.ts'

/** How long a function that was asked to stop may take before its task is ended without it. */
export const stopGraceMs = 2_000

/** Tasks that are looked for together: a store may put questions of one turn into one. */
const followedAtOnce = 100

export interface RunnerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly announcer: Announcer
  readonly executor: Executor
  readonly keyring: Keyring
  /** Null when contexts of callers are not kept. */
  readonly carrier: ContextCarrier | null
  /** Null when no spans are made. */
  readonly spans: Spans | null
  readonly writes: WriteQueue
  /** Attempts that are open at once in this process. */
  readonly concurrency: number
  /** The function has ended: its slot is free. What became of it is not saved yet. */
  readonly onEnding: (record: TaskRecord, how: Ending) => void
  /**
   * The end of the attempt is saved, or given up. `next` is null when somebody else has the task; `isUnused` when its
   * function was not called.
   */
  readonly onSettled: (taskId: string, next: TaskRecord | null, isUnused: boolean) => void
}

/** Runs taken tasks to their end: attempt → outcome → settle → save → tell. */
export class Runner {
  readonly #running = new Map<string, Running>()
  readonly #journal: Journal
  readonly #options: RunnerOptions
  readonly #drained = new Set<() => void>()
  readonly #persistence: Persistence
  /** How many of those that run here hold locks. */
  #holders = 0
  readonly #rulesFailed: FaultListener
  readonly #starts: Starts
  /** The attempt whose function is being called just now. */
  #called: Running | null = null
  #isAbandoned = false

  constructor(options: RunnerOptions) {
    this.#options = options
    const { store, clock, announcer, writes } = options
    this.#journal = new Journal(options, (running) => this.#fence(running))
    this.#rulesFailed = (during, error) => announcer.events.fault(during, error)
    const { concurrency } = options
    this.#starts = new Starts({ clock, concurrency, begin: (running, isLate) => this.#begin(running, isLate) })
    this.#persistence = { store, writes, clock, events: announcer.events, isAbandoned: () => this.#isAbandoned }
  }

  get size(): number {
    return this.#running.size
  }

  /** Whether tasks that are stored as running wait for their turn here. */
  get isBehind(): boolean {
    return this.#starts.isBehind
  }

  has(taskId: string): boolean {
    return this.#running.has(taskId)
  }

  /** The newest records of what runs here. */
  records(): readonly TaskRecord[] {
    return [...this.#running.values()].map(({ record }) => record)
  }

  /** The task with locks whose function is asking; undefined when none is. */
  holder(): TaskRecord | undefined {
    if (this.#holders === 0) return undefined
    const running = this.#running.get(taskContext()?.taskId ?? '')
    return running && !running.isClosed && running.record.locks.length > 0 ? running.record : undefined
  }

  /** Runs a task whose record says already that it runs here. */
  start(record: TaskRecord, definition: Definition): void {
    const now = this.#options.clock.now()
    const startedAt = record.attempt === 1 ? (record.startTime ?? now) : now
    const running = new Running(record, definition, startedAt, this.#journal)
    this.#running.set(record.taskId, running)
    if (record.locks.length > 0) this.#holders += 1
    if (record.hasLogs) void this.#goOnCounting(running)
    else this.#starts.admit(running)
  }

  /**
   * Asks a task that runs here to stop, once that is stored with what stands beside it; undefined when it does not run
   * here, or no longer. A store that refuses it refuses the wish.
   */
  cancel(taskId: string, words: string, beside: Beside): Promise<TaskRecord | undefined> {
    const running = this.#running.get(taskId)
    if (!running || running.isClosed) return Promise.resolve(undefined)
    const asked = requestCancel(running.record, this.#options.clock.now(), words)
    running.record = asked.next
    const entries = running.number(asked.logs)
    return new Promise<TaskRecord | undefined>((resolve, reject) => {
      this.#options.writes.save({ ...asked, ...beside }, (written) => {
        if (written instanceof TaskError) {
          running.record = { ...running.record, cancelRequestedAt: asked.previous.cancelRequestedAt }
          return reject(written)
        }
        if (written !== null) this.#options.announcer.saved(asked.next, asked.previous, entries)
        this.#stop(running, { kind: 'cancelled', reason: words }, stopGraceMs)
        resolve(written ?? undefined)
      })
    })
  }

  /** Gives back what waits here for its turn in one of these queues, as if it had never been taken. */
  holdBack(queues: ReadonlySet<string>): void {
    if (!this.#starts.isBehind) return
    for (const running of [...this.#running.values()]) {
      if (queues.has(running.record.queue) && this.#starts.isHeld(running))
        this.#stop(running, { kind: 'not_begun' }, 0)
    }
  }

  /** Looks whether another process asked a task of ours to stop, or took it over. */
  async follow(): Promise<void> {
    const taskIds = [...this.#running.keys()]
    for (let from = 0; from < taskIds.length; from += followedAtOnce) {
      await Promise.all(taskIds.slice(from, from + followedAtOnce).map((taskId) => this.#followOne(taskId)))
    }
  }

  async #followOne(taskId: string): Promise<void> {
    // It may have ended while the others were looked at.
    if (!this.#running.has(taskId)) return
    try {
      const stored = await this.#options.store.tasks.get(taskId)
      if (stored) this.#obey(stored)
    } catch (error) {
      this.#options.announcer.events.fault('following running tasks', error, taskId)
    }
  }

  #obey(stored: TaskRecord): void {
    const running = this.#running.get(stored.taskId)
    if (!running || running.isClosed) return
    if (stored.workerId !== running.record.workerId || stored.attempt > running.record.attempt)
      return this.#fence(running)
    if (stored.cancelRequestedAt === null || running.record.cancelRequestedAt !== null) return
    running.record = { ...running.record, cancelRequestedAt: stored.cancelRequestedAt, version: stored.version }
    this.#stop(running, { kind: 'cancelled', reason: 'Cancelled by an operator' }, stopGraceMs)
  }

  interruptAll(reason: string, graceMs: number): void {
    for (const running of this.#running.values()) this.#stop(running, { kind: 'interrupted', reason }, graceMs)
  }

  /** Gives up writes that the store does not take. */
  abandon(): void {
    this.#isAbandoned = true
  }

  /** Resolves when nothing runs here. */
  drained(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#drained.add(resolve))
  }

  /** Lines of earlier attempts are counted first: the numbers of its own follow them. */
  async #goOnCounting(running: Running): Promise<void> {
    running.lineCount = await this.#countLines(running.record)
    this.#starts.admit(running)
  }

  #begin(running: Running, isLate: boolean): void {
    if (isLate) running.startedAt = this.#options.clock.now()
    const { record, definition } = running
    if (definition.timeoutMs !== null) this.#limit(running, definition.timeoutMs)
    const { executor, keyring, carrier, spans } = this.#options
    const context = carrier && carrier.find(record.taskId)
    const span = spans && spans.attempt(record)
    running.span = span
    const call = { definition, record, args: record.args, keyring, context, span, desk: running, stop: running }
    this.#called = running
    runAttempt(executor, call, (outcome) => this.#finish(running, outcome))
    this.#called = null
  }

  #finish(running: Running, outcome: Outcome): void {
    running.close()
    const { definition, startedAt } = running
    const random = randomFraction()
    const verdict = judge(definition, running.record, outcome, random, this.#rulesFailed)
    const settling = { policy: definition.policy, now: this.#options.clock.now(), startedAt, random, verdict }
    const ended = fromStored(withLines(settle(withProgress(running), outcome, settling), running), running)
    const settled = this.#options.keyring.seals ? withSealedResult(ended, this.#options.keyring) : ended
    if (running.span) running.span.ended(settled)
    persist(this.#persistence, settled, (isSaved) => this.#conclude(running, settled, isSaved))
    this.#starts.ended()
    const how = outcome.kind === 'not_begun' ? 'unused' : this.#called === running ? 'prompt' : 'late'
    this.#options.onEnding(settled.previous, how)
  }

  #conclude(running: Running, { previous, next, logs }: Transition, isSaved: boolean): void {
    const { announcer, carrier, onSettled } = this.#options
    if (isSaved) {
      if (logs.length > 0) announcer.saved(next, previous, running.number(logs))
      else announcer.saved(next, previous)
    } else {
      announcer.events.fault('a result came too late', new Error('Another process has this task now'), next.taskId)
    }
    this.#running.delete(next.taskId)
    if (carrier && isTerminal(next.status)) carrier.forget(next.taskId)
    if (next.locks.length > 0) this.#holders -= 1
    onSettled(next.taskId, isSaved ? next : null, next.attempt < previous.attempt)
    if (this.#running.size > 0) return
    for (const resolve of this.#drained) resolve()
    this.#drained.clear()
  }

  #limit(running: Running, timeoutMs: number, leftMs = timeoutMs): void {
    const over = (): void => {
      running.disown(callOff)
      const moreMs = running.leftOf(timeoutMs)
      if (moreMs > 0) this.#limit(running, timeoutMs, moreMs)
      else this.#stop(running, { kind: 'timed_out', timeoutMs }, stopGraceMs)
    }
    const callOff = this.#options.clock.after(leftMs, over)
    running.own(callOff)
  }

  #stop(running: Running, outcome: Outcome, graceMs: number): void {
    if (running.isClosed) return
    running.stop(outcome)
    if (this.#starts.release(running)) return
    running.own(this.#options.clock.after(graceMs, () => running.force()))
  }

  #fence(running: Running): void {
    this.#stop(running, { kind: 'interrupted', reason: 'Another process has this task now' }, stopGraceMs)
  }

  async #countLines({ taskId }: TaskRecord): Promise<number> {
    try {
      const page = await this.#options.store.views.logs({ taskId, after: 0, minLevel: null, text: null, limit: 1 })
      return page.total
    } catch (error) {
      this.#options.announcer.events.fault('counting log lines', error, taskId)
      return 0
    }
  }
}

function withProgress({ record, freshProgress }: Running): TaskRecord {
  if (freshProgress === null) return record
  return { ...record, progress: freshProgress.progress, progressPayload: freshProgress.payload }
}

/** The last report may still be on its way, or may have been refused: then it is written with the end. */
function fromStored(ended: Transition, { stored }: Running): Transition {
  return stored === null ? ended : { ...ended, previous: withStoredProgress(ended.previous, stored) }
}

/** What a function makes of secret arguments is as secret as they are. */
function withSealedResult(settled: Transition, keyring: Keyring): Transition {
  const { taskId, funcName, result } = settled.next
  if (result === null) return settled
  const sealed = keyring.seal(result, { field: 'result', taskId, funcName })
  return { ...settled, next: { ...settled.next, result: sealed } }
}

/** The lines of the last turn are stored with the end of the attempt, not after it. */
function withLines(settled: Transition, running: Running): Transition {
  const lines: readonly LogLine[] = running.takeLines()
  if (lines.length === 0 && running.truncated.length === 0) return settled
  const { truncated, hasLogs } = settled.next
  return {
    ...settled,
    next: {
      ...settled.next,
      hasLogs: hasLogs || lines.length > 0,
      truncated: running.truncated.reduce(withName, truncated),
    },
    logs: [...lines, ...settled.logs],
  }
}
