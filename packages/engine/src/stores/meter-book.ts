import { compareValues, type TaskStatus, type TerminalStatus } from '@taskloom/protocol'
import { binOf, type Bins } from './histogram.ts'
import type { Meter, MeterAnswer, MeterName, MeterQuestion } from './metering.ts'
import type { Tally } from './tally.ts'

/** Sums what stores have counted, by function and queue, into the answer of one question. */
export class MeterBook {
  readonly #pages = new Map<string, Page>()
  /** The bin of each bound: what falls into it or below belongs to the step. */
  readonly #bounds: readonly number[]

  constructor(private readonly question: Pick<MeterQuestion, 'boundsMs' | 'named' | 'limit'>) {
    this.#bounds = question.boundsMs.map(binOf)
  }

  at(funcName: string, queue: string): Page {
    const key = JSON.stringify([funcName, queue])
    const known = this.#pages.get(key)
    if (known) return known
    const fresh = new Page(funcName, queue, this.#bounds)
    this.#pages.set(key, fresh)
    return fresh
  }

  answer(): Pick<MeterAnswer, 'meters' | 'others'> {
    const { named, limit } = this.question
    const first = named.map(({ funcName, queue }) => this.at(funcName, queue))
    const isFirst = new Set(first)
    const more = [...this.#pages.values()].filter((page) => !isFirst.has(page)).sort(byBusyness)
    const ordered = [...isFirst, ...more]
    const rest = ordered.slice(limit)
    const others = rest.length === 0 ? null : new Page('', '', this.#bounds)
    for (const page of rest) others?.merge(page)
    return { meters: ordered.slice(0, limit).map((page) => page.named()), others: others?.meter() ?? null }
  }
}

/** The sums of one function and queue. */
export class Page {
  pending = 0
  running = 0
  deadLetters = 0
  retries = 0
  readonly ended: Record<TerminalStatus, number> = { success: 0, failed: 0, interrupted: 0, cancelled: 0 }
  readonly duration: Steps
  readonly wait: Steps

  constructor(
    readonly funcName: string,
    readonly queue: string,
    bounds: readonly number[],
  ) {
    this.duration = new Steps(bounds)
    this.wait = new Steps(bounds)
  }

  /** Tasks that are in the store, or were. */
  count(status: TaskStatus, tasks: number, isKept: boolean): void {
    if (status === 'pending' || status === 'running') this[status] += tasks
    else this.ended[status] += tasks
    if (status === 'failed' && isKept) this.deadLetters += tasks
  }

  addTally({ status, tasks, duration, wait }: Tally, isKept: boolean): void {
    this.count(status, tasks, isKept)
    this.duration.add(duration.sum, duration.bins)
    this.wait.add(wait.sum, wait.bins)
  }

  merge(from: Page): void {
    this.pending += from.pending
    this.running += from.running
    this.deadLetters += from.deadLetters
    this.retries += from.retries
    for (const status of Object.keys(this.ended) as TerminalStatus[]) this.ended[status] += from.ended[status]
    this.duration.merge(from.duration)
    this.wait.merge(from.wait)
  }

  meter(): Meter {
    const { pending, running, deadLetters, ended, retries, duration, wait } = this
    return { pending, running, deadLetters, ended, retries, duration: duration.spread(), wait: wait.spread() }
  }

  named(): MeterName & Meter {
    return { funcName: this.funcName, queue: this.queue, ...this.meter() }
  }
}

/** A histogram of a few steps, made of one with many bins. */
class Steps {
  readonly #steps: number[]
  #sumMs = 0

  constructor(private readonly bounds: readonly number[]) {
    this.#steps = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  add(sumMs: number, bins: Bins): void {
    this.#sumMs += sumMs
    bins.forEach((count, bin) => this.addBin(bin, count))
  }

  addBin(bin: number, count: number): void {
    const step = this.bounds.findIndex((bound) => bin <= bound)
    const index = step < 0 ? this.bounds.length : step
    this.#steps[index] = (this.#steps[index] ?? 0) + count
  }

  addSum(sumMs: number): void {
    this.#sumMs += sumMs
  }

  merge(from: Steps): void {
    this.#sumMs += from.#sumMs
    for (const [index, count] of from.#steps.entries()) this.#steps[index] = (this.#steps[index] ?? 0) + count
  }

  spread(): { readonly steps: readonly number[]; readonly sumMs: number } {
    return { steps: this.#steps, sumMs: this.#sumMs }
  }
}

function byBusyness(a: Page, b: Page): number {
  return busyness(b) - busyness(a) || compareValues(a.funcName, b.funcName) || compareValues(a.queue, b.queue)
}

function busyness({ pending, running, ended }: Page): number {
  return pending + running + ended.success + ended.failed + ended.interrupted + ended.cancelled
}
