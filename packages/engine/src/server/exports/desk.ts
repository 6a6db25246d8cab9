import { ProtocolError } from '@taskloom/protocol'

/** Lets so many exports run at once: each keeps the store busy for as long as it is read. */
export class ExportDesk {
  #running = 0
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** Takes a place and gives the way to give it back. Throws `too_many_requests` when there is none. */
  enter(): () => void {
    if (this.#running >= this.#most) {
      throw new ProtocolError('too_many_requests', `At most ${this.#most} exports run at once`)
    }
    this.#running += 1
    let isInside = true
    return () => {
      if (isInside) this.#running -= 1
      isInside = false
    }
  }
}
