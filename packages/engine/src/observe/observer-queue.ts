import type { Clock } from '../core/clock.ts'
import type { EventHub } from './events.ts'
import type { Observer, ObserverEvent, ObserverEventKind, ObserverState } from './observer.ts'
import { lifeMoments } from './observer.ts'

/**
 * An observer that is behind by this much loses what comes. Log lines and progress are counted apart from beginnings and
 * ends of tasks, so that a flood of the ones leaves room for the others.
 */
export const maxWaiting = 10_000
/** So many events are handed over before others get their turn. */
const portion = 200
/** An observer that takes longer over one event is not waited for any more. */
export const patienceMs = 30_000
const closeWithinMs = 2_000

/** The events one observer has still to hear, and the calls that bring them to it, one after the other. */
export class ObserverQueue {
  readonly hears: ReadonlySet<ObserverEventKind>
  #events: ObserverEvent[] = []
  #details = 0
  #moments = 0
  #dropped = 0
  #failed = 0
  #isDraining = false
  #isDropping = false
  #isClosed = false
  readonly #drained: (() => void)[] = []

  constructor(
    private readonly observer: Observer,
    private readonly clock: Clock,
    private readonly hub: EventHub,
  ) {
    this.hears = new Set(observer.hears ?? [...lifeMoments, 'log'])
    void this.#guard(() =>
      observer.open?.({ clock, fault: (error, taskId = null) => this.hub.fault(this.#words, error, taskId) }),
    )
  }

  get state(): ObserverState {
    return {
      name: this.observer.name,
      waiting: this.#details + this.#moments,
      dropped: this.#dropped,
      failed: this.#failed,
    }
  }

  push(event: ObserverEvent): void {
    if (this.#isClosed) return
    if ((isDetail(event) ? this.#details : this.#moments) >= maxWaiting) return this.#drop(event)
    this.#events.push(event)
    this.#count(event, 1)
    if (this.#isDraining) return
    this.#isDraining = true
    setImmediate(() => void this.#drain())
  }

  /** Brings it what waits and lets it close; gives up after two seconds. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (await this.#within(closeWithinMs, this.#end())) return
    this.#fail(new Error(`It did not close within ${closeWithinMs / 1_000} s`), null)
  }

  async #end(): Promise<void> {
    if (this.#isDraining) await new Promise<void>((resolve) => this.#drained.push(resolve))
    await this.#guard(() => this.observer.close?.())
  }

  async #drain(): Promise<void> {
    while (this.#events.length > 0) {
      const events = this.#events.splice(0, portion)
      for (const event of events) {
        const answer = this.#guard(() => this.observer.observe(event), taskIdOf(event))
        if (answer) await this.#patiently(answer, event)
        this.#count(event, -1)
      }
      if (this.#events.length > 0) await new Promise((resolve) => setImmediate(resolve))
    }
    this.#isDraining = false
    this.#isDropping = false
    for (const resolve of this.#drained.splice(0)) resolve()
  }

  async #patiently(answer: Promise<void>, event: ObserverEvent): Promise<void> {
    if (await this.#within(patienceMs, answer)) return
    this.#fail(new Error(`It took longer than ${patienceMs / 1_000} s over one event`), taskIdOf(event))
  }

  /** Undefined when it is over already; a promise never rejects. */
  #guard(act: () => unknown, taskId: string | null = null): Promise<void> | undefined {
    try {
      const answer = act()
      if (!isThenable(answer)) return undefined
      return Promise.resolve(answer).then(
        () => undefined,
        (error: unknown) => this.#fail(error, taskId),
      )
    } catch (error) {
      this.#fail(error, taskId)
      return undefined
    }
  }

  #within(limitMs: number, promise: Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const callOff = this.clock.after(limitMs, () => resolve(false))
      void promise.then(() => {
        callOff()
        resolve(true)
      })
    })
  }

  #count(event: ObserverEvent, sign: 1 | -1): void {
    if (isDetail(event)) this.#details += sign * weightOf(event)
    else this.#moments += sign
  }

  #fail(error: unknown, taskId: string | null): void {
    this.#failed += 1
    this.hub.fault(this.#words, error, taskId)
  }

  /** One fault for each time that it falls behind, not for each event. */
  #drop(event: ObserverEvent): void {
    this.#dropped += weightOf(event)
    if (this.#isDropping) return
    this.#isDropping = true
    this.hub.fault(this.#words, new Error('It is too slow: events are dropped until it has caught up'), taskIdOf(event))
  }

  get #words(): string {
    return `observer ${this.observer.name}`
  }
}

function isDetail({ kind }: ObserverEvent): boolean {
  return kind === 'log' || kind === 'progress'
}

function weightOf(event: ObserverEvent): number {
  return event.kind === 'log' ? event.entries.length : 1
}

function taskIdOf(event: ObserverEvent): string {
  return event.kind === 'log' ? event.taskId : event.task.taskId
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === 'object' && answer !== null && 'then' in answer
}
