import type { Queue } from 'bullmq'

/** Events that are read of one queue at most; BullMQ keeps about 10,000. */
const mostEvents = 20_000
/** BullMQ over PostgreSQL hands out so many at a time. */
const fullPage = 100
/** Waiting for an event that is not there yet: as short as can be. */
const waitMs = 1

/** What BullMQ tells of a job that has ended: it goes by itself. */
const ends = ['completed', 'failed', 'retries-exhausted']

/**
 * Which jobs somebody has removed from BullMQ, by what its events still tell. They are dear to listen to all the time, so
 * they are read only when a job is missing: once for each queue.
 */
export class LookBack {
  readonly #removed = new Map<string, Promise<ReadonlySet<string>>>()

  /**
   * `losesNothing` says that what was stored stays stored, as in PostgreSQL, where BullMQ does not tell of what is removed: a
   * job that was there, has not ended and is missing was removed.
   */
  constructor(private readonly losesNothing: boolean) {}

  /** Whether the last that is known of that job is that it was removed. */
  async wasRemoved(queue: Queue, jobId: string): Promise<boolean> {
    const known = this.#removed.get(queue.name) ?? removedFrom(queue, this.losesNothing)
    this.#removed.set(queue.name, known)
    return (await known).has(jobId)
  }
}

async function removedFrom(queue: Queue, losesNothing: boolean): Promise<ReadonlySet<string>> {
  const removed = new Set<string>()
  let cursor = '0'
  for (let read = 0; read < mostEvents;) {
    const events = (await queue.backend.readEvents(cursor, waitMs))?.[0]?.[1] ?? []
    for (const [id, fields] of events) {
      cursor = id
      note(removed, fields, losesNothing)
    }
    read += events.length
    if (events.length < fullPage) break
  }
  return removed
}

/** Fields are names and values in turn. */
function note(removed: Set<string>, fields: readonly unknown[], losesNothing: boolean): void {
  const event = valueOf(fields, 'event')
  const jobId = valueOf(fields, 'jobId')
  if (jobId === null) return
  if (event === 'removed' || (losesNothing && event !== null && !ends.includes(event))) removed.add(jobId)
  else removed.delete(jobId)
}

function valueOf(fields: readonly unknown[], name: string): string | null {
  const value = fields[fields.indexOf(name) + 1]
  return fields.includes(name) && typeof value === 'string' ? value : null
}
