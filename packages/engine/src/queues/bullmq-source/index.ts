import { randomUUID } from 'node:crypto'
import type { Clock } from '../../core/clock.ts'
import { Feed } from '../../observe/feed.ts'
import type { MountableTasks } from '../../server/mount.ts'
import { systemClock } from '../../system-clock.ts'
import { parseSource, type BullmqSourceOptions } from './options.ts'
import type { Parts } from './parts.ts'
import { Queues } from './queues.ts'
import { createBullmqSource } from './source.ts'
import { Window } from './window.ts'

export type { BullmqSourceOptions } from './options.ts'

/** So long after something has happened whoever listens hears of it, with all that happened meanwhile. */
const coalesceMs = 400

/**
 * Queues of BullMQ that somebody else fills and works off, for `mount()`: lists, details, charts, schedules and what BullMQ lets
 * be done to jobs, without a store of ours. Nothing is written to the queues but what an operator asks for. Needs the package
 * bullmq, and ioredis or pg. Throws `bad_option`.
 */
export function bullmqSource(options: BullmqSourceOptions): MountableTasks {
  const parsed = parseSource(options)
  const clock: Clock = systemClock
  const queues = new Queues(parsed, clock)
  const feed = new Feed(randomUUID(), parsed.onError)
  const window = new Window(queues, parsed.newest, clock, (failed) => {
    if (failed === null) feed.publish({ kind: 'elsewhere' })
    else parsed.onError(failed.error)
  })
  const parts: Parts = { queues, window, feed, clock }
  const news = new News(parts, parsed.onError)
  let started: Promise<void> | null = null
  const start = async (): Promise<void> => {
    await queues.listen((queue, jobId) => {
      window.touch(queue, jobId)
      news.arrive()
    })
    await window.read()
  }
  return {
    source: createBullmqSource(parts, parsed.newest),
    start: () => (started ??= start()),
    async shutdown() {
      news.stop()
      feed.close()
      await queues.close()
    },
  }
}

/** Tells whoever listens that something is new, once for much that happens together. */
class News {
  #callOff: (() => void) | null = null
  #isStopped = false

  constructor(
    private readonly parts: Parts,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Something has happened. Unheard it costs nothing but that it is known. */
  arrive(): void {
    if (this.#isStopped || this.#callOff !== null || !this.parts.feed.isHeard) return
    this.#callOff = this.parts.clock.after(coalesceMs, () => void this.#tell())
  }

  stop(): void {
    this.#isStopped = true
    this.#callOff?.()
  }

  async #tell(): Promise<void> {
    try {
      await this.parts.window.refresh()
    } catch (error) {
      this.onError(error)
    }
    this.#callOff = null
    if (this.#isStopped) return
    this.parts.feed.publish({ kind: 'elsewhere' })
    // What happened while it was read is told next.
    if (this.parts.window.isDirty) this.arrive()
  }
}
