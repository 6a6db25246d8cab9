import type { WorkerView } from '@taskloom/protocol'
import type { Column } from '../figures/sorting.ts'
import type { Formats } from '../format.ts'

/** What all live processes are together. */
export interface FleetFigures {
  /** Processes that live. */
  readonly live: number
  /** Processes that are not heard of any more. */
  readonly stale: number
  readonly running: number
  /** How many they run at once; null when none says. */
  readonly capacity: number | null
  /** 0–1; null without a capacity. */
  readonly utilisation: number | null
  /** Bytes; null when none says. */
  readonly rssBytes: number | null
  /** Versions of live processes, the most frequent first. */
  readonly versions: readonly string[]
}

/** Sums over what lives; who is stale is not counted. Pure. */
export function fleetFigures(workers: readonly WorkerView[]): FleetFigures {
  const live = workers.filter(({ status }) => status !== 'stale' && status !== 'stopped')
  const running = sum(live.map((worker) => worker.running)) ?? 0
  const capacity = sum(live.map(({ concurrency }) => concurrency))
  const counts = new Map<string, number>()
  for (const { version } of live) if (version !== null) counts.set(version, (counts.get(version) ?? 0) + 1)
  return {
    live: live.length,
    stale: workers.filter(({ status }) => status === 'stale').length,
    running,
    capacity,
    utilisation: capacity ? running / capacity : null,
    rssBytes: sum(live.map(({ rssBytes }) => rssBytes)),
    versions: [...counts].sort((a, b) => b[1] - a[1]).map(([version]) => version),
  }
}

/** 0–1; null where the process does not say. */
export function utilisationOf({ running, concurrency }: WorkerView): number | null {
  return running === null || !concurrency ? null : running / concurrency
}

/** The machine a process is on, and its number there as far as that is known. */
export function processName({ hostname, pid }: Pick<WorkerView, 'hostname' | 'pid'>): string {
  return pid === null ? hostname.slice(0, 80) : `${hostname.slice(0, 80)} ${pid}`
}

/** What the processes can be sorted by. */
export function workerColumns({ say }: Formats): readonly Column<WorkerView>[] {
  return [
    { name: 'worker', word: say('Process'), valueOf: processName },
    { name: 'status', word: say('Status'), valueOf: ({ status }) => status },
    { name: 'running', word: say('Running'), isNumber: true, valueOf: (worker) => utilisationOf(worker) },
    { name: 'cpu', word: say('CPU'), isNumber: true, valueOf: ({ cpuPercent }) => cpuPercent },
    { name: 'memory', word: say('Memory'), isNumber: true, valueOf: ({ rssBytes }) => rssBytes },
    { name: 'lag', word: say('Loop lag'), isNumber: true, valueOf: ({ eventLoopLagMs }) => eventLoopLagMs },
    { name: 'uptime', word: say('Uptime'), isNumber: true, valueOf: ({ uptime }) => uptime },
  ]
}

/** `312 MB`, `1.2 GB`; a dash for null. */
export function byteWords(bytes: number | null, { count }: Formats): string {
  if (bytes === null) return '–'
  const megabytes = bytes / 1_048_576
  if (megabytes < 1_000) return `${count(Math.round(megabytes))} MB`
  return `${count(Math.round(megabytes / 102.4) / 10)} GB`
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0)
}
