/** Tasks that one worker may have been given at once. */
export const maxCells = 64
/** Two states a number must fit into 32 bits. */
const maxNumber = 2 ** 29

/**
 * Settles, in memory that host and worker share, who gets a task that lies in a worker's inbox: the worker claims it to
 * run it, or the host takes it back. Exactly one of both succeeds, at once and without a message, and what a worker had
 * begun can be read after it died.
 */
export class Claims {
  readonly #cells: Int32Array

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(maxCells * Int32Array.BYTES_PER_ELEMENT)) {
    this.#cells = new Int32Array(memory)
  }

  /** The host lays a task into a free cell. */
  offer(cell: number, id: number): void {
    Atomics.store(this.#cells, cell, waiting(id))
  }

  /** The worker takes it to run it; false when the host has taken it back. */
  claim(cell: number, id: number): boolean {
    return Atomics.compareExchange(this.#cells, cell, waiting(id), begun(id)) === waiting(id)
  }

  /** The host takes it back; false when the worker has begun it. */
  withdraw(cell: number, id: number): boolean {
    return Atomics.compareExchange(this.#cells, cell, waiting(id), 0) === waiting(id)
  }

  hasBegun(cell: number, id: number): boolean {
    return Atomics.load(this.#cells, cell) === begun(id)
  }
}

/** The number after this one, from 1; they come round again long after their tasks. */
export function nextNumber(id: number): number {
  return id >= maxNumber - 1 ? 1 : id + 1
}

function waiting(id: number): number {
  return id * 2
}

function begun(id: number): number {
  return id * 2 + 1
}
