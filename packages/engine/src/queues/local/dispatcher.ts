import type { Definition } from '../../core/definition.ts'
import { TaskError } from '../../core/errors.ts'
import { take } from '../../core/lifecycle.ts'
import type { TaskRecord, Transition } from '../../core/record.ts'
import { Alarm } from '../../run/alarm.ts'
import { isDoubtful } from '../../run/doubts.ts'
import type { Dispatcher, Ending, QueueHost } from '../queue.ts'
import type { Lane } from './lane.ts'
import { Lanes } from './lanes.ts'

/** Waiting tasks in memory; the rest waits in the store. */
const capacity = 10_000
/** Arguments in memory, in characters. */
const weightLimit = 32 * 1_048_576
const refillBatch = 800
/** A lane with fewer waiting tasks than this is filled up. */
const lowWater = 100
const pauseAfterFaultMs = 1_000
/** Of functions that are over when they return, so many times the tasks that run at once are taken for one turn. */
const promptFactor = 8
/** A store that does not take the ends of tasks gets no further starts. */
const maxEnding = 2_000

/** Takes due tasks in order of priority, then age, as far as there are slots, and hands them on to be run. */
export class LocalDispatcher implements Dispatcher {
  readonly #options: QueueHost
  readonly #lanes: Lanes
  /** Ids that wait in a lane or are being taken. */
  readonly #known = new Set<string>()
  readonly #idle = new Set<() => void>()
  #weight = 0
  #running = 0
  /** Attempts that are over and wait for their end to be saved; they hold no slot. */
  #ending = 0
  #isOpen = false
  #isAsking = false
  #isOver = false
  readonly #nextDue: Alarm
  readonly #opening: Alarm

  constructor(options: QueueHost) {
    this.#options = options
    this.#lanes = new Lanes(options.queues, options.clock, options.doorOf)
    this.#nextDue = new Alarm(options.clock, () => this.wake())
    this.#opening = new Alarm(options.clock, () => this.#pump())
  }

  get running(): number {
    return this.#running
  }

  get concurrency(): number {
    return this.#options.concurrency
  }

  /** Whether it waits here or is being taken. */
  knows(taskId: string): boolean {
    return this.#known.has(taskId)
  }

  async join(): Promise<void> {
    // What is stored waits where it is.
  }

  async open(): Promise<void> {
    this.#isOpen = true
    for (const definition of this.#options.registry.definitions()) this.add(definition)
    this.wake()
  }

  /** Takes nothing any more. What waits stays in the store. */
  close(): void {
    this.#isOpen = false
    this.#nextDue.off()
    this.#opening.off()
    for (const lane of this.#lanes.all) lane.queue.clear()
    this.#known.clear()
  }

  /** Nothing will run here any more: nobody needs to wait for it. */
  async end(): Promise<void> {
    this.#isOver = true
    this.settle()
  }

  add(definition: Definition): void {
    if (!this.#isOpen || this.#lanes.has(definition.name)) return
    this.#lanes.add(definition)
    this.#pump()
  }

  /**
   * Keeps a slot for a task that is not stored yet, so that it can be stored as running; false when it has to wait. A
   * kept slot is given up by {@link vacate}.
   */
  reserve(funcName: string, queue: string): boolean {
    const lane = this.#lanes.find(funcName, queue)
    if (!this.#isOpen || !lane || lane.isSaturated || !this.#hasRoom(lane)) return false
    if (this.#known.size > 0 || this.#isAsking || this.#ending >= maxEnding) return false
    for (const other of this.#lanes.all) if (other.floor !== null) return false
    lane.enter()
    this.#running += 1
    return true
  }

  /** A kept slot is not needed: its task was not started. */
  vacate(funcName: string, queue: string): void {
    this.#free(funcName, queue, true)
  }

  /**
   * The function has ended and its slot is free, although the end is not saved yet: so the end of one task and the start
   * of the next are written together. {@link settled} follows.
   */
  ending({ funcName, queue }: TaskRecord, how: Ending): void {
    const lane = this.#lanes.find(funcName, queue)
    if (lane) lane.isPrompt = how === 'prompt'
    this.#ending += 1
    this.#free(funcName, queue, how === 'unused')
  }

  /** The end is saved, or never will be: what waits again is run when its turn comes, at once if it was not begun. */
  settled(_taskId: string, next: TaskRecord | null, isUnused: boolean): void {
    if (next?.status === 'pending') this.offer(next, isUnused)
    this.#ending -= 1
    this.#pump()
  }

  /** There may be room for more although nothing has ended. */
  goOn(): void {
    this.#pump()
  }

  #free(funcName: string, queue: string, isUnused: boolean): void {
    this.#lanes.find(funcName, queue)?.leave(isUnused)
    this.#running -= 1
    this.#pump()
  }

  /** A task that is stored as pending: it is run when its turn comes; `isFirst` when it had its turn, but was not begun. */
  offer(record: TaskRecord, isFirst = false): void {
    const lane = this.#lanes.find(record.funcName, record.queue)
    if (!this.#isOpen || !lane) return
    if (record.runAt !== null && record.runAt > this.#options.clock.now()) return this.#wakeBy(record.runAt)
    if (this.#known.has(record.taskId)) return
    if (lane.accept(record, isFirst)) this.#remember(record)
    this.#trim()
    this.#pump()
  }

  /** A waiting task was changed or has ended: what was known of it is not true any more. */
  withdraw({ taskId, funcName, queue }: Pick<TaskRecord, 'taskId' | 'funcName' | 'queue'>): void {
    const removed = this.#lanes.find(funcName, queue)?.queue.remove(taskId)
    if (removed) this.#forget(removed)
    this.settle()
  }

  /** Looks into the store for tasks that became due or that others stored. */
  wake(): void {
    if (!this.#isOpen) return
    for (const lane of this.#lanes.all) lane.forget()
    this.#pump()
  }

  /** Takes nothing of these queues any more, and of all others again. What waits in them stays in the store. */
  pause(queues: ReadonlySet<string>): void {
    for (const record of this.#lanes.pause(queues)) this.#forget(record)
    this.wake()
    this.settle()
  }

  /** Resolves when nothing runs, waits or is due here; delayed tasks and those in paused queues are not waited for. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.add(resolve)
      this.settle()
    })
  }

  #pump(): void {
    if (!this.#isOpen) return
    const since = this.#options.clock.now()
    while (this.#ending < maxEnding && this.#running < this.#options.concurrency * promptFactor) {
      const lane = this.#nextLane()
      if (!this.#hasRoom(lane)) break
      const priority = lane?.queue.peek()?.priority ?? 0
      if (this.#mustAsk(lane ? priority : Number.NEGATIVE_INFINITY)) break
      const record = lane?.queue.shift()
      if (!lane || !record) break
      this.#take(lane, record)
    }
    this.#refill()
    // Goes on when time opens a lane that something waits in; it may have done so while the lanes were looked at.
    if (this.#lanes.hasRates) this.#opening.set(this.#lanes.opensAt(since))
    this.settle()
  }

  /**
   * Whether one more may be taken. Those that run one after the other in one turn, because their function is over when it
   * returns, are taken together as far as they keep up: their starts and ends are written in larger batches.
   */
  #hasRoom(lane: Lane | undefined): boolean {
    const { concurrency, isBehind, isPresent } = this.#options
    // Others would give up at once what it starts now.
    if (!isPresent()) return false
    if (this.#running < concurrency) return true
    return lane?.isPrompt === true && this.#running < concurrency * promptFactor && !isBehind()
  }

  /** The lane whose first task is next: highest priority, then oldest. */
  #nextLane(): Lane | undefined {
    let best: Lane | undefined
    let bestHead: TaskRecord | undefined
    for (const lane of this.#lanes.all) {
      const head = lane.isSaturated ? undefined : lane.queue.peek()
      if (head && (!bestHead || precedes(head, bestHead))) {
        best = lane
        bestHead = head
      }
    }
    return best
  }

  #mustAsk(priority: number): boolean {
    for (const lane of this.#lanes.all) if (lane.mustAsk(priority)) return true
    return false
  }

  #take(lane: Lane, record: TaskRecord): void {
    const { clock, workerId, writes } = this.#options
    lane.enter()
    lane.taking += 1
    this.#running += 1
    const taken = take(record, { workerId, now: clock.now() })
    writes.save(taken, (written) => {
      if (written instanceof TaskError) this.#takeFailed(lane, record, written)
      else this.#taken(lane, taken, written !== null)
    })
  }

  /** The slot stays taken for a while: a store that fails is not asked over and over. */
  #takeFailed(lane: Lane, record: TaskRecord, error: TaskError): void {
    const { announcer, clock, doubt } = this.#options
    announcer.events.fault('taking a task', error, record.taskId)
    if (isDoubtful(error)) doubt(record.taskId)
    lane.forget()
    clock.after(pauseAfterFaultMs, () => this.#untake(lane, record))
  }

  #taken(lane: Lane, { previous, next }: Transition, isOurs: boolean): void {
    if (!isOurs) return this.#untake(lane, previous)
    lane.taking -= 1
    this.#forget(previous)
    this.#options.announcer.saved(next, previous)
    this.#options.start(next, lane.definition)
  }

  #untake(lane: Lane, record: TaskRecord): void {
    lane.taking -= 1
    this.#forget(record)
    this.vacate(record.funcName, record.queue)
  }

  /** Asks the store for more where a lane runs dry and there may be more; one question at a time. */
  #refill(): void {
    if (this.#isAsking || !this.#isOpen) return
    const dry = this.#lanes.all.filter(
      (lane) =>
        lane.floor !== null &&
        !lane.isSaturated &&
        (lane.queue.size < lowWater || lane.floor === Number.POSITIVE_INFINITY),
    )
    if (dry.length === 0) return
    this.#isAsking = true
    void this.#ask(new Set(dry.map(({ definition }) => definition.name)))
  }

  async #ask(funcNames: ReadonlySet<string>): Promise<void> {
    const { store, clock, announcer } = this.#options
    const now = clock.now()
    const told = this.#lanes.toldWith(funcNames)
    const lanes = told.filter(({ floor }) => floor !== null)
    const limit = refillBatch + told.reduce((sum, lane) => sum + lane.queue.size + lane.taking, 0)
    for (const lane of lanes) lane.asks()
    try {
      const exceptQueues = this.#lanes.closedQueues()
      const due = await store.tasks.due({ now, funcNames: [...funcNames], exceptQueues, limit })
      for (const record of due) this.#fill(record)
      const floor = due.length < limit ? null : (due.at(-1)?.priority ?? 0)
      for (const lane of lanes) for (const record of lane.answered(floor)) this.#fill(record)
      const nextAt = await store.tasks.nextDueAt(now)
      if (nextAt !== null) this.#wakeBy(nextAt)
    } catch (error) {
      announcer.events.fault('looking for due tasks', error)
      // The answer may be half known: what is due, but not what will be.
      for (const lane of lanes) lane.forget()
      await new Promise<void>((resolve) => clock.after(pauseAfterFaultMs, resolve))
    }
    this.#isAsking = false
    this.#trim()
    this.#pump()
  }

  #fill(record: TaskRecord): void {
    const lane = this.#lanes.find(record.funcName, record.queue)
    if (!lane || lane.isPaused || !this.#isOpen || this.#known.has(record.taskId)) return
    lane.queue.push(record)
    this.#remember(record)
  }

  /** Keeps what waits in memory within its bounds. */
  #trim(): void {
    while (this.#known.size > capacity || this.#weight > weightLimit) {
      const lane = this.#leastUrgentLane()
      const dropped = lane && lane.queue.size > 1 ? lane.drop() : undefined
      if (!dropped) return
      this.#forget(dropped)
    }
  }

  #leastUrgentLane(): Lane | undefined {
    let worst: Lane | undefined
    let worstTail: TaskRecord | undefined
    for (const lane of this.#lanes.all) {
      const tail = lane.queue.peekLast()
      if (tail && lane.queue.size > 1 && (!worstTail || precedes(worstTail, tail))) {
        worst = lane
        worstTail = tail
      }
    }
    return worst
  }

  #remember(record: TaskRecord): void {
    this.#known.add(record.taskId)
    this.#weight += record.args.length
  }

  #forget(record: TaskRecord): void {
    if (this.#known.delete(record.taskId)) this.#weight -= record.args.length
  }

  #wakeBy(at: number): void {
    if (this.#isOpen) this.#nextDue.setBy(at)
  }

  /** Answers who waits for {@link idle}, if it is so. */
  settle(): void {
    if (this.#idle.size === 0) return
    if (!this.#isOver && !this.#isIdle()) return
    for (const resolve of this.#idle) resolve()
    this.#idle.clear()
  }

  #isIdle(): boolean {
    if (this.#isAsking) return false
    if (this.#running + this.#ending + this.#known.size + this.#options.backlog.arriving > 0) return false
    for (const lane of this.#lanes.all) if (lane.floor !== null) return false
    return true
  }
}

function precedes(a: TaskRecord, b: TaskRecord): boolean {
  const difference = (a.priority ?? 0) - (b.priority ?? 0)
  return difference > 0 || (difference === 0 && a.taskId < b.taskId)
}
