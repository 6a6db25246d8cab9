import type { TaskStatus } from '@taskloom/protocol'
import { ModelSchedules } from './model-schedules.ts'

/** The functions of the model test, and what a task of each does when it runs. */
export const functions = {
  ok: { retries: 0, isHeld: false, fails: false, requeues: false },
  bad: { retries: 0, isHeld: false, fails: true, requeues: false },
  twice: { retries: 1, isHeld: false, fails: true, requeues: false },
  held: { retries: 1, isHeld: true, fails: false, requeues: false },
  safe: { retries: 0, isHeld: true, fails: false, requeues: true },
} as const
export type FuncName = keyof typeof functions

export const retryDelayMs = 10_000
const maxInterruptions = 3

export interface ModelTask {
  readonly id: string
  readonly func: FuncName
  readonly key: string | null
  /** What it locks while it waits or runs. */
  readonly lock: string | null
  status: TaskStatus
  attempt: number
  retriesUsed: number
  retryCount: number
  interruptions: number
  runAt: number | null
  endTime: number | null
}

/** What must be true of the tasks, said as simply as it can be: no store, no batches, no promises. */
export class Model {
  readonly tasks = new Map<string, ModelTask>()
  /** Originals by the ids of their retries. */
  readonly originals = new Map<string, string>()

  readonly schedules: ModelSchedules

  constructor(public now: number) {
    this.schedules = new ModelSchedules(now)
  }

  holderOf(key: string | null): ModelTask | undefined {
    const holds = ({ status }: ModelTask): boolean => ['pending', 'running', 'success'].includes(status)
    return key === null ? undefined : [...this.tasks.values()].find((task) => task.key === key && holds(task))
  }

  liveRetryOf({ id }: ModelTask): ModelTask | undefined {
    return this.ofStatus('pending', 'running').find((task) => this.originals.get(task.id) === id)
  }

  lockedBy(lock: string | null): ModelTask | undefined {
    return lock === null ? undefined : this.ofStatus('pending', 'running').find((task) => task.lock === lock)
  }

  add(id: string, { func, key, lock }: Pick<ModelTask, 'func' | 'key' | 'lock'>, runAt: number | null): void {
    const counts = { attempt: 0, retriesUsed: 0, retryCount: 0, interruptions: 0 }
    this.tasks.set(id, { id, func, key, lock, status: 'pending', ...counts, runAt, endTime: null })
    this.runDue()
  }

  /** Time passes while a process is there to run what is due. */
  advance(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const next = this.ofStatus('pending').reduce((least, { runAt }) => Math.min(least, runAt ?? least), Infinity)
      if (next > until) break
      this.now = Math.max(this.now, next)
      this.runDue()
    }
    this.now = until
    this.schedules.advance(until)
  }

  /** A process has started, and it is this late now. */
  boot(bootedAt: number, now: number): void {
    this.now = now
    this.schedules.boot(bootedAt)
    this.schedules.advance(now)
    this.runDue()
  }

  runDue(): void {
    for (const task of this.ofStatus('pending')) if ((task.runAt ?? 0) <= this.now) this.#start(task)
  }

  end(task: ModelTask, isOk: boolean): void {
    if (isOk) return this.#finish(task, 'success')
    if (task.retriesUsed >= functions[task.func].retries) return this.#finish(task, 'failed')
    task.retriesUsed += 1
    task.status = 'pending'
    task.runAt = this.now + retryDelayMs
  }

  cancel(task: ModelTask): void {
    this.#finish(task, 'cancelled')
  }

  /** The process of a running task is gone. What may run again is due when there is a process. */
  interrupt(task: ModelTask): void {
    task.interruptions += 1
    if (!functions[task.func].requeues || task.interruptions >= maxInterruptions) {
      return this.#finish(task, 'interrupted')
    }
    task.status = 'pending'
    task.runAt = null
  }

  ofStatus(...statuses: readonly TaskStatus[]): ModelTask[] {
    return [...this.tasks.values()].filter(({ status }) => statuses.includes(status))
  }

  #start(task: ModelTask): void {
    task.status = 'running'
    task.attempt += 1
    task.runAt = null
    if (!functions[task.func].isHeld) this.end(task, !functions[task.func].fails)
  }

  #finish(task: ModelTask, status: TaskStatus): void {
    task.status = status
    task.runAt = null
    task.endTime = this.now
  }
}
