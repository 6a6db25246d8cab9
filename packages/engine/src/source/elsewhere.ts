import type { SourceParts } from './parts.ts'

/** Notices what other processes save in the same store: what exactly it was, whoever shows it has to ask. */
export class Elsewhere {
  readonly #parts: Pick<SourceParts, 'store' | 'feed' | 'dispatcher' | 'runner'>
  #version: number | null = null

  constructor(parts: Pick<SourceParts, 'store' | 'feed' | 'dispatcher' | 'runner'>) {
    this.#parts = parts
  }

  /** Publishes `elsewhere` when something is new, and sees to it here as the next heartbeat would. */
  async look(): Promise<void> {
    const { store, feed, dispatcher, runner } = this.#parts
    const version = store.foreignVersion?.() ?? null
    const isNew = this.#version !== null && version !== this.#version
    this.#version = version
    if (!isNew) return
    feed.publish({ kind: 'elsewhere' })
    dispatcher.wake()
    await runner.follow()
  }
}
