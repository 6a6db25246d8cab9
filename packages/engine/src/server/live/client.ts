import { answerTo, type Frame } from './frame.ts'
import { liveLimits } from './limits.ts'

/** Where a reader's frames go: a response, a socket, a stream. */
export interface FrameSink {
  /** Takes one frame; false when no further one is wanted before {@link LiveReader.resume} is called. */
  write(frame: Frame): boolean
  /** Keeps the connection alive, by a few bytes when it is idle; answers as {@link write} does. */
  beat(isIdle: boolean): boolean
  /** Nothing comes any more; `code` says why as WebSocket does. */
  end(code: number): void
}

/** A reader as the adapters see it. */
export interface LiveReader {
  /** Where its frames go from now on; called once. */
  attach(sink: FrameSink): void
  /** The sink takes frames again. */
  resume(): void
  /** It says something; null for what is no text. It is answered. */
  receive(text: string | null): void
  /** Nobody reads any more. Safe to call twice. */
  leave(): void
}

/** Why a connection ends, as WebSocket says it. */
export const closeCodes = { shutdown: 1001, session_ended: 1008, stalled: 1013 } as const

interface Ending {
  readonly last: Frame | null
  readonly code: number
}

/**
 * One reader of the live stream with what it has not read yet. A reader that falls too far behind loses its queue and is
 * told so when it reads again: what it missed it can only refetch.
 */
export class LiveClient implements LiveReader {
  readonly #makeReset: () => Frame
  readonly #onGone: (client: LiveClient) => void
  #sink: FrameSink | null = null
  #queue: Frame[] = []
  #unreadBytes = 0
  #isBehind = false
  /** Before there is a sink nobody takes anything. */
  #isBlocked = true
  #isFlushing = false
  #stalledBeats = 0
  #isOver = false
  #ending: Ending | null = null

  /** `makeReset` gives the frame for a reader that lost its queue. */
  constructor(makeReset: () => Frame, onGone: (client: LiveClient) => void) {
    this.#makeReset = makeReset
    this.#onGone = onGone
  }

  get unreadBytes(): number {
    return this.#unreadBytes
  }

  attach(sink: FrameSink): void {
    this.#sink = sink
    if (this.#ending) return this.#close(this.#ending)
    this.resume()
  }

  resume(): void {
    this.#isBlocked = false
    this.flush()
  }

  receive(text: string | null): void {
    this.push(answerTo(text))
    this.flush()
  }

  leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#drop()
    this.#onGone(this)
  }

  /** Puts a frame behind those that wait; {@link flush} sends them. */
  push(frame: Frame): void {
    if (this.#isOver || this.#isBehind) return
    this.#queue.push(frame)
    this.#unreadBytes += frame.bytes.byteLength
    if (this.#unreadBytes <= liveLimits.unreadBytes) return
    this.#isBehind = true
    this.#drop()
  }

  flush(): void {
    // A sink may ask for more while it is given something.
    if (!this.#sink || this.#isFlushing) return
    this.#isFlushing = true
    while (!this.#isBlocked && !this.#isOver) {
      const frame = this.#next()
      if (!frame) break
      this.#isBlocked = true
      if (this.#sink.write(frame)) this.#isBlocked = false
    }
    this.#isFlushing = false
  }

  /** Called as often as a connection has to be kept alive. One that has not taken anything for long is given up. */
  beat(): void {
    const isIdle = !this.#isBlocked
    this.#stalledBeats = this.#isBlocked && (this.#isBehind || this.#queue.length > 0) ? this.#stalledBeats + 1 : 0
    if (this.#stalledBeats > liveLimits.stalledBeats) return this.end(null, closeCodes.stalled)
    this.#isBlocked = true
    if (this.#sink?.beat(isIdle) && isIdle) this.#isBlocked = false
  }

  /** The last frame, and the end. What somebody has not read by now is not waited for. */
  end(last: Frame | null, code: number): void {
    if (this.#isOver) return
    this.flush()
    this.#isOver = true
    this.#drop()
    this.#close({ last, code })
    this.#onGone(this)
  }

  #close(ending: Ending): void {
    this.#ending = ending
    if (ending.last) this.#sink?.write(ending.last)
    this.#sink?.end(ending.code)
  }

  #next(): Frame | undefined {
    if (this.#isBehind) {
      this.#isBehind = false
      return this.#makeReset()
    }
    const frame = this.#queue.shift()
    this.#unreadBytes -= frame?.bytes.byteLength ?? 0
    return frame
  }

  #drop(): void {
    this.#queue = []
    this.#unreadBytes = 0
  }
}
