/** The schedules of the model test. */
export const schedules = {
  tick: { everyMs: 30_000, misfire: 'once' },
  tock: { everyMs: 45_000, misfire: 'all' },
} as const
export type ScheduleName = keyof typeof schedules
export const scheduleNames = Object.keys(schedules) as ScheduleName[]

interface Kept {
  isPaused: boolean
  lastSlotAt: number
  missed: number
}

/** A task that a schedule has minted; null for one that was asked for by hand. */
export interface ModelTick {
  readonly name: string
  readonly slotAt: number | null
  readonly endTime: number | null
}

/** What schedules must do, said as simply as it can be. Their tasks succeed at once. */
export class ModelSchedules {
  readonly kept: Readonly<Record<ScheduleName, Kept>>
  /** Tasks that are in the store, by id. */
  readonly ticks = new Map<string, ModelTick>()
  /** Slots that must have got a task since the store was last looked at, as `tick 60000`; `tick null` for by hand. */
  expected: string[] = []

  constructor(now: number) {
    const blank = (): Kept => ({ isPaused: false, lastSlotAt: now, missed: 0 })
    this.kept = { tick: blank(), tock: blank() }
  }

  /** A process was there all the time. */
  advance(until: number): void {
    for (const name of scheduleNames) this.#mint(name, this.#passed(name, until))
  }

  /** A process has started, after slots passed that nobody was there for. */
  boot(now: number): void {
    for (const name of scheduleNames) {
      const slots = this.#passed(name, now)
      const run = schedules[name].misfire === 'all' ? slots : slots.slice(-1)
      this.kept[name].missed += slots.length - run.length
      this.#mint(name, run)
    }
  }

  runByHand(name: ScheduleName): void {
    this.expected.push(`${name} null`)
  }

  setPaused(name: ScheduleName, isPaused: boolean, now: number): void {
    const kept = this.kept[name]
    // What passed meanwhile is not made up for.
    if (kept.isPaused && !isPaused) kept.lastSlotAt = now
    kept.isPaused = isPaused
  }

  #passed(name: ScheduleName, until: number): number[] {
    const { isPaused, lastSlotAt } = this.kept[name]
    const { everyMs } = schedules[name]
    const slots: number[] = []
    if (isPaused) return slots
    for (let at = (Math.floor(lastSlotAt / everyMs) + 1) * everyMs; at <= until; at += everyMs) slots.push(at)
    return slots
  }

  #mint(name: ScheduleName, slots: readonly number[]): void {
    const newest = slots.at(-1)
    if (newest !== undefined) this.kept[name].lastSlotAt = newest
    for (const slotAt of slots) this.expected.push(`${name} ${slotAt}`)
  }
}
