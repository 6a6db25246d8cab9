import type { Queue } from 'bullmq'
import type { Clock } from '../../core/clock.ts'
import { errorKind } from '../../core/error-group.ts'
import type { Kept } from '../../stores/memory/index.ts'
import { taskIdOf } from './job-id.ts'
import type { Queues } from './queues.ts'
import { recordOf, shownStates, type Reading } from './record.ts'
import { sharesOf } from './shares.ts'
import { Snapshot, type QueueFacts } from './snapshot.ts'

/** Jobs of one queue that are read at a time. */
const chunk = 500
/** What nobody told of is found after so long. */
const trustMs = 5_000
/** However much happens, it is not looked again sooner. */
const restMs = 250
/** Jobs that may come between two questions. */
const spare = 20
/** More is read anew from the beginning. */
const maxTouched = 20_000
/** The first look is a short one, so that the first page is there at once; then it looks at all that it should. */
const firstLook = 500
/** Whoever asks while it looks waits so long; then he is told what was there before, and of the rest when it is there. */
const patienceMs = 500
/** What is older than this is not told any more: better an error than the past. */
const longestTrustMs = 30_000

type State = Reading['state']
/** How a queue is looked at. */
interface Look {
  /** How many jobs of each state, in the order of the states. */
  readonly shares: readonly number[]
  readonly touched: ReadonlySet<string>
  readonly readAt: number
}

interface Seen {
  readonly state: State
  readonly kept: Kept
}

/**
 * The newest jobs of each state, kept in memory: BullMQ answers no questions beyond counts, and pages of one state in one order.
 * Read anew is only what is new, has changed its state, or was told of.
 */
export class Window {
  #seen = new Map<string, Seen>()
  #snapshot: Snapshot | null = null
  #reading: Promise<Snapshot> | null = null
  #touched = new Set<string>()
  #isDirty = false
  #isFirst = true

  /** `onLate` is told when something has come that somebody who asked has not waited for. */
  constructor(
    private readonly queues: Queues,
    private readonly newest: number,
    private readonly clock: Clock,
    private readonly onLate: (failed: { readonly error: unknown } | null) => void,
  ) {}

  /** Whether something has happened that the newest look has not seen. */
  get isDirty(): boolean {
    return this.#isDirty
  }

  /** Something has happened to a job, or in its queue. */
  touch(queue: string, jobId: string | null): void {
    this.#isDirty = true
    if (jobId === null) return
    if (this.#touched.size < maxTouched) this.#touched.add(taskIdOf({ queue, jobId }))
    else this.#seen = new Map()
  }

  /** What is there: as it is now, or was up to a quarter of a second ago. */
  async read(): Promise<Snapshot> {
    const snapshot = this.#snapshot
    if (snapshot === null) return this.refresh()
    const age = this.clock.now() - snapshot.readAt
    if (age < restMs || (!this.#isDirty && age < trustMs)) return snapshot
    return age > longestTrustMs ? this.refresh() : this.#soon(snapshot)
  }

  /** What is found in time, else what is known. */
  async #soon(known: Snapshot): Promise<Snapshot> {
    let isLate = false
    let callOff: () => void = () => undefined
    const late = new Promise<Snapshot>((resolve) => {
      callOff = this.clock.after(patienceMs, () => {
        isLate = true
        resolve(known)
      })
    })
    const found = this.refresh()
    found.then(
      () => isLate && this.onLate(null),
      (error: unknown) => isLate && this.onLate({ error }),
    )
    try {
      return await Promise.race([found, late])
    } finally {
      callOff()
    }
  }

  /** Looks now; whoever asks meanwhile is given the same. */
  refresh(): Promise<Snapshot> {
    this.#reading ??= this.#refresh().finally(() => (this.#reading = null))
    return this.#reading
  }

  async #refresh(): Promise<Snapshot> {
    const touched = this.#touched
    this.#touched = new Set()
    this.#isDirty = false
    const readAt = this.clock.now()
    const depth = this.#isFirst ? Math.min(firstLook, this.newest) : this.newest
    try {
      const all = await this.queues.each(readFacts)
      const shares = shareOut(all, depth)
      const found = await this.queues.all((queue, name) =>
        this.#readQueue(queue, name, { shares: shares.get(name) ?? [], touched, readAt }),
      )
      this.#seen = new Map([...found.values()].flatMap((seen) => [...seen]))
      this.#snapshot = new Snapshot(new Map([...this.#seen].map(([taskId, { kept }]) => [taskId, kept])), all, readAt)
      if (this.#isFirst) this.#lookFurther()
      return this.#snapshot
    } catch (error) {
      // What was told of is still to be looked at.
      for (const taskId of touched) this.#touched.add(taskId)
      this.#isDirty = true
      throw error
    }
  }

  #lookFurther(): void {
    this.#isFirst = false
    if (this.#snapshot?.isWhole) return
    this.#isDirty = true
    this.clock.after(0, () => {
      this.refresh().then(
        () => this.onLate(null),
        (error: unknown) => this.onLate({ error }),
      )
    })
  }

  async #readQueue(queue: Queue, name: string, { shares, touched, readAt }: Look): Promise<ReadonlyMap<string, Seen>> {
    const ranges = await this.queues.within(() =>
      Promise.all(
        shownStates.map((state, index) => {
          const share = shares[index] ?? 0
          return share === 0 ? Promise.resolve([]) : queue.getRanges([state], 0, share - 1, false)
        }),
      ),
    )
    const states = new Map(
      shownStates.flatMap((state, index) => (ranges[index] ?? []).map((id) => [id, state] as const)),
    )
    const seen = new Map<string, Seen>()
    const wanted: [string, State][] = []
    for (const [jobId, state] of states) {
      const taskId = taskIdOf({ queue: name, jobId })
      const known = this.#seen.get(taskId)
      if (known?.state === state && !touched.has(taskId)) seen.set(taskId, known)
      else wanted.push([jobId, state])
    }
    for (let start = 0; start < wanted.length; start += chunk) {
      const part = wanted.slice(start, start + chunk)
      const jobs = await this.queues.within(() => Promise.all(part.map(([jobId]) => queue.getJob(jobId))))
      for (const [index, job] of jobs.entries()) {
        const state = part[index]?.[1]
        if (!job || !state) continue
        const record = recordOf(job, { queue: name, state, prefix: this.queues.prefix, readAt })
        const errorGroup = record.status === 'failed' ? errorKind(record).fingerprint : null
        seen.set(record.taskId, { state, kept: { record, attempts: new Map(), logs: [], errorGroup } })
      }
    }
    return seen
  }
}

async function readFacts(queue: Queue): Promise<QueueFacts> {
  const [counts, isPaused] = await Promise.all([queue.getJobCounts(...shownStates), queue.isPaused()])
  return { counts, isPaused }
}

/** How many jobs of each state are looked at, by queue; a few more than there were, for those that come meanwhile. */
function shareOut(all: ReadonlyMap<string, QueueFacts>, depth: number): ReadonlyMap<string, readonly number[]> {
  const names = [...all.keys()]
  const byState = shownStates.map((state) =>
    sharesOf(
      names.map((name) => (all.get(name)?.counts[state] ?? 0) + spare),
      depth,
    ),
  )
  return new Map(names.map((name, index) => [name, byState.map((shares) => shares[index] ?? 0)]))
}
