import type { Clock } from '../core/clock.ts'
import type { Definition } from '../core/definition.ts'
import type { TaskRecord } from '../core/record.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Backlog } from '../run/backlog.ts'
import type { Door, Limits } from '../run/gate.ts'
import type { Registry } from '../run/registry.ts'
import type { WriteQueue } from '../run/write-queue.ts'
import type { OutboxEntry } from '../stores/outbox.ts'
import type { Store, Write } from '../stores/store.ts'

/**
 * Where tasks wait and who takes them. The store keeps what a task is; a queue only decides where and when it runs. What a
 * queue must do is said by the suite `describeQueue` of `@taskloom/testkit`.
 */
export interface Queue {
  /** The kind of queue, such as `local`, for people. */
  readonly name: string
  /** What it can do. */
  readonly supports: QueueSupports
  /** The part of it that one manager works with; connects to nothing yet. Called once for each manager. */
  connect(host: QueueHost): Dispatcher
}

/** What a queue can do. */
export interface QueueSupports {
  /** Whether a task runs wherever a worker is free, on any machine. Without it, it runs where its store is open. */
  readonly distribution: boolean
  /** Whether rates, and limits of functions and queues, hold for all processes together. */
  readonly fleetLimits: boolean
}

/** How an attempt came to its end: as its function returned, later, or without having been begun. */
export type Ending = 'prompt' | 'late' | 'unused'

/** The rooms of the engine as a queue needs them. */
export interface QueueHost {
  readonly store: Store
  readonly clock: Clock
  readonly announcer: Announcer
  readonly registry: Registry
  readonly writes: WriteQueue
  readonly backlog: Backlog
  readonly workerId: string
  /** Tasks that run at once in this process. */
  readonly concurrency: number
  /** Limits of queues, over all functions, in this process. */
  readonly queues: ReadonlyMap<string, Limits>
  /** What lets a function's tasks into its pool of workers; null for one that runs in none. */
  readonly doorOf: (definition: Definition) => Door | null
  /** The store refused a start of which nobody knows whether it was kept. */
  readonly doubt: (taskId: string) => void
  /** Whether others take this process for alive. When it is so again, {@link Dispatcher.goOn} is called. */
  readonly isPresent: () => boolean
  /** Whether tasks that were taken wait for their turn to begin. */
  readonly isBehind: () => boolean
  /** Runs a task that is stored as running here; `Dispatcher.settled` tells its end. */
  readonly start: (record: TaskRecord, definition: Definition) => void
  /** Whether the task runs here. */
  readonly runs: (taskId: string) => boolean
  /** Whether that process is not known to be gone: what it runs is its own, whatever a queue makes of its silence. */
  readonly isAlive: (workerId: string) => Promise<boolean>
  /** Ends the attempt of a worker that is gone; null when the task was not any more what it was taken for. */
  readonly interrupt: (record: TaskRecord, reason: string) => Promise<TaskRecord | null>
  /** A waiting task never runs: somebody removed it from the queue itself. */
  readonly cancel: (taskId: string, reason: string) => Promise<void>
  /** Mints a new task from an ended one, because somebody asked the queue itself to run it again. */
  readonly retry: (taskId: string) => Promise<void>
}

/**
 * Takes waiting tasks, as far as there is room, marks them as running and hands them on. The store is asked before: what
 * is not pending there never runs.
 */
export interface Dispatcher {
  /** How many run here. */
  readonly running: number
  /** How many may run here at once. */
  readonly concurrency: number
  /** What is stored with a write, so that a change that the queue must hear of is not lost with this process; absent where there is none. */
  messages?(write: Write): readonly OutboxEntry[]
  /** Whether the task waits here or is being taken. */
  knows(taskId: string): boolean
  /** There is a function more. */
  add(definition: Definition): void
  /** Enqueuing begins: also in a process that takes nothing. */
  join(): Promise<void>
  /** Begins to take tasks. */
  open(): Promise<void>
  /** Takes nothing any more; what waits stays where it is, what runs goes on. */
  close(): void
  /** Resolves when everything that was offered or withdrawn is told to whoever distributes, while the store is still open. */
  told?(): Promise<void>
  /** Nothing will run here any more. Lets go of everything; never rejects. */
  end(): Promise<void>
  /**
   * Keeps a slot for a task that is not stored yet, so that it can be stored as running; false when it has to wait. A
   * kept slot is given up by {@link vacate}.
   */
  reserve(funcName: string, queue: string): boolean
  /** A kept slot is not needed: its task was not started. */
  vacate(funcName: string, queue: string): void
  /** A task that is stored as pending now: it is run when its turn comes. */
  offer(record: TaskRecord): void
  /** A waiting task was changed or has ended: what was known of it is not true any more. */
  withdraw(record: Pick<TaskRecord, 'taskId' | 'funcName' | 'queue'>): void
  /** The function has ended and its slot is free, although its end is not saved yet; {@link settled} follows. */
  ending(record: TaskRecord, how: Ending): void
  /**
   * The end of an attempt is saved, or never will be: `next` is null when somebody else has the task now. `isUnused` when
   * its function was not called.
   */
  settled(taskId: string, next: TaskRecord | null, isUnused: boolean): void
  /** Looks for tasks that became due or that others stored. */
  wake(): void
  /** There may be room for more although nothing has ended. */
  goOn(): void
  /** Takes nothing of these queues any more, and of all others again; resolves soon, when it is so. */
  pause(queues: ReadonlySet<string>): void | Promise<void>
  /** Resolves when nothing runs, waits or is due here; delayed tasks and those in paused queues are not waited for. */
  idle(): Promise<void>
  /** Answers who waits for {@link idle}, if it is so. */
  settle(): void
}
