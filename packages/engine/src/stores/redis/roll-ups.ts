import { minuteMs } from '@taskloom/protocol'
import type { TaskRecord } from '../../core/record.ts'
import { countedDuration, countedWait } from '../figures.ts'
import { addToBin, binOf, type Bins } from '../histogram.ts'
import { bare, type KeyChanges } from './key-changes.ts'
import { placeName, type CountPlace } from './keys.ts'

type Counted = Pick<TaskRecord, 'createdAt' | 'funcName' | 'queue' | 'source' | 'status' | 'durationMs' | 'waitMs'>

interface Delta {
  readonly place: CountPlace
  readonly minute: number
  tasks: number
  readonly duration: Spread
  readonly wait: Spread
}

interface Spread {
  sum: number
  readonly bins: Bins
}

/** Gathers how the counts of a batch move, so that each is written once. */
export class RollUps {
  readonly #deltas = new Map<string, Delta>()
  readonly #deleted: Counted[] = []

  /** A task that was one thing and is another; null where there was, or is, none. */
  move(before: Counted | null, after: Counted | null): void {
    if (before) this.#add(before, -1)
    if (after) this.#add(after, 1)
  }

  /** A task that is there no longer stays counted as one that was. */
  remove(task: Counted): void {
    this.move(task, null)
    this.#deleted.push(task)
  }

  /** Adds all of it to what is committed. */
  save(changes: KeyChanges): void {
    for (const { place, minute, tasks, duration, wait } of this.#deltas.values()) {
      const spread = [...spreadArgs('d', duration), ...spreadArgs('w', wait)]
      if (tasks !== 0 || spread.length > 0) changes.special('COUNT', placeName(place), minute, tasks, ...spread)
    }
    for (const task of this.#deleted) countDeleted(changes, task)
  }

  #add(task: Counted, sign: 1 | -1): void {
    const { funcName, queue, source, status, createdAt } = task
    const minute = Math.floor(createdAt / minuteMs) * minuteMs
    const delta = this.#deltaOf({ funcName, queue, source, status }, minute)
    delta.tasks += sign
    addTo(delta.duration, countedDuration(task), sign)
    addTo(delta.wait, countedWait(task), sign)
  }

  #deltaOf(place: CountPlace, minute: number): Delta {
    const key = `${minute} ${place.status} ${place.source} ${place.funcName.length} ${place.funcName} ${place.queue}`
    const known = this.#deltas.get(key)
    if (known) return known
    const none = (): Spread => ({ sum: 0, bins: new Map() })
    const fresh = { place, minute, tasks: 0, duration: none(), wait: none() }
    this.#deltas.set(key, fresh)
    return fresh
  }
}

function addTo(spread: Spread, value: number | null, sign: 1 | -1): void {
  if (value === null) return
  spread.sum += sign * value
  addToBin(spread.bins, binOf(value), sign)
}

function* spreadArgs(letter: 'd' | 'w', { sum, bins }: Spread): Iterable<string | number> {
  if (sum !== 0) yield* [`${letter}s`, sum]
  for (const [bin, count] of bins) yield* [`${letter}${bin}`, count]
}

function countDeleted(changes: KeyChanges, task: Counted): void {
  const place = { funcName: task.funcName, queue: task.queue, source: '', status: task.status }
  changes.sum(bare.deletedCount(), placeName(place), 1)
  const lengths = [['duration', countedDuration(task)] as const, ['wait', countedWait(task)] as const]
  for (const [of, value] of lengths) {
    if (value === null) continue
    const key = bare.deletedSpread(place, of)
    changes.sum(key, String(binOf(value)), 1)
    changes.special('HINCRBYFLOAT', key, 's', value)
  }
}
