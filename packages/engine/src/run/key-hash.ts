import { createHash } from 'node:crypto'

/**
 * What is stored of an idempotency key: its SHA-256 in hexadecimal. Every database compares that alike, whatever its
 * collation, and a key that names a person or an order cannot be read from the store.
 */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
