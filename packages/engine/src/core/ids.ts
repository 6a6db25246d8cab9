const hexDigits = '0123456789abcdef'

/**
 * Makes task ids: UUIDs of version 7, whose first 48 bits are the creation instant and which grow with every call of one
 * source, also within a millisecond and when the clock steps back. The chance is passed in.
 */
export class IdSource {
  #lastMs = -1
  #counter = 0
  readonly #bytes = new Uint8Array(9)
  /** The characters of the newest id: text that is put together from pieces costs several times as much. */
  readonly #text = Array.from('00000000-0000-7000-8000-000000000000', (character) => character.charCodeAt(0))

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
    this.#put(14, 0x7000 | (this.#counter >>> 14), 4)
    this.#put(19, 0x8000 | (this.#counter & 0x3fff), 4)
    for (let index = 0; index < 6; index += 1) this.#put(24 + 2 * index, bytes[3 + index]!, 2)
    return String.fromCharCode(...this.#text)
  }

  #advance(now: number, bytes: Uint8Array): void {
    this.#put(0, Math.floor(now / 0x10000), 8)
    this.#put(9, now % 0x10000, 4)
    this.#lastMs = now
    // Half of the counter's range is left free, so that one millisecond has room for 33 million more ids.
    this.#counter = ((bytes[0]! << 17) | (bytes[1]! << 9) | (bytes[2]! << 1)) & 0x1ffffff
  }

  /** Writes the last hexadecimal digits of a value of up to 32 bits. */
  #put(at: number, value: number, digits: number): void {
    for (let place = digits - 1, left = value; place >= 0; place -= 1, left >>>= 4) {
      this.#text[at + place] = hexDigits.charCodeAt(left & 15)
    }
  }
}

/** The instant an id was made at, epoch milliseconds. */
export function instantOf(taskId: string): number {
  return Number.parseInt(taskId.slice(0, 8) + taskId.slice(9, 13), 16)
}
