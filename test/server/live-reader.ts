import { decodeLiveEvent, type LiveEvent } from '@taskloom/protocol'
import { createParser } from 'eventsource-parser'
import type { Clock } from '../../packages/engine/src/core/clock.ts'

/** Time that stands still until it is moved; timers fire in their order, each followed by what it set off. */
export class HandClock implements Clock {
  #now = Date.UTC(2026, 0, 5, 12)
  #timers: { readonly at: number; readonly callback: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  get timers(): number {
    return this.#timers.length
  }

  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (!next) break
      this.#timers = this.#timers.filter((other) => other !== next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await settled()
    }
    this.#now = end
    await settled()
  }
}

/** Lets every promise that is due run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Reads a live stream as it comes, or, while it is stalled, not at all. */
export class LiveReader {
  readonly events: LiveEvent[] = []
  pings = 0
  chunks = 0
  isDone = false
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #parser = createParser({
    onEvent: (message) => {
      const event = decodeLiveEvent(message)
      if (event) this.events.push(event)
    },
    onComment: () => (this.pings += 1),
  })

  constructor(stream: ReadableStream<Uint8Array>, { isStalled = false } = {}) {
    this.#reader = stream.getReader()
    if (!isStalled) void this.read()
  }

  async read(): Promise<void> {
    const decoder = new TextDecoder()
    for (;;) {
      const { done, value } = await this.#reader.read()
      if (done) break
      this.chunks += 1
      this.#parser.feed(decoder.decode(value, { stream: true }))
    }
    this.isDone = true
  }

  cancel(): Promise<void> {
    return this.#reader.cancel()
  }

  of<N extends LiveEvent['event']>(name: N): Extract<LiveEvent, { event: N }>[] {
    return this.events.filter((event): event is Extract<LiveEvent, { event: N }> => event.event === name)
  }

  get lastId(): string | null {
    return this.events.at(-1)?.id ?? null
  }
}
