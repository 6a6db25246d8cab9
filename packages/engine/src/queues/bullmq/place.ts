import type { Definition } from '../../core/definition.ts'
import type { RateLimit } from '../../core/rate-limit.ts'
import type { Limits } from '../../run/gate.ts'

/**
 * A queue of BullMQ. There is one for each queue of ours, and one more for each function with limits of its own that has
 * tasks in it: BullMQ limits queues, not kinds of jobs.
 */
export interface Place {
  /** As BullMQ calls it. */
  readonly name: string
  /** The queue of ours that it is for. */
  readonly queue: string
  /** The function whose tasks alone wait in it; null for all that have no limits. */
  readonly funcName: string | null
  /** How many of its tasks run at once in a process; null without limit. */
  readonly concurrency: number | null
  /** How often attempts start in the whole fleet; null without limit. */
  readonly rateLimit: RateLimit | null
}

/** Where the tasks of a function wait that are in this queue. */
export function placeOf(definition: Definition | undefined, queue: string, limits: Limits | undefined): Place {
  const own = definition && (definition.concurrency !== null || definition.rateLimit !== null) ? definition : null
  const name = own ? `${escaped(queue)}~${escaped(own.name)}` : escaped(queue)
  return {
    name,
    queue,
    funcName: own?.name ?? null,
    concurrency: least(own?.concurrency ?? null, limits?.concurrency ?? null),
    rateLimit: slower(own?.rateLimit ?? null, limits?.rateLimit ?? null),
  }
}

/** BullMQ takes no colon; the tilde is ours. */
function escaped(name: string): string {
  return name.replace(/[%:~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

function least(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}

function slower(one: RateLimit | null, other: RateLimit | null): RateLimit | null {
  if (one === null || other === null) return one ?? other
  return one.max / one.perMs <= other.max / other.perMs ? one : other
}
