import { seededRandom } from '../engine/seeded-random.ts'

/** Where the tasks of a run are kept. */
export const storeKinds = ['sqlite', 'postgres', 'redis'] as const
export type StoreKind = (typeof storeKinds)[number]

/** The functions of a run: how often a task of each may fail, and whether it waits again when its process is gone. */
export const functions = {
  once: { retries: 0, requeues: false },
  retried: { retries: 3, requeues: false },
  again: { retries: 1, requeues: true },
} as const
export type FuncName = keyof typeof functions

/** A call of the store that goes wrong: it is not done, done late, or done and said to have failed. */
export interface FailingCall {
  /** Counted from 1, over all verbs, in one process. */
  readonly nth: number
  readonly how: 'rejects' | 'hangs' | 'lies'
}

export interface PlannedTask {
  readonly label: string
  readonly func: FuncName
  /** How long an attempt takes, in milliseconds of the machine; 0 for a function that is over when it returns. */
  readonly workMs: number
  /** How many of its attempts fail before one succeeds. */
  readonly fails: number
  /** In milliseconds of the engine's own time. */
  readonly delayMs: number
  readonly priority: number
  readonly key: string | null
  readonly lock: string | null
}

/** What happens, and how long it lasts. Times are milliseconds of the machine, and those of steps count from the begin. */
export type Step =
  | { readonly do: 'enqueue'; readonly by: string; readonly together: boolean; readonly tasks: readonly PlannedTask[] }
  | { readonly do: 'cancel' | 'retry' | 'run now'; readonly by: string; readonly label: string }
  | { readonly do: 'kill'; readonly whom: string; readonly forMs: number }
  | { readonly do: 'freeze'; readonly whom: string; readonly forMs: number }
  | { readonly do: 'shut down'; readonly whom: string; readonly forMs: number; readonly patienceMs: number }
  | { readonly do: 'fill disk'; readonly whom: string; readonly forMs: number }
  | { readonly do: 'lock file'; readonly forMs: number }
  /** By so much of the engine's own time, for all processes at once, as they share a machine. */
  | { readonly do: 'set clock'; readonly byMs: number }
export type TimedStep = Step & { readonly atMs: number }

/** One run: the same for the same seed and store. */
export interface Timetable {
  readonly seed: number
  readonly store: StoreKind
  readonly processes: readonly { readonly name: string; readonly failing: readonly FailingCall[] }[]
  /** How often the schedule of the run has a slot, in seconds of the engine's own time. */
  readonly tickSeconds: number
  readonly steps: readonly TimedStep[]
  readonly lengthMs: number
}

const minute = 60_000
const faultKinds = ['kill', 'freeze', 'shut down', 'set clock', 'fill disk', 'lock file'] as const
type FaultKind = (typeof faultKinds)[number]
/** These need a file of SQLite. */
const fileFaults: readonly FaultKind[] = ['fill disk', 'lock file']

export function planRun(seed: number, store: StoreKind): Timetable {
  const dice = diceOf(seededRandom(seed))
  const names = ['a', 'b', 'c'].slice(0, dice.between(1, 3))
  const lengthMs = dice.between(800, 1_300)
  const tasks = planTasks(dice)
  const steps = [
    ...planArrivals(dice, names, tasks, lengthMs),
    ...planDeeds(dice, names, tasks, lengthMs),
    ...planFaults(dice, names, store, lengthMs),
  ]
  return {
    seed,
    store,
    processes: names.map((name) => ({ name, failing: planFailing(dice) })),
    tickSeconds: dice.between(1, 4),
    steps: steps.sort((one, other) => one.atMs - other.atMs),
    lengthMs,
  }
}

/** How many tasks are asked for. */
export function countTasks({ steps }: Timetable): number {
  return steps.reduce((sum, step) => sum + (step.do === 'enqueue' ? step.tasks.length : 0), 0)
}

/** The faults of a run in a few words. */
export function nameFaults({ steps, processes }: Timetable): string {
  const kinds: string[] = steps.filter((step) => 'forMs' in step || 'byMs' in step).map((step) => step.do)
  for (const { failing } of processes) for (const { how } of failing) kinds.push(`a call ${how}`)
  const counts = new Map<string, number>()
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} × ${kind}`)).join(', ') || 'no fault'
}

interface Dice {
  /** A whole number, both ends included. */
  between(least: number, most: number): number
  odds(share: number): boolean
  one<T>(list: readonly T[]): T
}

function diceOf(chance: () => number): Dice {
  const between = (least: number, most: number): number => least + Math.floor(chance() * (most - least + 1))
  return {
    between,
    odds: (share) => chance() < share,
    one: (list) => list[between(0, list.length - 1)] as (typeof list)[number],
  }
}

function planTasks(dice: Dice): readonly PlannedTask[] {
  const failingShare = dice.one([0, 0.05, 0.2, 0.5])
  const longest = dice.one([5, 40, 200])
  return Array.from({ length: dice.between(30, 120) }, (_, index) => ({
    label: `t${index}`,
    func: dice.one(Object.keys(functions) as FuncName[]),
    workMs: dice.odds(0.3) ? 0 : dice.between(1, longest),
    fails: dice.odds(failingShare) ? dice.between(1, 5) : 0,
    delayMs: dice.odds(0.2) ? dice.between(1, 8_000) : 0,
    priority: dice.odds(0.2) ? dice.between(-5, 5) : 0,
    key: dice.odds(0.2) ? `k${dice.between(0, 9)}` : null,
    lock: dice.odds(0.1) ? `l${dice.between(0, 5)}` : null,
  }))
}

function planArrivals(
  dice: Dice,
  names: readonly string[],
  tasks: readonly PlannedTask[],
  lengthMs: number,
): TimedStep[] {
  const steps: TimedStep[] = []
  for (let from = 0; from < tasks.length;) {
    const count = dice.odds(0.1) ? dice.between(10, 30) : dice.between(1, 5)
    const batch = tasks.slice(from, from + count)
    const at = { atMs: dice.between(0, lengthMs), by: dice.one(names) }
    steps.push({ do: 'enqueue', ...at, together: dice.odds(0.15), tasks: batch })
    from += count
  }
  return steps
}

function planDeeds(dice: Dice, names: readonly string[], tasks: readonly PlannedTask[], lengthMs: number): TimedStep[] {
  return Array.from({ length: dice.between(0, 12) }, () => ({
    do: dice.one(['cancel', 'retry', 'run now'] as const),
    by: dice.one(names),
    label: dice.one(tasks).label,
    atMs: dice.between(100, lengthMs),
  }))
}

function planFaults(dice: Dice, names: readonly string[], store: StoreKind, lengthMs: number): TimedStep[] {
  const kinds = faultKinds.filter((kind) => store === 'sqlite' || !fileFaults.includes(kind))
  return Array.from({ length: dice.between(1, 4) }, () => ({
    ...planFault(dice, dice.one(kinds), dice.one(names)),
    atMs: dice.between(50, lengthMs),
  }))
}

function planFault(dice: Dice, kind: FaultKind, whom: string): Step {
  switch (kind) {
    case 'kill':
      return { do: kind, whom, forMs: dice.between(0, 400) }
    case 'freeze':
      // Shorter and longer than a lease, which is a second here.
      return { do: kind, whom, forMs: dice.one([50, 300, 1_200, 1_700]) }
    case 'shut down':
      return { do: kind, whom, forMs: dice.between(0, 300), patienceMs: dice.one([0, 500, 5_000]) }
    case 'fill disk':
      return { do: kind, whom, forMs: dice.between(50, 500) }
    case 'lock file':
      return { do: kind, forMs: dice.between(20, 500) }
    case 'set clock':
      return { do: kind, byMs: dice.between(-10, 10) * minute + dice.between(-minute, minute) }
  }
}

function planFailing(dice: Dice): readonly FailingCall[] {
  const count = dice.one([0, 0, 1, 2, 4])
  return Array.from({ length: count }, () => ({
    nth: dice.between(1, 250),
    how: dice.one(['rejects', 'hangs', 'lies'] as const),
  }))
}
