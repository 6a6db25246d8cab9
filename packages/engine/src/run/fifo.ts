/** First in, first out, without moving what waits. */
export class Fifo<T> {
  #items: T[] = []
  #head = 0
  /** How many were shifted in all. */
  shifted = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  peek(): T | undefined {
    return this.#items[this.#head]
  }

  shift(): void {
    this.shifted += 1
    this.#head += 1
    if (this.#head < 1_024 || this.#head * 2 < this.#items.length) return
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}
