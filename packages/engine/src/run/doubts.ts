import type { Clock } from '../core/clock.ts'
import type { TaskError } from '../core/errors.ts'
import { settle } from '../core/lifecycle.ts'
import type { TaskRecord } from '../core/record.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Store } from '../stores/store.ts'
import { randomFraction } from './chance.ts'
import type { Registry } from './registry.ts'
import type { WriteQueue } from './write-queue.ts'

/** Starts that are doubted at once; beyond that the oldest are believed. */
const maxDoubts = 10_000
/** What was refused may still arrive for so many heartbeats. */
const looksInAll = 12
const atOnce = 50

export interface DoubtsOptions {
  readonly store: Pick<Store, 'tasks'>
  readonly clock: Clock
  readonly announcer: Announcer
  readonly registry: Registry
  readonly writes: WriteQueue
  readonly workerId: string
  /** Whether the task runs here, or is being taken. */
  readonly isOurs: (taskId: string) => boolean
  /** It waits again. */
  readonly onGivenBack: (record: TaskRecord) => void
}

/**
 * Starts that a store has refused although it may have kept them: the network was lost before it could say so. Such a
 * task would be running for ever in the name of this process, which never began it. It is given back as if it had never
 * been taken.
 */
export class Doubts {
  readonly #options: DoubtsOptions
  /** How often each was looked at. */
  readonly #looks = new Map<string, number>()
  #isLooking = false

  constructor(options: DoubtsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#looks.size
  }

  /** The store refused to let it start here. */
  add(taskId: string): void {
    this.#looks.delete(taskId)
    this.#looks.set(taskId, 0)
    if (this.#looks.size <= maxDoubts) return
    const [oldest] = this.#looks.keys()
    if (oldest !== undefined) this.#looks.delete(oldest)
  }

  /** Asks the store what became of them. Never rejects. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#looks.size === 0) return
    this.#isLooking = true
    try {
      const ids = [...this.#looks.keys()]
      for (let from = 0; from < ids.length; from += atOnce) {
        await Promise.all(ids.slice(from, from + atOnce).map((taskId) => this.#resolve(taskId)))
      }
    } catch (error) {
      this.#options.announcer.events.fault('looking for starts that were refused', error)
    } finally {
      this.#isLooking = false
    }
  }

  async #resolve(taskId: string): Promise<void> {
    const { store, workerId, isOurs } = this.#options
    const stored = await store.tasks.get(taskId)
    const looks = (this.#looks.get(taskId) ?? 0) + 1
    if (looks < looksInAll) this.#looks.set(taskId, looks)
    else this.#looks.delete(taskId)
    if (stored?.status !== 'running' || stored.workerId !== workerId || isOurs(taskId)) return
    // Until that is written, it is asked for again.
    this.#looks.set(taskId, 0)
    await this.#giveBack(stored)
  }

  async #giveBack(record: TaskRecord): Promise<void> {
    const { writes, clock, registry, announcer, onGivenBack } = this.#options
    const now = clock.now()
    const settling = { policy: registry.policyOf(record.funcName), now, startedAt: now, random: randomFraction() }
    const back = settle(record, { kind: 'not_begun' }, settling)
    if (!(await writes.saved(back))) return
    announcer.saved(back.next, back.previous)
    onGivenBack(back.next)
  }
}

/** Whether a refusal leaves it open if the write was kept. */
export function isDoubtful(error: TaskError): boolean {
  return error.code === 'store_failed' || error.code === 'store_lost'
}
