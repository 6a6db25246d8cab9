import type { Clock } from '../core/clock.ts'
import type { TaskRecord } from '../core/record.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Store, WorkerState } from '../stores/store.ts'
import { interrupt } from './interrupt.ts'
import { isProcessAlive } from './process-alive.ts'
import type { Registry } from './registry.ts'
import type { SelfReport } from './self-report.ts'
import type { WriteQueue } from './write-queue.ts'

const beatMs = 5_000
const leaseMs = 15_000
const orphanBatch = 500
/** A worker whose lease is over by the clock is still heard for so many of our own beats: the clock may have been set. */
const looksAfterLease = 2
/** A worker that was silent for so many of our own beats is gone whatever its lease says. */
const looksInAll = 4
/**
 * So far apart the clocks of two machines may be: at the first look, before anything was heard, only a lease that is over
 * for longer says that a worker of another machine is gone.
 */
const clockSkewMs = 10 * 60_000
/** Time between two beats that says that the clock was set or this process stood still. */
const oddPauseMs = 2 * beatMs

/** Orphans that a survey counts at most. */
const surveyLimit = 10_000

/** Workers of this process: another manager here is alive although it has our process id and not our worker id. */
const workersHere = new Set<string>()

export interface Identity {
  readonly workerId: string
  readonly hostname: string
  readonly pid: number
}

export interface PresenceOptions extends Identity {
  readonly store: Store
  readonly clock: Clock
  readonly announcer: Announcer
  readonly registry: Registry
  readonly writes: WriteQueue
  readonly report: SelfReport
  /** A task that was interrupted waits again. */
  readonly onRequeued: (record: TaskRecord) => void
  /** Called after each beat. */
  readonly onBeat: () => void
  /** Called when a lease that was over, as {@link Presence.isPresent} has found, holds again. */
  readonly onRenewed: () => void
  /** The clock was set, or this process stood still: what waits for an instant must look again. */
  readonly onClockMoved: () => void
}

/** How long another worker has been silent, counted in our own beats. */
interface Silence {
  readonly heartbeatAt: number
  readonly looks: number
}

/** How many workers are dead, and how many of their tasks were running. */
export interface LeftBehind {
  readonly workers: number
  readonly orphans: number
}

interface Census {
  readonly dead: readonly WorkerState[]
  readonly liveIds: readonly string[]
}

/** Says that this process lives, and takes care of what the dead left behind: at the start and with every beat. */
export class Presence {
  readonly #options: PresenceOptions
  readonly #startedAt: number
  #callOff: () => void = () => undefined
  #isOpen = false
  #isStopping = false
  #beatAt: number | null = null
  /** Whether a lease that is over was asked for once more before the next beat is due. */
  #isRenewed = false
  /** Null before the first look. */
  #silences: ReadonlyMap<string, Silence> | null = null

  constructor(options: PresenceOptions) {
    this.#options = options
    this.#startedAt = options.clock.now()
  }

  /** When the last beat was written; null before the first. */
  get beatAt(): number | null {
    return this.#beatAt
  }

  /**
   * Whether the lease of this process holds. One that was cut off from its store, or stood still, beats at once, without
   * waiting for its turn: what it started before others hear of it they would take for left behind.
   */
  isPresent(): boolean {
    const { store, clock } = this.#options
    if (!store.supports.sharing) return true
    if (this.#beatAt !== null && clock.now() < this.#beatAt + leaseMs) return true
    if (this.#isOpen && !this.#isRenewed) void this.#renew()
    return false
  }

  async open(): Promise<void> {
    this.#isOpen = true
    workersHere.add(this.#options.workerId)
    this.#options.report.open()
    await this.#beat()
    // What cannot be taken care of now is with the next beat: it keeps nobody from starting.
    await this.#recover().catch((error: unknown) => this.#options.announcer.events.fault('the heartbeat', error))
    this.#schedule()
  }

  async close(): Promise<void> {
    this.#isOpen = false
    this.#callOff()
    this.#options.report.close()
    workersHere.delete(this.#options.workerId)
    await this.#options.store.workers.remove(this.#options.workerId)
  }

  /** Ids of workers that are not known to be dead. */
  async alive(): Promise<readonly string[]> {
    return (await this.#census()).liveIds
  }

  /** Tells others that this process has begun to stop. */
  async retire(): Promise<void> {
    if (!this.#isOpen) return
    this.#isStopping = true
    await this.#beat()
  }

  /** What dead processes left behind; orphans are counted up to {@link surveyLimit}. */
  async survey(): Promise<LeftBehind> {
    const { store } = this.#options
    const { dead, liveIds } = await this.#census()
    const orphans = await store.tasks.orphans(liveIds, surveyLimit)
    return { workers: dead.length, orphans: orphans.length }
  }

  /** Takes care of it now; says how much that was. */
  async mend(): Promise<LeftBehind> {
    return this.#clear(await this.#census())
  }

  #schedule(): void {
    if (!this.#isOpen) return
    this.#callOff = this.#options.clock.after(beatMs, () => void this.#turn())
  }

  /** Once; when that fails, the next beat is waited for. */
  async #renew(): Promise<void> {
    this.#isRenewed = true
    try {
      await this.#beat()
      if (this.#isOpen) this.#options.onRenewed()
    } catch (error) {
      this.#options.announcer.events.fault('the heartbeat', error)
    }
  }

  async #turn(): Promise<void> {
    this.#isRenewed = false
    const pauseMs = this.#options.clock.now() - (this.#beatAt ?? 0)
    try {
      await this.#beat()
      await this.#recover()
      this.#options.onBeat()
      if (pauseMs < 0 || pauseMs > oddPauseMs) this.#options.onClockMoved()
    } catch (error) {
      this.#options.announcer.events.fault('the heartbeat', error)
    }
    this.#schedule()
  }

  async #beat(): Promise<void> {
    const { store, clock, workerId, hostname, pid, report } = this.#options
    const now = clock.now()
    const state: WorkerState = {
      workerId,
      hostname,
      pid,
      startedAt: this.#startedAt,
      heartbeatAt: now,
      leaseUntil: now + leaseMs,
      facts: report.facts(this.#isStopping),
    }
    await store.workers.beat(state)
    this.#beatAt = now
    const funcNames = report.names()
    if (funcNames === null) return
    await store.workers.register({ workerId, funcNames })
    report.said(funcNames)
  }

  async #recover(): Promise<void> {
    const isFirst = this.#silences === null
    this.#listen(await this.#options.store.workers.list())
    await this.#clear(await this.#census(isFirst))
  }

  /** Who lives and who does not, by what was heard so far. */
  async #census(isFirst = this.#silences === null): Promise<Census> {
    const { store, clock, workerId } = this.#options
    const workers = await store.workers.list()
    const now = clock.now()
    const dead = workers.filter((worker) => worker.workerId !== workerId && this.#isDead(worker, now, isFirst))
    return { dead, liveIds: workers.filter((worker) => !dead.includes(worker)).map((worker) => worker.workerId) }
  }

  async #clear({ dead, liveIds }: Census): Promise<LeftBehind> {
    const { store } = this.#options
    const beats = new Map(dead.map((worker) => [worker.workerId, worker.heartbeatAt]))
    const isGone = (worker: WorkerState): boolean => beats.get(worker.workerId) === worker.heartbeatAt
    const orphans = await this.#adopt(liveIds, isGone)
    let workers = 0
    if (dead.length === 0) return { workers, orphans }
    // Only now: as long as a dead worker is listed, its tasks are found again if this process dies too.
    for (const worker of await store.workers.list()) {
      if (!isGone(worker)) continue
      await store.workers.remove(worker.workerId)
      workers += 1
    }
    return { workers, orphans }
  }

  #listen(workers: readonly WorkerState[]): void {
    const silences = new Map<string, Silence>()
    for (const { workerId, heartbeatAt } of workers) {
      const before = this.#silences?.get(workerId)
      silences.set(workerId, { heartbeatAt, looks: before?.heartbeatAt === heartbeatAt ? before.looks + 1 : 0 })
    }
    this.#silences = silences
  }

  #isDead(worker: WorkerState, now: number, isFirst: boolean): boolean {
    const looks = this.#silences?.get(worker.workerId)?.looks ?? 0
    if (looks >= looksInAll) return true
    const isHere = worker.hostname === this.#options.hostname
    const believedAt = isHere ? now : now - clockSkewMs
    if (isFirst && worker.leaseUntil <= believedAt) return true
    if (worker.leaseUntil <= now && looks >= looksAfterLease) return true
    if (!isHere || workersHere.has(worker.workerId)) return false
    return worker.pid === this.#options.pid || !isProcessAlive(worker.pid)
  }

  /** Workers are asked for again after the orphans: one that came meanwhile is no dead one although it has tasks. */
  async #adopt(liveIds: readonly string[], isGone: (worker: WorkerState) => boolean): Promise<number> {
    const { store } = this.#options
    let adopted = 0
    for (;;) {
      const found = await store.tasks.orphans(liveIds, orphanBatch)
      if (found.length === 0) return adopted
      const alive = new Set<string | null>()
      for (const worker of await store.workers.list()) if (!isGone(worker)) alive.add(worker.workerId)
      const orphans = found.filter(({ workerId }) => !alive.has(workerId))
      const saved = await Promise.all(orphans.map((orphan) => this.#interrupt(orphan)))
      adopted += saved.filter(Boolean).length
      // A batch of which none could be written would come again for ever.
      if (found.length < orphanBatch || !saved.includes(true)) return adopted
    }
  }

  async #interrupt(orphan: TaskRecord): Promise<boolean> {
    const next = await interrupt(this.#options, orphan, 'The process that ran it is gone')
    if (next?.status === 'pending') this.#options.onRequeued(next)
    return next !== null
  }
}
