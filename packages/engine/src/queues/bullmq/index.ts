import type { Queue } from '../queue.ts'
import { BullmqDispatcher } from './dispatcher.ts'
import { parseBullmq, type BullmqOptions } from './options.ts'

export type { BullmqOptions, BullmqQueueOptions, PoolLike, PostgresConnectionLike } from './options.ts'
export { bullmqSource, type BullmqSourceOptions } from '../bullmq-source/index.ts'

/**
 * Tasks are distributed by BullMQ, over Redis or PostgreSQL: whichever worker is free runs them, on any machine. The store
 * of the manager must be one that all processes share, such as `postgres()` or `redis()`. Needs the package bullmq, and
 * ioredis or pg. Throws `bad_option`.
 *
 * `enqueue` resolves when the store has the task and, beside it, a message that its job is to be added: also while BullMQ
 * cannot be reached. The job follows as soon as it can, from any process of the fleet. Rejects when the store refuses it:
 * then there is neither.
 *
 * The record in the store rules. A job that another tool removes cancels its task, as far as BullMQ's events still tell of
 * it, about 10,000 of a queue; a failed job that is retried makes a new task. Anything else is put right: jobs that are
 * lost, or obliterated, are added again, a job that is promoted or given another priority goes back, and what has
 * succeeded is not run again.
 */
export function bullmq(options: BullmqOptions): Queue {
  const parsed = parseBullmq(options)
  return {
    name: 'bullmq',
    supports: { distribution: true, fleetLimits: true },
    connect: (host) => new BullmqDispatcher(host, parsed),
  }
}
