import type { QueueView } from '@taskloom/protocol'
import type { Column } from '../figures/sorting.ts'
import type { Formats } from '../format.ts'

/** A queue as it is drawn. What a source does not tell is null. */
export interface QueueRow {
  readonly view: QueueView
  readonly name: string
  /** Waiting and running tasks. */
  readonly depth: number
  readonly pending: number
  /** Milliseconds that the oldest of them is due; null when none is. */
  readonly oldestWaitMs: number | null
  /** Whether that is long, and longer than it was when it was looked at before. */
  readonly isFallingBehind: boolean
  readonly isPaused: boolean
  /** Tasks wait, and there is no process that would run them. */
  readonly hasNobody: boolean
}

/** A wait below this is nobody's worry, growing or not. */
const longWaitMs = 30_000

/** `before`: how long the oldest waited when it was looked at last, by queue. Pure. */
export function queueRows(views: readonly QueueView[], before: ReadonlyMap<string, number>): readonly QueueRow[] {
  return views.map((view) => {
    const pending = view.counts['pending'] ?? 0
    const oldestWaitMs = view.oldestWait ?? null
    const isPaused = view.paused === true
    const hasGrown = oldestWaitMs !== null && oldestWaitMs > (before.get(view.queue) ?? Infinity)
    return {
      view,
      name: view.queue,
      depth: pending + (view.counts['running'] ?? 0),
      pending,
      oldestWaitMs,
      isFallingBehind: !isPaused && hasGrown && (oldestWaitMs ?? 0) >= longWaitMs,
      isPaused,
      hasNobody: pending > 0 && (view.noWorker ?? view.workers === 0),
    }
  })
}

/** What the rows can be sorted by. */
export function queueColumns({ say }: Formats): readonly Column<QueueRow>[] {
  return [
    { name: 'name', word: say('Queue'), valueOf: ({ name }) => name },
    { name: 'depth', word: say('Depth'), isNumber: true, valueOf: ({ depth }) => depth },
    { name: 'wait', word: say('Oldest wait'), isNumber: true, valueOf: ({ oldestWaitMs }) => oldestWaitMs },
    { name: 'throughput', word: say('Per minute'), isNumber: true, valueOf: ({ view }) => view.throughput ?? null },
    { name: 'workers', word: say('Served by'), valueOf: ({ view }) => view.workers ?? null },
  ]
}

/** The limits of a queue, each a word; what has none is left out. */
export function limitWords({ concurrency, rateLimit, maxPending }: QueueView, formats: Formats): readonly string[] {
  const { say, duration } = formats
  const words = [
    concurrency == null ? null : say('{n} at once', { n: concurrency }),
    rateLimit == null ? null : say('{n} per {time}', { n: rateLimit.max, time: duration(rateLimit.per) }),
    maxPending == null ? null : say('at most {n} waiting in all', { n: maxPending }),
  ]
  return words.filter((word) => word !== null)
}
