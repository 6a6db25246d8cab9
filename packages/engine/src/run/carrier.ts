import { AsyncResource } from 'node:async_hooks'

/** Tasks whose caller's context is kept at once; beyond that the oldest run without it. */
const maxKept = 10_000

/** The asynchronous contexts of callers, beside their tasks, while those wait or run in this process. */
export class ContextCarrier {
  readonly #kept = new Map<string, AsyncResource>()

  /** The context of whoever calls this. */
  capture(): AsyncResource {
    return new AsyncResource('taskloom.task')
  }

  keep(taskId: string, context: AsyncResource): void {
    this.#kept.set(taskId, context)
    if (this.#kept.size <= maxKept) return
    for (const oldest of this.#kept.keys()) return void this.#kept.delete(oldest)
  }

  find(taskId: string): AsyncResource | null {
    return this.#kept.get(taskId) ?? null
  }

  forget(taskId: string): void {
    this.#kept.delete(taskId)
  }
}
