import type { Clock } from '../../core/clock.ts'
import type { Definition } from '../../core/definition.ts'
import type { TaskRecord } from '../../core/record.ts'
import { Gate, type Door, type Limits } from '../../run/gate.ts'
import { Lane } from './lane.ts'

/** A queue with limits, or one that is paused, and the lanes of functions that have tasks in it. */
interface OwnQueue {
  readonly gate: Gate
  /** One without limits is there only while it is paused. */
  readonly isLimited: boolean
  readonly lanes: Map<string, Lane>
}

/**
 * One lane for each function, and a further one for each limited or paused queue that its tasks wait in: a queue that lets
 * nothing through does not hold up a function's tasks in others.
 */
export class Lanes {
  /** All but those of paused queues. */
  readonly all: Lane[] = []
  readonly #plain = new Map<string, Lane>()
  readonly #queues = new Map<string, OwnQueue>()
  #hasRates = false

  constructor(
    queues: ReadonlyMap<string, Limits>,
    private readonly clock: Clock,
    /** What a function's pool of workers lets through. */
    private readonly doorOf: (definition: Definition) => Door | null,
  ) {
    for (const [name, limits] of queues) {
      this.#queues.set(name, { gate: new Gate(limits, clock), isLimited: true, lanes: new Map() })
      if (limits.rateLimit !== null) this.#hasRates = true
    }
  }

  /** Whether time alone may open a lane. */
  get hasRates(): boolean {
    return this.#hasRates
  }

  has(funcName: string): boolean {
    return this.#plain.has(funcName)
  }

  add(definition: Definition): void {
    const lane = new Lane(definition, new Gate(definition, this.clock), null, this.doorOf(definition))
    this.#plain.set(definition.name, lane)
    this.all.push(lane)
    if (definition.rateLimit !== null) this.#hasRates = true
  }

  /** Undefined for a function that is not defined here. */
  find(funcName: string, queue: string): Lane | undefined {
    const plain = this.#plain.get(funcName)
    if (this.#queues.size === 0 || !plain) return plain
    const own = this.#queues.get(queue)
    if (!own) return plain
    const known = own.lanes.get(funcName)
    if (known) return known
    const lane = new Lane(plain.definition, plain.own, own.gate, this.doorOf(plain.definition))
    own.lanes.set(funcName, lane)
    if (!own.gate.isPaused) this.all.push(lane)
    return lane
  }

  /** Closes these queues and opens all others again. Gives what waited in those that are closed now: nothing does any more. */
  pause(names: ReadonlySet<string>): readonly TaskRecord[] {
    for (const [name, queue] of this.#queues) if (queue.gate.isPaused && !names.has(name)) this.#resume(name, queue)
    const withdrawn: TaskRecord[] = []
    for (const name of names) {
      const queue = this.#queues.get(name) ?? this.#open(name)
      if (queue.gate.isPaused) continue
      queue.gate.isPaused = true
      for (const lane of [...this.#plain.values(), ...queue.lanes.values()])
        withdrawn.push(...lane.queue.removeOf(name))
      const paused = new Set(queue.lanes.values())
      this.all.splice(0, this.all.length, ...this.all.filter((lane) => !paused.has(lane)))
    }
    return withdrawn
  }

  #open(name: string): OwnQueue {
    const queue = { gate: new Gate(unlimited, this.clock), isLimited: false, lanes: new Map<string, Lane>() }
    this.#queues.set(name, queue)
    return queue
  }

  #resume(name: string, queue: OwnQueue): void {
    queue.gate.isPaused = false
    if (queue.isLimited) this.all.push(...queue.lanes.values())
    else this.#queues.delete(name)
  }

  /** Queues that let nothing through now. */
  closedQueues(): readonly string[] {
    return [...this.#queues].filter(([, { gate }]) => gate.isClosed).map(([name]) => name)
  }

  /** Every lane that a question for tasks of these functions tells about, when closed queues are left out of it. */
  toldWith(funcNames: ReadonlySet<string>): readonly Lane[] {
    return this.all.filter(({ definition, shared }) => funcNames.has(definition.name) && shared?.isClosed !== true)
  }

  /** When time opens the first lane that has waited for it at `since`, or does by now; +∞ when none does. */
  opensAt(since: number): number {
    let first = Number.POSITIVE_INFINITY
    if (!this.#hasRates) return first
    for (const lane of this.all) {
      if (lane.queue.size === 0 && lane.floor === null) continue
      const at = lane.opensAt
      if (at > since && at < first) first = at
    }
    return first
  }
}

const unlimited: Limits = { concurrency: null, rateLimit: null }
