import { createRecord, type TaskRecord } from '@taskloom/engine/store'

let built = 0

/** A pending task of function `work`, created at a fixed instant; each call makes another id that fits its `createdAt`. */
export function buildRecord(changes: Partial<TaskRecord> = {}): TaskRecord {
  built += 1
  const { createdAt = Date.UTC(2026, 0, 5, 12), taskId = buildId(createdAt, built), args = '[]', ...request } = changes
  return createRecord({ funcName: 'work', queue: 'default', maxRetries: 0, ...request }, { taskId, createdAt, args })
}

/** A UUIDv7 of `createdAt`: its first 48 bits are the instant, the rest is spread from `seed`, so that runs repeat. */
export function buildId(createdAt: number, seed: number): string {
  const time = createdAt.toString(16).padStart(12, '0')
  const spread = [1, 2, 3].map((step) =>
    (Math.imul(seed + step * 7_919, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0'),
  )
  const rest = spread.join('')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-8${rest.slice(3, 6)}-${rest.slice(6, 18)}`
}
