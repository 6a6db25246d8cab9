import type { LiveHint, LogEntry, TaskSummary } from '@taskloom/protocol'
import type { TaskRecord } from '../core/record.ts'
import { summaryOf } from '../stores/summary.ts'

/** Something that was saved. `revision` grows by one with each within an epoch (one life of one process). */
export type Change = {
  /** The number of the change; one higher with each. */
  readonly revision: number
} & AnyChange

type AnyChange =
  /** A task was stored (`previous` null) or has changed. */
  | { readonly kind: 'task'; readonly task: TaskSummary; readonly previous: TaskSummary | null }
  /** Tasks are gone. */
  | { readonly kind: 'deleted'; readonly taskIds: readonly string[] }
  /** Lines were added to a log. */
  | { readonly kind: 'log'; readonly taskId: string; readonly entries: readonly LogEntry[] }
  /** Something else was saved: a schedule, a queue, a worker, an operation or an entry of the audit log. */
  | { readonly kind: LiveHint }
  /** Another process saved something; nobody knows what. */
  | { readonly kind: 'elsewhere' }

/** Called with each change, in order. */
export type ChangeListener = (change: Change) => void
type Unnumbered = Change extends infer C ? (C extends Change ? Omit<C, 'revision'> : never) : never

/** Tells whoever listens what was saved. A listener that throws is its own problem: the others still hear. */
export class Feed {
  readonly #listeners = new Set<ChangeListener>()
  readonly #closing = new Set<() => void>()
  #revision = 0

  constructor(
    readonly epoch: string,
    private readonly onListenerError: (error: unknown) => void = () => undefined,
  ) {}

  get revision(): number {
    return this.#revision
  }

  /** Whether anybody listens. */
  get isHeard(): boolean {
    return this.#listeners.size > 0
  }

  publish(change: Unnumbered): void {
    this.#revision += 1
    if (this.#listeners.size === 0) return
    const numbered = { ...change, revision: this.#revision } as Change
    for (const listener of this.#listeners) {
      try {
        listener(numbered)
      } catch (error) {
        this.onListenerError(error)
      }
    }
  }

  /** The same for a task's record; unheard it costs nothing. */
  publishTask(task: TaskRecord, previous: TaskRecord | null): void {
    if (this.#listeners.size === 0) this.#revision += 1
    else this.publish({ kind: 'task', task: summaryOf(task), previous: previous && summaryOf(previous) })
  }

  /** Tells whoever serves it that its process comes to an end. */
  close(): void {
    const told = [...this.#closing]
    this.#closing.clear()
    for (const listener of told) {
      try {
        listener()
      } catch (error) {
        this.onListenerError(error)
      }
    }
  }

  /** Calls back once, when the process comes to its end; returns how to call it off. */
  onClose(listener: () => void): () => void {
    this.#closing.add(listener)
    return () => this.#closing.delete(listener)
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
