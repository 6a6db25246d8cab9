import { liveLimits } from './limits.ts'

/**
 * One reader of the live stream with what it has not read yet. A reader that falls too far behind loses its queue and is
 * told so when it reads again: what it missed it can only refetch.
 */
export class LiveClient {
  readonly stream: ReadableStream<Uint8Array>
  readonly #makeReset: () => Uint8Array
  #queue: Uint8Array[] = []
  #unreadBytes = 0
  #isBehind = false
  #phase: 'open' | 'ending' | 'gone' = 'open'
  #wake: () => void = () => undefined

  constructor(makeReset: () => Uint8Array, onGone: (client: LiveClient) => void) {
    this.#makeReset = makeReset
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => this.#pull(controller),
        cancel: () => {
          this.leave()
          onGone(this)
        },
      },
      { highWaterMark: 0 },
    )
  }

  get unreadBytes(): number {
    return this.#unreadBytes
  }

  push(frame: Uint8Array): void {
    if (this.#phase !== 'open' || this.#isBehind) return
    this.#queue.push(frame)
    this.#unreadBytes += frame.byteLength
    if (this.#unreadBytes > liveLimits.unreadBytes) {
      this.#isBehind = true
      this.#drop()
    }
    this.#wake()
  }

  /** Ends the stream once what is queued has been read. */
  end(): void {
    if (this.#phase === 'open') this.#phase = 'ending'
    this.#wake()
  }

  /** The reader is not there any more. */
  leave(): void {
    this.#phase = 'gone'
    this.#drop()
    this.#wake()
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (this.#phase === 'open' && this.#queue.length === 0 && !this.#isBehind) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    if (this.#phase === 'gone') return
    const frame = this.#next()
    if (frame) controller.enqueue(frame)
    else controller.close()
  }

  #next(): Uint8Array | undefined {
    if (this.#isBehind && this.#phase === 'open') {
      this.#isBehind = false
      return this.#makeReset()
    }
    const frame = this.#queue.shift()
    this.#unreadBytes -= frame?.byteLength ?? 0
    return frame
  }

  #drop(): void {
    this.#queue = []
    this.#unreadBytes = 0
  }
}
