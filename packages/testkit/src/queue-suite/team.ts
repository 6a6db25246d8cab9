import { TaskManager, type TaskManagerOptions, type TaskRecord } from '@taskloom/engine'
import type { Store } from '@taskloom/engine/store'
import { expect } from 'vitest'

/** Where tasks wait, and the ways to it for managers that share them. */
export interface QueuePlace {
  /** A store for one more manager, unopened; what one of them keeps, all of them see, where their stores are shared. */
  store(): Store
  /** The queue for one more manager. */
  queue(): NonNullable<TaskManagerOptions['queue']>
  /** Clears the place away, after its managers were shut down; nothing by default. */
  close?(): Promise<void>
}

/** Gives a new, empty place. */
export type QueueHarness = () => QueuePlace | Promise<QueuePlace>

/** What a manager of a test is made with. */
export type MemberOptions = Omit<TaskManagerOptions, 'store' | 'queue'>

/** Defines functions in a manager. */
export type Defines = (tasks: TaskManager) => void

/** Who does something by hand. */
export const act = { actor: 'the suite', reason: null }

/** The managers of one test over one place. */
export class Team {
  readonly #members: TaskManager[] = []
  /** Faults of the engines: none is expected. */
  readonly faults: unknown[] = []
  /** Whether what one manager stores is seen by others. */
  readonly isShared: boolean

  constructor(private readonly place: QueuePlace) {
    this.isShared = place.store().supports.sharing
  }

  /** A manager with these functions, not started. */
  member(defines: Defines, options: MemberOptions = {}): TaskManager {
    const tasks = new TaskManager({ ...options, store: this.place.store(), queue: this.place.queue() })
    this.#members.push(tasks)
    tasks.on('error', (fault) => this.faults.push(fault))
    defines(tasks)
    return tasks
  }

  async started(defines: Defines, options: MemberOptions = {}): Promise<TaskManager> {
    const tasks = this.member(defines, options)
    await tasks.start()
    return tasks
  }

  /** Two that are started; the same one twice where nothing is shared. */
  async pair(defines: Defines, options: MemberOptions = {}): Promise<readonly [TaskManager, TaskManager]> {
    const one = await this.started(defines, options)
    return [one, this.isShared ? await this.started(defines, options) : one]
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((tasks) => tasks.shutdown({ timeoutMs: 0 })))
    await this.place.close?.()
  }
}

/** The record of a task when it has ended. */
export async function ended(tasks: TaskManager, enqueued: Promise<{ readonly id: string }>): Promise<TaskRecord> {
  const { id } = await enqueued
  return tasks.wait(id)
}

/** Waits until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  await expect.poll(isSo, { message: what, interval: 10 }).toBe(true)
}

/** A function whose calls wait until the test lets them go; whether stopped or not, it knows how many there were at once. */
export class Held {
  readonly started: string[] = []
  readonly #holding: (() => void)[] = []
  #isOpen = false
  most = 0

  /** To be given to `define`. */
  readonly run = async (name = ''): Promise<string> => {
    this.started.push(name)
    if (this.#isOpen) return name
    await new Promise<void>((resolve) => {
      this.#holding.push(resolve)
      this.most = Math.max(this.most, this.held)
    })
    return name
  }

  /** How many wait. */
  get held(): number {
    return this.#holding.length
  }

  /** Lets the oldest go. */
  release(): void {
    this.#holding.shift()?.()
  }

  /** Lets go all that wait and all that come. */
  open(): void {
    this.#isOpen = true
    for (const go of this.#holding.splice(0)) go()
  }
}
