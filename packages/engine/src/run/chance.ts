import { randomBytes, randomFillSync } from 'node:crypto'

const pool = new Uint8Array(8_192)
let used = pool.length

/** Fills with random bytes from a pool: one call of the system's generator serves hundreds of ids. */
export function fillRandom(bytes: Uint8Array): void {
  if (used + bytes.length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  // A view of the pool costs more than the few bytes.
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = pool[used + index] ?? 0
  used += bytes.length
}

/** Names one life of one process; letters and digits only, as live positions need it. */
export function randomEpoch(): string {
  return randomBytes(10).toString('hex')
}

export function randomFraction(): number {
  return Math.random()
}
