import type { Clock } from '../../core/clock.ts'
import type { Job } from './job.ts'
import { whole, type Load } from './pace.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** A worker that has other tasks in its inbox may take so long for one, and up to twice that. */
const lookEveryMs = 20
/** A worker that does none of its tasks is looked at so often before it is given up: two seconds. */
const maxLooks = 100

/** Sees which workers do not get on with what they were given; such a one takes nothing on until it does. */
export class StallWatch {
  /** What each did when it was last looked at, and how many tasks it had done. */
  readonly #seen = new WeakMap<WorkerSlot, { readonly job: Job | undefined; readonly answers: number }>()
  /** Those that stand still, what they count for beyond the task they do, and how often they were seen so. */
  readonly #stalled = new Map<WorkerSlot, { readonly beyond: number; looks: number }>()
  #callOff: (() => void) | null = null
  #isClosed = false

  constructor(
    private readonly clock: Clock,
    private readonly load: Load,
    /** A worker got on that stood still. */
    private readonly onMoved: () => void,
    /** Looks at the workers; false when there is nothing to look after any more. */
    private readonly look: () => boolean,
  ) {}

  has(slot: WorkerSlot): boolean {
    return this.#stalled.has(slot)
  }

  /** Begins to look at them now and then. */
  watch(): void {
    if (this.#callOff || this.#isClosed) return
    this.#callOff = this.clock.after(lookEveryMs, () => {
      this.#callOff = null
      if (this.look()) this.watch()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#callOff?.()
  }

  /** Whether it has got on with nothing since it was last looked at. */
  isStalled(slot: WorkerSlot): boolean {
    const known = this.#stalled.get(slot)
    if (known) known.looks += 1
    if (known) return true
    const now = { job: slot.current(), answers: slot.answers }
    const seen = this.#seen.get(slot)
    this.#seen.set(slot, now)
    if (!slot.isReady || seen?.job !== now.job || seen?.answers !== now.answers) return false
    this.#hold(slot, whole - (now.job?.pace.cost ?? 0))
    return true
  }

  /** It may stand still: it has to show that it does not. */
  doubt(slot: WorkerSlot): void {
    if (!this.#stalled.has(slot)) this.#hold(slot, whole)
    this.watch()
  }

  /** Whether it is kept from its tasks by something that no task of ours does any more. */
  isLost(slot: WorkerSlot): boolean {
    return (this.#stalled.get(slot)?.looks ?? 0) >= maxLooks && slot.current() === undefined
  }

  /** It got on. */
  moved(slot: WorkerSlot): void {
    const known = this.#stalled.get(slot)
    if (!known) return
    this.#stalled.delete(slot)
    this.load.add(-known.beyond)
    this.onMoved()
  }

  #hold(slot: WorkerSlot, beyond: number): void {
    this.#stalled.set(slot, { beyond, looks: 0 })
    this.load.add(beyond)
  }
}
