import type { Clock } from '../core/clock.ts'
import type { ScheduleDefinition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { dueSlots, nextSlot } from '../core/trigger.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { AuditDraft, ScheduleState, Store } from '../stores/store.ts'
import type { TaskRecord } from '../core/record.ts'

export interface SchedulerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly announcer: Announcer
  readonly enqueue: (name: string, slotAt: number | null) => Promise<TaskRecord>
}

const afterFaultMs = 1_000

/** Enqueues schedules at their slots: each slot once, whatever instances there are and how often they restart. */
export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #sleeping = new Map<string, { readonly schedule: ScheduleDefinition; readonly callOff: () => void }>()
  #isOpen = false

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  async open(schedules: readonly ScheduleDefinition[]): Promise<void> {
    this.#isOpen = true
    for (const schedule of schedules) await this.add(schedule)
  }

  close(): void {
    this.#isOpen = false
    for (const { callOff } of this.#sleeping.values()) callOff()
    this.#sleeping.clear()
  }

  /** The clock was set: each schedule looks anew when its next slot is. */
  recheck(): void {
    const sleeping = [...this.#sleeping.values()]
    this.#sleeping.clear()
    for (const { schedule, callOff } of sleeping) {
      callOff()
      void this.#turn(schedule)
    }
  }

  /** Catches up with what was missed, and then waits for the next slot. */
  async add(schedule: ScheduleDefinition): Promise<void> {
    if (!this.#isOpen) return
    await this.#turn(schedule)
    if (schedule.runOnStartup) await this.#startUp(schedule)
  }

  /** What is stored of the schedule; a new one begins now. */
  async state(name: string): Promise<ScheduleState> {
    const known = await this.#options.store.schedules.get(name)
    if (known) return known
    const fresh = { name, isPaused: false, lastSlotAt: this.#options.clock.now(), missed: 0 }
    await this.#options.store.schedules.put(fresh)
    return fresh
  }

  /** Slots that pass while a schedule is paused are neither run nor missed. */
  async setPaused(schedule: ScheduleDefinition, isPaused: boolean, audit: AuditDraft): Promise<ScheduleState> {
    const state = await this.state(schedule.name)
    const next = { ...state, isPaused, lastSlotAt: this.#options.clock.now() }
    await this.#options.store.schedules.put(next, audit)
    this.#options.announcer.schedulesChanged()
    return next
  }

  async #turn(schedule: ScheduleDefinition): Promise<void> {
    const { clock, announcer } = this.#options
    let from = clock.now()
    try {
      from = await this.#catchUp(schedule)
    } catch (error) {
      announcer.events.fault(`the schedule ${schedule.name}`, error)
      return this.#sleep(schedule, afterFaultMs)
    }
    const slot = nextSlot(schedule.trigger, from)
    if (slot !== null) this.#sleep(schedule, Math.max(0, slot - clock.now()))
  }

  /** Does what is due now and returns the instant after which the next slot lies. */
  async #catchUp(schedule: ScheduleDefinition): Promise<number> {
    const { store, clock, announcer } = this.#options
    const state = await this.state(schedule.name)
    const now = clock.now()
    const last = state.lastSlotAt ?? now
    const due = dueSlots(schedule.trigger, last, now, schedule.misfire, schedule.misfireMax)
    if (due.newest === null) return Math.max(last, now)
    const run = state.isPaused ? 0 : await this.#enqueueSlots(schedule, due.run)
    const missed = state.isPaused ? 0 : due.missed + due.run.length - run
    await store.schedules.advance(schedule.name, due.newest, missed)
    announcer.schedulesChanged()
    return Math.max(due.newest, now)
  }

  /** How many were enqueued. A slot whose arguments are refused never can be. */
  async #enqueueSlots(schedule: ScheduleDefinition, slots: readonly number[]): Promise<number> {
    const { enqueue, announcer } = this.#options
    const unfinished = await this.#unfinished(schedule)
    if (unfinished !== null) return (await this.#isOf(unfinished, slots)) ? 1 : 0
    let enqueued = 0
    for (const slotAt of schedule.overlap === 'skip' ? slots.slice(-1) : slots) {
      try {
        await enqueue(schedule.name, slotAt)
        enqueued += 1
      } catch (error) {
        if (!(error instanceof TaskError) || error.code !== 'bad_argument') throw error
        announcer.events.fault(`the schedule ${schedule.name}`, error)
      }
    }
    return enqueued
  }

  /** Its last task, which waits or runs and which no other may overlap. */
  async #unfinished({ name, overlap }: ScheduleDefinition): Promise<string | null> {
    if (overlap === 'allow') return null
    const [last] = await this.#options.store.views.lastRuns([name])
    return last?.status === 'pending' || last?.status === 'running' ? last.taskId : null
  }

  /** Whether another process has just enqueued the newest of these slots: then that one is not missed. */
  async #isOf(taskId: string, slots: readonly number[]): Promise<boolean> {
    const slotAt = (await this.#options.store.tasks.get(taskId))?.slotAt ?? null
    return slotAt !== null && slotAt === slots.at(-1)
  }

  async #startUp(schedule: ScheduleDefinition): Promise<void> {
    const { name } = schedule
    try {
      const { isPaused } = await this.state(name)
      if (!isPaused && (await this.#unfinished(schedule)) === null) await this.#options.enqueue(name, null)
    } catch (error) {
      this.#options.announcer.events.fault(`the schedule ${name}`, error)
    }
  }

  #sleep(schedule: ScheduleDefinition, delayMs: number): void {
    if (!this.#isOpen) return
    this.#sleeping.get(schedule.name)?.callOff()
    const callOff = this.#options.clock.after(delayMs, () => {
      this.#sleeping.delete(schedule.name)
      void this.#turn(schedule)
    })
    this.#sleeping.set(schedule.name, { schedule, callOff })
  }
}
