/** Texts up to this length are written character by character: most are ids and numbers, and a call costs more. */
const shortText = 48

/**
 * Writes MessagePack, which Lua in Redis reads faster than JSON: texts need no escapes, and many are as long as they are.
 * Halves of characters become the replacement character.
 */
export class Packer {
  #bytes: Buffer
  #at = 0

  /** `expected` is how many bytes it may become; it grows when that was too few. */
  constructor(expected = 4_096) {
    this.#bytes = Buffer.allocUnsafe(expected)
  }

  /** The next `length` values are those of an array. */
  array(length: number): void {
    this.#reserve(5)
    this.#bytes[this.#at] = 0xdd
    this.#at = this.#bytes.writeUInt32BE(length, this.#at + 1)
  }

  /** A whole number from 0 to 65,535. */
  count(value: number): void {
    this.#reserve(3)
    this.#bytes[this.#at] = 0xcd
    this.#at = this.#bytes.writeUInt16BE(value, this.#at + 1)
  }

  /** A number is written as text: Redis takes no other, and makes one of it slowly. */
  text(value: string | number): void {
    const text = typeof value === 'string' ? value : String(value)
    this.#reserve(5 + 3 * text.length)
    if (text.length > shortText || !this.#short(text)) this.#long(text)
  }

  /** An array of texts. */
  texts(values: readonly (string | number)[]): void {
    this.array(values.length)
    for (const value of values) this.text(value)
  }

  /** All that was written. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  /** False when there is more in it than ASCII. */
  #short(text: string): boolean {
    const bytes = this.#bytes
    const from = this.#at + 2
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return false
      bytes[from + index] = code
    }
    bytes[this.#at] = 0xd9
    bytes[this.#at + 1] = text.length
    this.#at = from + text.length
    return true
  }

  #long(text: string): void {
    const from = this.#at + 5
    const length = this.#bytes.write(text, from)
    this.#bytes[this.#at] = 0xdb
    this.#bytes.writeUInt32BE(length, this.#at + 1)
    this.#at = from + length
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#bytes.length) return
    const wider = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + length))
    this.#bytes.copy(wider, 0, 0, this.#at)
    this.#bytes = wider
  }
}
