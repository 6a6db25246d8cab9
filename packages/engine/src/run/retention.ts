import { terminalStatuses, type TaskStatus } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { AuditDraft, Store } from '../stores/store.ts'

const everyMs = 3_600_000
const dayMs = 86_400_000
/** Few enough that the transaction is over in some milliseconds. */
const batch = 100

export interface SweepOptions {
  readonly store: Store
  readonly announcer: Announcer
}

export interface SweepRules {
  /** Asked after each batch; always by default. */
  readonly mayGoOn?: () => boolean
  /** The entry of the audit log for each batch; none by default. */
  readonly audit?: AuditDraft | undefined
}

/** Deletes ended tasks in batches, so that nobody waits long for the store; returns how many there were. */
export async function sweep(
  { store, announcer }: SweepOptions,
  statuses: readonly TaskStatus[],
  endedBefore: number,
  { mayGoOn = () => true, audit }: SweepRules = {},
): Promise<number> {
  for (let deleted = 0; ;) {
    const taskIds = await store.tasks.deleteHistory({ statuses, endedBefore, limit: batch }, audit)
    announcer.deleted(taskIds)
    deleted += taskIds.length
    if (taskIds.length < batch || !mayGoOn()) return deleted
    // Lets the host breathe between two batches.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Keeps the history as short as `days`, looking once an hour. */
export class Retention {
  #callOff: () => void = () => undefined
  #isOpen = false

  constructor(
    private readonly options: SweepOptions & { readonly clock: Clock },
    private readonly days: number,
  ) {}

  open(): void {
    this.#isOpen = true
    this.#wait(0)
  }

  close(): void {
    this.#isOpen = false
    this.#callOff()
  }

  #wait(delayMs: number): void {
    if (this.#isOpen) this.#callOff = this.options.clock.after(delayMs, () => void this.#turn())
  }

  async #turn(): Promise<void> {
    const before = this.options.clock.now() - this.days * dayMs
    try {
      await sweep(this.options, terminalStatuses, before, { mayGoOn: () => this.#isOpen })
    } catch (error) {
      // A store that was closed under it is no fault.
      if (this.#isOpen) this.options.announcer.events.fault('deleting old tasks', error)
    }
    this.#wait(everyMs)
  }
}
