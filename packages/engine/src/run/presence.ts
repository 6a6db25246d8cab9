import type { Clock } from '../core/clock.ts'
import { settle } from '../core/lifecycle.ts'
import type { TaskRecord } from '../core/record.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Store, WorkerState } from '../stores/store.ts'
import { randomFraction } from './chance.ts'
import { isProcessAlive } from './process-alive.ts'
import type { Registry } from './registry.ts'
import type { WriteQueue } from './write-queue.ts'

const beatMs = 5_000
const leaseMs = 15_000
const orphanBatch = 500

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
  /** A task that was interrupted waits again. */
  readonly onRequeued: (record: TaskRecord) => void
  /** Called after each beat. */
  readonly onBeat: () => void
}

/** Says that this process lives, and takes care of what the dead left behind: at the start and with every beat. */
export class Presence {
  readonly #options: PresenceOptions
  readonly #startedAt: number
  #callOff: () => void = () => undefined
  #isOpen = false
  #beatAt: number | null = null

  constructor(options: PresenceOptions) {
    this.#options = options
    this.#startedAt = options.clock.now()
  }

  /** When the last beat was written; null before the first. */
  get beatAt(): number | null {
    return this.#beatAt
  }

  async open(): Promise<void> {
    this.#isOpen = true
    workersHere.add(this.#options.workerId)
    await this.#beat()
    await this.#recover()
    this.#schedule()
  }

  async close(): Promise<void> {
    this.#isOpen = false
    this.#callOff()
    workersHere.delete(this.#options.workerId)
    await this.#options.store.workers.remove(this.#options.workerId)
  }

  #schedule(): void {
    if (!this.#isOpen) return
    this.#callOff = this.#options.clock.after(beatMs, () => void this.#turn())
  }

  async #turn(): Promise<void> {
    try {
      await this.#beat()
      await this.#recover()
      this.#options.onBeat()
    } catch (error) {
      this.#options.announcer.events.fault('the heartbeat', error)
    }
    this.#schedule()
  }

  async #beat(): Promise<void> {
    const { store, clock, workerId, hostname, pid } = this.#options
    const now = clock.now()
    const state: WorkerState = {
      workerId,
      hostname,
      pid,
      startedAt: this.#startedAt,
      heartbeatAt: now,
      leaseUntil: now + leaseMs,
    }
    await store.workers.beat(state)
    this.#beatAt = now
  }

  async #recover(): Promise<void> {
    const { store, clock, workerId } = this.#options
    const workers = await store.workers.list()
    const now = clock.now()
    const dead = workers.filter((worker) => worker.workerId !== workerId && this.#isDead(worker, now))
    const deadIds = new Set(dead.map((worker) => worker.workerId))
    const liveIds = workers.map((worker) => worker.workerId).filter((id) => !deadIds.has(id))
    await this.#adopt(liveIds)
    // Only now: as long as a dead worker is listed, its tasks are found again if this process dies too.
    for (const id of deadIds) await store.workers.remove(id)
  }

  #isDead(worker: WorkerState, now: number): boolean {
    if (worker.leaseUntil <= now) return true
    if (worker.hostname !== this.#options.hostname || workersHere.has(worker.workerId)) return false
    return worker.pid === this.#options.pid || !isProcessAlive(worker.pid)
  }

  async #adopt(liveIds: readonly string[]): Promise<void> {
    const { store } = this.#options
    for (;;) {
      const orphans = await store.tasks.orphans(liveIds, orphanBatch)
      const saved = await Promise.all(orphans.map((orphan) => this.#interrupt(orphan)))
      // A batch of which none could be written would come again for ever.
      if (orphans.length < orphanBatch || !saved.includes(true)) return
    }
  }

  async #interrupt(orphan: TaskRecord): Promise<boolean> {
    const { writes, clock, registry, announcer, onRequeued } = this.#options
    const startedAt = await this.#startOf(orphan)
    const outcome = { kind: 'interrupted', reason: 'The process that ran it is gone' } as const
    const policy = registry.policyOf(orphan.funcName)
    const settled = settle(orphan, outcome, { policy, now: clock.now(), startedAt, random: randomFraction() })
    if (!(await writes.saved(settled))) return false
    announcer.saved(settled.next, settled.previous)
    if (settled.next.status === 'pending') onRequeued(settled.next)
    return true
  }

  async #startOf(orphan: TaskRecord): Promise<number> {
    const fallback = orphan.startTime ?? this.#options.clock.now()
    if (orphan.attempt <= 1) return fallback
    const detail = await this.#options.store.views.detail(orphan.taskId)
    return detail?.attempts.find(({ attempt }) => attempt === orphan.attempt)?.startedAt ?? fallback
  }
}
