import type { Clock } from '../../core/clock.ts'
import type { Announcer } from '../../observe/announcer.ts'
import type { Presence } from '../../run/presence.ts'
import type { ItemResult, Operation, OperationEnd } from '../../stores/operations.ts'
import type { Store } from '../../stores/store.ts'
import type { Actions } from '../actions.ts'
import { doTo, isPassing } from './deed.ts'
import { endEntry } from './entries.ts'
import { pauseAfter, sliceOf } from './pace.ts'
import { filterFromText } from './target.ts'

/** So many ids are stored in one transaction. */
const collectedAtOnce = 500
/** So many tasks are worked off at the same time: their changes share a transaction. */
const atOnce = 100
const maxUnfinished = 100
/** When to go on after the store has failed. */
const againMs = 5_000
const keptOperations = 1_000
const keptMs = 30 * 86_400_000
const pruneEveryMs = 3_600_000
const prunePortion = 500

export interface OperationWorkerOptions {
  readonly ready: () => Promise<void>
  readonly store: Store
  readonly clock: Clock
  readonly announcer: Announcer
  readonly presence: Presence
  readonly workerId: string
  readonly actions: Actions
  /** How many tasks a second at most. */
  readonly perSecond: number
}

/**
 * Works off operations, a slice of each in turn, that hold nobody up. Whatever it does to a task is stored together
 * with the line of the report that says so, so that another process can go on wherever this one dies.
 */
export class OperationWorker {
  readonly #options: OperationWorkerOptions
  #working: Promise<void> | null = null
  #isAsked = false
  #isClosed = false
  #prunedAt = Number.NEGATIVE_INFINITY
  /** When operations that are held back go on. */
  readonly #againAt = new Map<string, number>()
  #callOffAlarm: () => void = () => undefined
  #callOff: () => void = () => undefined
  #goOn: () => void = () => undefined

  constructor(options: OperationWorkerOptions) {
    this.#options = options
  }

  /** Looks for operations that nobody works off: new ones, and those whose worker is dead. */
  wake(): void {
    if (this.#isClosed) return
    this.#isAsked = true
    this.#working ??= this.#work()
  }

  /** Stops after what is being done just now; whoever comes next goes on there. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#callOffAlarm()
    this.#callOff()
    this.#goOn()
    await this.#working
  }

  async #work(): Promise<void> {
    try {
      while (this.#isAsked && !this.#isClosed) {
        this.#isAsked = false
        await this.#workOffAll()
      }
    } catch (error) {
      // A store that was closed under it is no fault.
      if (!this.#isClosed) this.#tryLater(error)
    } finally {
      this.#working = null
    }
  }

  #tryLater(error: unknown): void {
    const { announcer, clock } = this.#options
    announcer.events.fault('a bulk operation', error)
    this.#callOff()
    this.#callOff = clock.after(againMs, () => this.wake())
  }

  /** A slice of each in turn, so that neither a long one nor a slow one holds up those that come after it. */
  async #workOffAll(): Promise<void> {
    await this.#options.ready()
    while (!this.#isClosed) {
      const operations = await this.#ours()
      const now = this.#options.clock.now()
      const due = operations.filter((operation) => this.#dueAt(operation) <= now)
      if (due.length === 0) {
        this.#wakeAt(Math.min(...operations.map((operation) => this.#dueAt(operation))), now)
        break
      }
      for (const operation of due) if (!this.#isClosed) await this.#workOff(operation)
    }
    await this.#prune()
  }

  /** What is ours, and what is nobody's and made ours, the oldest first. */
  async #ours(): Promise<readonly Operation[]> {
    const { store, presence, workerId, clock } = this.#options
    const unfinished = await store.operations.unfinished(maxUnfinished)
    if (unfinished.length === 0) return []
    const alive = await presence.alive()
    const ours: Operation[] = []
    for (const operation of unfinished) {
      const { operationId, workerId: owner, status, beginsAt } = operation
      if (owner !== null && owner !== workerId && alive.includes(owner)) continue
      const now = clock.now()
      const isAsItIs = owner === workerId && (status === 'running' || now < (beginsAt ?? now))
      const claimed = isAsItIs ? operation : await store.operations.claim(operationId, workerId, owner, now)
      if (claimed) ours.push(claimed)
      if (claimed && !isAsItIs) this.#tell()
    }
    return ours
  }

  /** When it has its next turn: its tasks are fixed as soon as it is asked for, and nothing is done before its time. */
  #dueAt(operation: Operation): number {
    const { operationId, beginsAt, status, cancelRequestedAt } = operation
    if (cancelRequestedAt !== null) return Number.NEGATIVE_INFINITY
    const again = this.#againAt.get(operationId) ?? Number.NEGATIVE_INFINITY
    return status === 'pending' && isFixed(operation) ? Math.max(again, beginsAt ?? again) : again
  }

  #wakeAt(at: number, now: number): void {
    if (!Number.isFinite(at) || this.#isClosed) return
    this.#callOffAlarm()
    this.#callOffAlarm = this.#options.clock.after(at - now, () => this.wake())
  }

  /** One slice. What is not the fault of its tasks is tried again later, and does not hold up the others. */
  async #workOff(operation: Operation): Promise<void> {
    const { operationId } = operation
    try {
      if (await this.#isToStop(operationId)) return
      if (isFixed(operation)) await this.#settleSlice(operation)
      else await this.#collect(operation)
    } catch (error) {
      if (this.#isClosed) throw error
      this.#options.announcer.events.fault('a bulk operation', error)
      if (isPassing(error)) this.#againAt.set(operationId, this.#options.clock.now() + againMs)
      else await this.#finish(operation, 'failed', error instanceof Error ? error.message.slice(0, 300) : String(error))
    }
  }

  /** Fixes which tasks belong to it, a slice of them. */
  async #collect({ operationId, filter, lastTaskId, collectedTo: from }: Operation): Promise<void> {
    const { store, workerId } = this.#options
    const question = { filter: filterFromText(filter ?? '{}'), until: lastTaskId ?? '', limit: collectedAtOnce }
    const { taskIds, next } = await store.views.ids({ ...question, after: from })
    await store.operations.collect({ operationId, workerId, from, to: next, taskIds, isLast: next === null })
    this.#tell()
    await breathe()
  }

  async #settleSlice(operation: Operation): Promise<void> {
    const { store, clock, perSecond } = this.#options
    const { operationId } = operation
    const ownPace = Math.min(operation.perSecond ?? perSecond, perSecond)
    const startedAt = clock.now()
    const taskIds = await store.operations.waiting(operationId, sliceOf(ownPace))
    if (taskIds.length === 0) return this.#finish(operation, 'done', null)
    for (let start = 0; start < taskIds.length && !this.#isClosed; start += atOnce) {
      await this.#settle(operation, taskIds.slice(start, start + atOnce))
      await breathe()
    }
    this.#tell()
    const tookMs = clock.now() - startedAt
    if (operation.perSecond !== null) {
      this.#againAt.set(operationId, clock.now() + pauseAfter(taskIds.length, tookMs, ownPace))
    }
    await this.#pause(pauseAfter(taskIds.length, tookMs, perSecond))
  }

  /** What could not be done is stored even when the store failed for others. */
  async #settle(operation: Operation, taskIds: readonly string[]): Promise<void> {
    const { store, clock, actions } = this.#options
    const results: ItemResult[] = []
    const failures: unknown[] = []
    const settleOne = async (taskId: string): Promise<void> => {
      try {
        const result = await doTo(actions, operation, taskId, () => clock.now())
        if (result) results.push(result)
      } catch (error) {
        failures.push(error)
      }
    }
    await Promise.all(taskIds.map(settleOne))
    if (results.length > 0) await store.operations.settle(results)
    if (failures.length > 0) throw failures[0]
  }

  /** Whether it has ended, is somebody else's by now, or is to be ended, which is done then. */
  async #isToStop(operationId: string): Promise<boolean> {
    const { store, workerId } = this.#options
    const operation = await store.operations.get(operationId)
    if (!operation || operation.endedAt !== null || operation.workerId !== workerId) return true
    if (operation.cancelRequestedAt === null) return false
    await this.#finish(operation, 'cancelled', null)
    return true
  }

  async #finish({ operationId }: Operation, status: OperationEnd['status'], error: string | null): Promise<void> {
    const { store, workerId, clock } = this.#options
    const operation = await store.operations.get(operationId)
    if (!operation) return
    const end = { operationId, workerId, status, error, at: clock.now() }
    if (await store.operations.finish(end, endEntry(operation, end))) this.#options.announcer.auditGrew()
    this.#againAt.delete(operationId)
    this.#prunedAt = Number.NEGATIVE_INFINITY
    this.#tell()
  }

  async #prune(): Promise<void> {
    const { store, clock } = this.#options
    const now = clock.now()
    if (now - this.#prunedAt < pruneEveryMs) return
    this.#prunedAt = now
    const question = { keep: keptOperations, endedBefore: now - keptMs, limit: prunePortion }
    while (!this.#isClosed && (await store.operations.prune(question)) > 0) await breathe()
  }

  async #pause(delayMs: number): Promise<void> {
    if (delayMs === 0 || this.#isClosed) return
    await new Promise<void>((resolve) => {
      this.#goOn = resolve
      this.#callOff = this.#options.clock.after(delayMs, resolve)
    })
  }

  #tell(): void {
    this.#options.announcer.operationsChanged()
  }
}

/** Whether all tasks that belong to it are known. */
function isFixed({ isCollected, lastTaskId }: Operation): boolean {
  return isCollected || lastTaskId === null
}

/** Lets the host breathe between two slices. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
