import type { Drift, UnregisteredFunction } from '@taskloom/protocol'
import type { LoadCell } from '../stores/store.ts'
import { readLoad, readServing, type Serving } from './fleet.ts'
import type { SourceParts } from './parts.ts'

const maxListed = 1_000
const maxWorkersListed = 100

/** Compares what live processes have said with what the store has seen. */
export async function readDrift(parts: SourceParts): Promise<Drift> {
  const now = parts.clock.now()
  const [load, serving] = await Promise.all([readLoad(parts, now), readServing(parts, now)])
  return compareFunctions(load.cells, serving)
}

/** Pure: the same for the same cells and processes, in whatever order they come. */
export function compareFunctions(cells: readonly LoadCell[], serving: readonly Serving[]): Drift {
  const workerIds = serving.map(({ workerId }) => workerId).sort()
  const definers = new Map<string, Set<string>>()
  for (const { workerId, funcNames } of serving) {
    for (const name of funcNames) definers.set(name, (definers.get(name) ?? new Set()).add(workerId))
  }
  const seen = new Set(cells.map(({ funcName }) => funcName))
  const unregistered = withoutDefinition(cells.filter(({ funcName }) => !definers.has(funcName)))
  const partial = [...definers]
    .filter(([, ids]) => ids.size < workerIds.length)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([funcName, ids]) => ({
      funcName,
      workers: [...ids].sort().slice(0, maxWorkersListed),
      missing: workerIds.filter((id) => !ids.has(id)).slice(0, maxWorkersListed),
    }))
  const unseen = [...definers.keys()].filter((name) => !seen.has(name)).sort()
  return {
    workers: workerIds.length,
    unregistered: unregistered.slice(0, maxListed),
    partial: partial.slice(0, maxListed),
    unseen: unseen.slice(0, maxListed),
    truncated: [unregistered, partial, unseen].some(({ length }) => length > maxListed),
  }
}

function withoutDefinition(cells: readonly LoadCell[]): readonly UnregisteredFunction[] {
  const found = new Map<string, UnregisteredFunction>()
  for (const { funcName, queue, pending, running, recent } of cells) {
    const known = found.get(funcName) ?? { funcName, queues: [], pending: 0, running: 0, recent: 0 }
    found.set(funcName, {
      funcName,
      queues: [...known.queues, queue].sort(),
      pending: known.pending + pending,
      running: known.running + running,
      recent: known.recent + recent,
    })
  }
  return [...found.values()].sort((a, b) => b.pending - a.pending || (a.funcName < b.funcName ? -1 : 1))
}
