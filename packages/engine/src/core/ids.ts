/**
 * Makes task ids: UUIDs of version 7, whose first 48 bits are the creation instant and which grow with every call of one
 * source, also within a millisecond and when the clock steps back. The chance is passed in.
 */
export class IdSource {
  #lastMs = -1
  #counter = 0
  #time = ''
  readonly #bytes = new Uint8Array(9)

  /** `fill` overwrites the bytes it is given with random ones. */
  constructor(private readonly fill: (bytes: Uint8Array) => void) {}

  /** The creation instant of the newest id, epoch milliseconds: what {@link instantOf} would read from it. */
  get instant(): number {
    return this.#lastMs
  }

  next(now: number): string {
    const bytes = this.#bytes
    this.fill(bytes)
    if (now > this.#lastMs) this.#advance(now, bytes)
    else this.#counter += 1
    const high = hex(0x7000 | (this.#counter >>> 14), 4)
    const low = hex(0x8000 | (this.#counter & 0x3fff), 4)
    const tail =
      hex(bytes[3]! * 0x10000 + bytes[4]! * 0x100 + bytes[5]!, 6) +
      hex(bytes[6]! * 0x10000 + bytes[7]! * 0x100 + bytes[8]!, 6)
    return `${this.#time}-${high}-${low}-${tail}`
  }

  #advance(now: number, bytes: Uint8Array): void {
    const time = hex(now, 12)
    this.#time = `${time.slice(0, 8)}-${time.slice(8)}`
    this.#lastMs = now
    // Half of the counter's range is left free, so that one millisecond has room for 33 million more ids.
    this.#counter = ((bytes[0]! << 17) | (bytes[1]! << 9) | (bytes[2]! << 1)) & 0x1ffffff
  }
}

/** The instant an id was made at, epoch milliseconds. */
export function instantOf(taskId: string): number {
  return Number.parseInt(taskId.slice(0, 8) + taskId.slice(9, 13), 16)
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0')
}
