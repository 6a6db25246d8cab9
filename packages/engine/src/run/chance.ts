import { randomBytes, randomFillSync } from 'node:crypto'

const pool = new Uint8Array(8_192)
let used = pool.length

/** Fills with random bytes from a pool: one call of the system's generator serves hundreds of ids. */
export function fillRandom(bytes: Uint8Array): void {
  if (used + bytes.length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  bytes.set(pool.subarray(used, used + bytes.length))
  used += bytes.length
}

/** Names one life of one process; letters and digits only, as live positions need it. */
export function randomEpoch(): string {
  return randomBytes(10).toString('hex')
}

export function randomFraction(): number {
  return Math.random()
}
