import { taskStatuses, type LogEntry, type TaskStatus, type TaskSummary } from '@taskloom/protocol'
import { TaskError } from '../core/errors.ts'
import {
  cancelPending,
  markRetried,
  move,
  requestCancel,
  requireRetryable,
  runNow,
  type Move,
} from '../core/lifecycle.ts'
import type { Definition } from '../core/definition.ts'
import type { TaskRecord, Transition } from '../core/record.ts'
import { cleanText } from '../core/text.ts'
import type { Change } from '../run/write-queue.ts'
import type { Act } from '../server/source.ts'
import type { Beside } from '../stores/store.ts'
import { summaryOf } from '../stores/summary.ts'
import { auditDraft, type Deed } from './audit-draft.ts'
import type { SourceParts } from './parts.ts'
import { readRecord } from './reads.ts'

/** How often a task may change under an operator's hand before we say so. */
const maxTries = 5

/** Which earlier retries of a task make another one unnecessary: none, those that may still succeed, or also those that did. */
export const enough = {
  nothing: [],
  live: ['pending', 'running'],
  liveOrDone: ['pending', 'running', 'success'],
} as const satisfies Record<string, readonly TaskStatus[]>

export interface Retried {
  readonly record: TaskRecord
  readonly deduplicated: boolean
}

/** What an operator may do with one task. Deeds on the same task wait for each other. */
export class Actions {
  readonly #parts: SourceParts
  readonly #queues = new Map<string, Promise<unknown>>()

  constructor(parts: SourceParts) {
    this.#parts = parts
  }

  /**
   * Mints a new task of the same function and arguments, sealed anew; the original stays and counts it. While an earlier
   * retry waits or runs, it gives that one.
   */
  async retry(taskId: string, act: Act): Promise<TaskSummary> {
    const { record, deduplicated } = await this.retryOnce(taskId, act, enough.live)
    if (deduplicated) await this.#recordAlone(act, { ...retryDeed(taskId, record.taskId), detail: { deduplicated } })
    return summaryOf(record)
  }

  /**
   * The same; `deduplicated` when `record` is not a new task: an earlier retry is enough, somebody else was faster, or
   * another task has the idempotency key by now.
   */
  retryOnce(taskId: string, act: Act, isEnough: readonly TaskStatus[]): Promise<Retried> {
    return this.#inTurn(taskId, async () => {
      for (let tries = 0; tries < maxTries; tries += 1) {
        const original = await readRecord(this.#parts, taskId)
        requireRetryable(original)
        const definition = this.#parts.registry.get(original.funcName)
        // Whoever was faster meanwhile asked for the same, whatever has become of it.
        const earlier = await this.#earlierRetry(original, tries === 0 ? isEnough : taskStatuses)
        if (earlier) return { record: earlier, deduplicated: true }
        const retried = await this.#mintRetry(original, definition, act)
        if (retried) return retried
      }
      throw changing(taskId)
    })
  }

  /** A waiting task never runs; a running one is asked to stop. */
  cancel(taskId: string, act: Act): Promise<TaskSummary> {
    const words = describeAct('Cancelled', act)
    return this.#inTurn(taskId, async () => {
      for (let tries = 0; tries < maxTries; tries += 1) {
        const cancelled = await this.#tryCancel(taskId, words, act)
        if (cancelled) return summaryOf(cancelled)
      }
      throw changing(taskId)
    })
  }

  /**
   * The same as somebody wanted it at `askedAt`: a task that waited then and has started since is left alone. One that
   * waits now is taken only if it still waits when that is written.
   */
  cancelAsOf(taskId: string, act: Act, askedAt: number): Promise<TaskRecord | 'started'> {
    const words = describeAct('Cancelled', act)
    return this.#inTurn(taskId, async () => {
      for (let tries = 0; tries < maxTries; tries += 1) {
        const record = await readRecord(this.#parts, taskId)
        if (record.status === 'running' && (await this.#startedAt(taskId)) > askedAt) return 'started'
        const isWaiting = record.status === 'pending'
        const cancelled = await (isWaiting ? this.#callOff(record, words, act) : this.#tryCancel(taskId, words, act))
        if (cancelled) return cancelled
      }
      throw changing(taskId)
    })
  }

  runNow(taskId: string, act: Act): Promise<TaskSummary> {
    return this.#inTurn(taskId, async () => {
      const { clock, dispatcher } = this.#parts
      const record = await readRecord(this.#parts, taskId)
      const words = describeAct('Run now', act)
      const beside = this.#beside(act, deedOn('run_now', taskId))
      const next = await this.#change(record, (current) => ({ ...runNow(current, clock.now(), words), ...beside }))
      dispatcher.withdraw(next)
      dispatcher.offer(next)
      return summaryOf(next)
    })
  }

  /** Gives a waiting task another priority or queue. */
  move(taskId: string, to: Move, act: Act): Promise<TaskSummary> {
    return this.#inTurn(taskId, async () => {
      const { clock, dispatcher } = this.#parts
      const record = await readRecord(this.#parts, taskId)
      const words = describeAct(`Moved to ${placeWords(to)}`, act)
      const beside = this.#beside(act, { ...deedOn('move', taskId), detail: { ...to } })
      const next = await this.#change(record, (current) => ({ ...move(current, to, clock.now(), words), ...beside }))
      dispatcher.withdraw(record)
      dispatcher.offer(next)
      return summaryOf(next)
    })
  }

  delete(taskId: string, act: Act): Promise<void> {
    return this.#inTurn(taskId, async () => {
      const { store, announcer } = this.#parts
      const beside = this.#beside(act, deedOn('delete', taskId))
      if (await store.tasks.delete(taskId, beside)) return announcer.deleted([taskId])
      const { status } = await readRecord(this.#parts, taskId)
      throw new TaskError('wrong_status', { message: `Only ended tasks can be deleted; this one is ${status}`, taskId })
    })
  }

  async #tryCancel(taskId: string, words: string, act: Act): Promise<TaskRecord | undefined> {
    const { clock, runner } = this.#parts
    const record = await readRecord(this.#parts, taskId)
    const beside = this.#beside(act, deedOn('cancel', taskId))
    const here = await runner.cancel(taskId, words, beside)
    if (here) return here
    if (record.status === 'pending') return this.#callOff(record, words, act)
    const step = requestCancel(record, clock.now(), words)
    return (await this.#save({ ...step, ...beside })) ? step.next : undefined
  }

  /** Nothing when it does not wait any more. */
  async #callOff(record: TaskRecord, words: string, act: Act): Promise<TaskRecord | undefined> {
    const { clock, dispatcher } = this.#parts
    const beside = this.#beside(act, deedOn('cancel', record.taskId))
    const step = cancelPending(record, clock.now(), words)
    if (!(await this.#save({ ...step, ...beside }))) return undefined
    dispatcher.withdraw(record)
    return step.next
  }

  /** When the attempt began that runs. */
  async #startedAt(taskId: string): Promise<number> {
    const detail = await this.#parts.store.views.detail(taskId)
    return detail?.attempts.at(-1)?.startedAt ?? Number.NEGATIVE_INFINITY
  }

  /** The newest retry of the task that has one of these statuses. */
  async #earlierRetry(
    { taskId, retryCount }: TaskRecord,
    statuses: readonly string[],
  ): Promise<TaskRecord | undefined> {
    if (retryCount === 0 || statuses.length === 0) return undefined
    const { store } = this.#parts
    const detail = await store.views.detail(taskId)
    const found = detail?.retries.find(({ status }) => statuses.includes(status))
    return found && store.tasks.get(found.taskId)
  }

  /** Stores the new task and its mark on the original in one write; null when the original is not any more what it was. */
  async #mintRetry(original: TaskRecord, definition: Definition, act: Act): Promise<Retried | null> {
    const { mint, keyring, clock, announcer } = this.#parts
    const { taskId, funcName } = original
    const args = keyring.open(original.args, { field: 'args', taskId, funcName })
    const marks: Transition[] = []
    const mark = (newId: string): Transition => {
      const step = markRetried(original, clock.now(), describeAct(`Retried as ${newId}`, act))
      marks.push(step)
      return step
    }
    try {
      const beside = (newId: string) => this.#beside(act, retryDeed(taskId, newId), newId)
      const request = retryOf(original, definition)
      const retried = await mint.issue(definition, request, args, toRetried, { mark, beside })
      if (retried.deduplicated) return retried
      for (const step of marks) announcer.saved(step.next, step.previous, await this.#numbered(step))
      return retried
    } catch (error) {
      if (error instanceof TaskError && error.code === 'wrong_status') return null
      throw error
    }
  }

  /** Saves a change of the newest record, however often it changes in between. */
  async #change(record: TaskRecord, decide: (current: TaskRecord) => Change): Promise<TaskRecord> {
    let current = record
    for (let tries = 0; tries < maxTries; tries += 1) {
      const step = decide(current)
      if (await this.#save(step)) return step.next
      current = await readRecord(this.#parts, record.taskId)
    }
    throw changing(record.taskId)
  }

  async #save(step: Change): Promise<boolean> {
    const { writes, announcer } = this.#parts
    const arrived = announcer.expectLines(step.next.taskId)
    try {
      if (!(await writes.saved(step))) return false
      announcer.saved(step.next, step.previous, await this.#numbered(step))
      return true
    } finally {
      arrived()
    }
  }

  /** The store numbers lines, so their numbers are read back before they are told. */
  async #numbered({ previous, next: { taskId }, logs }: Transition): Promise<readonly LogEntry[]> {
    const { store, announcer } = this.#parts
    if (logs.length === 0 || !announcer.isNoteHeard(previous)) return []
    try {
      const { total } = await store.views.logs({ taskId, after: 0, minLevel: null, text: null, limit: 1 })
      return logs.map((line, index) => ({ ...line, line: total - logs.length + 1 + index }))
    } catch (error) {
      announcer.events.fault('telling an operator’s note', error, taskId)
      return []
    }
  }

  /** What is stored with a deed: its line in the report of the operation that it is part of, else an entry of the log. */
  #beside(act: Act, deed: Deed, newTaskId: string | null = null): Beside {
    const { operationId } = act
    const at = this.#parts.clock.now()
    if (operationId === undefined) return { audit: auditDraft(act, deed, at) }
    const taskId = deed.target ?? ''
    return { operation: { operationId, taskId, outcome: 'succeeded', reason: null, newTaskId, at } }
  }

  /** For a deed that needed no write. */
  async #recordAlone(act: Act, deed: Deed): Promise<void> {
    await this.#parts.store.audit.append([auditDraft(act, deed, this.#parts.clock.now())])
  }

  async #inTurn<T>(taskId: string, deed: () => Promise<T>): Promise<T> {
    await this.#parts.ready()
    const before = this.#queues.get(taskId) ?? Promise.resolve()
    const turn = before.then(deed, deed)
    this.#queues.set(taskId, turn)
    try {
      return await turn
    } finally {
      if (this.#queues.get(taskId) === turn) this.#queues.delete(taskId)
    }
  }
}

function toRetried(record: TaskRecord, deduplicated: boolean): Retried {
  return { record, deduplicated }
}

/** `queue mail, priority 5`. */
function placeWords({ queue, priority }: Move): string {
  const words = [
    queue === undefined ? [] : [`queue ${queue}`],
    priority === undefined ? [] : [`priority ${priority ?? 'none'}`],
  ]
  return words.flat().join(', ')
}

function deedOn(action: string, taskId: string): Deed {
  return { action, target: taskId, affected: [taskId] }
}

function retryDeed(taskId: string, newId: string): Deed {
  return { action: 'retry', target: taskId, affected: [newId] }
}

/** `Cancelled by ann: wrong customer`. */
export function describeAct(deed: string, { actor, reason }: Act): string {
  const words = `${deed} by ${actor}`
  return cleanText((reason ? `${words}: ${reason}` : words).slice(0, 1_000))
}

function retryOf(original: TaskRecord, { policy, executor, request }: Definition) {
  return {
    funcName: original.funcName,
    queue: original.queue,
    maxRetries: policy.retries,
    executor,
    priority: original.priority,
    tags: original.tags,
    userLabel: original.userLabel,
    affected: original.affected,
    traceId: original.traceId,
    traceparent: original.traceparent,
    tracestate: original.tracestate,
    locks: original.locks,
    idempotencyKey: original.idempotencyKey,
    redact: request.redact ?? original.redact,
    source: 'retry',
    retriedFrom: original.taskId,
  }
}

function changing(taskId: string): TaskError {
  return new TaskError('wrong_status', { message: `Task ${taskId} changes too fast; try again`, taskId })
}
