import type { Clock } from '../core/clock.ts'
import type { Definition } from '../core/definition.ts'
import type { AttemptCall } from './attempt.ts'
import type { Executor } from './executor.ts'
import type { Door } from './gate.ts'
import { runInline } from './inline.ts'
import { maxCells } from './pool/claims.ts'
import { loadFunction } from './pool/load-function.ts'
import { Pool } from './pool/pool.ts'
import { openProcess } from './pool/process-port.ts'
import { openThread } from './pool/thread-port.ts'

export interface ExecutorsOptions {
  readonly clock: Clock
  readonly threads: number
  readonly processes: number
  readonly workerMemoryMb: number | null
  /** A pool may take more tasks although none has ended. */
  readonly onRoom: () => void
}

/** Every place where a function may run. Pools start their first worker with their first task. */
export class Executors implements Executor {
  readonly #pools: Readonly<Record<'thread' | 'process', Pool>>

  constructor({ clock, threads, processes, workerMemoryMb: memoryMb, onRoom }: ExecutorsOptions) {
    const shared = { clock, memoryMb, onRoom }
    this.#pools = {
      thread: new Pool({ ...shared, max: threads, maxDepth: maxCells, open: openThread }),
      process: new Pool({ ...shared, max: processes, maxDepth: 1, open: openProcess }),
    }
  }

  execute(call: AttemptCall): unknown {
    const { run, module, executor } = call.definition
    if (run !== null) return runInline(run, call)
    if (module === null || executor === 'async') throw new TypeError('A definition without code')
    return this.#pools[executor].execute(call, module)
  }

  /** What lets tasks into a function's pool; null for a function that runs in none. */
  doorOf(definition: Definition): Door | null {
    const { executor } = definition
    return executor === 'async' ? null : this.#pools[executor].doorOf(definition)
  }

  /** Gives back what lies in workers for one of these queues and was not begun. */
  holdBack(queues: ReadonlySet<string>): void {
    for (const pool of Object.values(this.#pools)) pool.holdBack(queues)
  }

  /** Ends all workers; resolves when they are gone. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#pools).map((pool) => pool.close()))
  }
}

/** A defined function as one to be called here and now: that of a module is imported first. */
export function plainFunction({ run, module }: Definition): (...args: readonly unknown[]) => unknown {
  if (run !== null) return run as (...args: readonly unknown[]) => unknown
  return async (...args) => {
    const loaded = await loadFunction(module?.url ?? '', module?.exportName ?? 'default')
    return loaded(...args)
  }
}
