import type { TaskSummary } from '@taskloom/protocol'

/** What `on()` can listen to. `cleanup` is always the last of a task. */
export interface TaskEvents {
  /** It was stored; it may run already. */
  create: TaskSummary
  /** It said how far it is. */
  progress: TaskSummary
  /** It succeeded. */
  complete: TaskSummary
  /** Failed for good, cancelled or interrupted. */
  fail: TaskSummary
  /** It is over, and everything it held is let go. */
  cleanup: TaskSummary
  /** Something inside the engine went wrong; tasks go on. */
  error: EngineFault
}

/** Something went wrong inside the engine that no caller could be told. */
export interface EngineFault {
  /** What the engine was doing. */
  readonly during: string
  /** What was thrown. */
  readonly error: unknown
  /** The task it concerns; null when it is none in particular. */
  readonly taskId: string | null
}

/** The names of {@link TaskEvents}. */
export type TaskEventName = keyof TaskEvents
/** Called with each event of this name. What it throws is a fault of its own and disturbs nobody. */
export type TaskEventListener<N extends TaskEventName> = (event: TaskEvents[N]) => void

type AnyListener = (event: never) => void

/** Listeners by event. One that throws hurts neither the engine nor the others; its error is a fault of its own. */
export class EventHub {
  readonly #listeners = new Map<TaskEventName, Set<AnyListener>>()

  on<N extends TaskEventName>(name: N, listener: TaskEventListener<N>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  isHeard(name: TaskEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }

  emit<N extends TaskEventName>(name: N, event: TaskEvents[N]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        const answer: unknown = (listener as TaskEventListener<N>)(event)
        if (answer instanceof Promise) answer.catch((error: unknown) => this.#listenerFailed(name, error))
      } catch (error) {
        this.#listenerFailed(name, error)
      }
    }
  }

  /** Reports a fault of the engine; heard by nobody, it is dropped, because the engine never throws into its host. */
  fault(during: string, error: unknown, taskId: string | null = null): void {
    this.emit('error', { during, error, taskId })
  }

  #listenerFailed(name: TaskEventName, error: unknown): void {
    if (name !== 'error') this.fault(`a listener of ${name}`, error)
  }
}
