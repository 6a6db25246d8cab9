/** The life of a process that runs tasks. */
export interface WorkerState {
  /** Unique for each start of a manager. */
  readonly workerId: string
  /** The machine it is on. */
  readonly hostname: string
  /** Its process id there. */
  readonly pid: number
  /** When it started. */
  readonly startedAt: number
  /** When it was last heard of. */
  readonly heartbeatAt: number
  /** After this instant others may treat its running tasks as orphans. */
  readonly leaseUntil: number
  /** How it fares; null where it does not say, and by default. */
  readonly facts?: WorkerFacts | null
}

/** How a process that runs tasks fares, as of its last beat. */
export interface WorkerFacts {
  /** Of the engine that it runs. */
  readonly version: string
  /** Whether it has begun to shut down. */
  readonly isStopping: boolean
  /** Queues that it limits, or that its functions use unless told otherwise; the first 100. */
  readonly queues: readonly string[]
  /** How many tasks it runs at once. */
  readonly concurrency: number
  /** How many it runs. */
  readonly running: number
  /** How many functions it defines. */
  readonly functions: number
  /** Of one core, since the beat before; may be above 100. Null with the first beat. */
  readonly cpuPercent: number | null
  /** Resident memory of the whole process, bytes. */
  readonly rssBytes: number
  /** So late, or less, was its event loop in 99 % of all moments since the beat before; null with the first beat. */
  readonly eventLoopLagMs: number | null
}

/** What a process can run. */
export interface WorkerFunctions {
  /** Which process. */
  readonly workerId: string
  /** The names of its functions; the first 10,000. */
  readonly funcNames: readonly string[]
}

/** Keeps which processes live. */
export interface WorkerStore {
  /** Creates or renews. */
  beat(worker: WorkerState): Promise<void>
  /** All of them, also those whose lease has ended. */
  list(): Promise<readonly WorkerState[]>
  /** Forgets one and its functions, as it does itself when it stops in order; unknown ones do no harm. */
  remove(workerId: string): Promise<void>
  /** Says what a process can run, in place of what it said before. */
  register(functions: WorkerFunctions): Promise<void>
  /** What each process said last; none that is not listed. */
  functions(): Promise<readonly WorkerFunctions[]>
}
