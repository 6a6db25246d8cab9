import type { WorkerFacts } from '../stores/store.ts'
import type { Dispatcher } from '../queues/queue.ts'
import { engineVersion } from './engine-version.ts'
import type { Limits } from './gate.ts'
import type { Registry } from './registry.ts'
import { Vitals } from './vitals.ts'

/** Queues that are named in the facts, and functions that are registered, at most. */
const maxQueues = 100
const maxFunctions = 10_000
/** What a process can run is said anew after so many beats although it is the same: others may have taken it for dead. */
const beatsBetween = 12

export interface SelfReportOptions {
  readonly registry: Registry
  readonly dispatcher: Pick<Dispatcher, 'running' | 'concurrency'>
  readonly queues: ReadonlyMap<string, Limits>
}

/** What this process says of itself with its beats. */
export class SelfReport {
  readonly #options: SelfReportOptions
  readonly #vitals = new Vitals()
  #said = -1
  #beatsSince = 0

  constructor(options: SelfReportOptions) {
    this.#options = options
  }

  open(): void {
    this.#vitals.open()
  }

  close(): void {
    this.#vitals.close()
  }

  facts(isStopping: boolean): WorkerFacts {
    const { registry, dispatcher, queues } = this.#options
    const definitions = registry.definitions()
    const own = definitions.map(({ request }) => request.queue)
    return {
      version: engineVersion,
      isStopping,
      queues: [...new Set([...queues.keys(), ...own])].sort().slice(0, maxQueues),
      concurrency: dispatcher.concurrency,
      running: dispatcher.running,
      functions: definitions.length,
      ...this.#vitals.read(),
    }
  }

  /** The names of what it can run; null when they need not be said now. Definitions are only ever added. */
  names(): readonly string[] | null {
    const definitions = this.#options.registry.definitions()
    this.#beatsSince += 1
    if (Math.min(definitions.length, maxFunctions) === this.#said && this.#beatsSince < beatsBetween) return null
    return definitions.slice(0, maxFunctions).map(({ name }) => name)
  }

  /** They were said. */
  said(names: readonly string[]): void {
    this.#said = names.length
    this.#beatsSince = 0
  }
}
