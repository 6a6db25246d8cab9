/** Lets so many be inside at once; the others wait in line. */
export class Slots {
  readonly #waiting: (() => void)[] = []
  #inside = 0

  constructor(private readonly size: number) {}

  async enter(): Promise<void> {
    if (this.#inside < this.size) this.#inside += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#inside -= 1
  }
}
