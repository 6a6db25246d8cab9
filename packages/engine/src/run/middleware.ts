import { TaskError } from '../core/errors.ts'
import { isInstance } from '../core/instance.ts'
import { openResult, PackedElsewhere } from '../core/serialize.ts'
import { runAtDesk, type TaskContext } from './context.ts'
import type { AttemptCall } from './attempt.ts'
import type { Executor } from './executor.ts'

/**
 * Goes around each attempt of each task: `next()` runs what is further inside, at the end the function itself, and
 * resolves with what it returned or rejects with what it threw. What a middleware returns is the result of the attempt
 * and what it throws is its failure, so it may change, replace or swallow both. One that does not call `next()` answers
 * in place of the function; a second call of `next()` rejects. It runs here, also around a function that runs in a thread
 * or a process; what that returned comes as it is stored.
 */
export type Middleware = (context: TaskContext, next: () => Promise<unknown>) => unknown

const maxMiddleware = 100

/** Puts middleware around an executor; the first one added is the outermost. Without any nothing is added to a call. */
export class Onion implements Executor {
  readonly #layers: Middleware[] = []

  constructor(private readonly inner: Executor) {}

  /** Attempts that run already go on without it. */
  add(middleware: Middleware): void {
    if (typeof middleware !== 'function' || this.#layers.length >= maxMiddleware) {
      const message = `use: expected a function, at most ${maxMiddleware} of them`
      throw new TaskError('bad_option', { message, option: 'use' })
    }
    this.#layers.push(middleware)
  }

  execute(call: AttemptCall): unknown {
    if (this.#layers.length === 0) return this.inner.execute(call)
    return runAtDesk(call.desk, () => this.#run([...this.#layers], call))
  }

  /** What comes packed from a worker is opened for middleware; what was lost when it was packed is told if it stays. */
  async #run(layers: readonly Middleware[], call: AttemptCall): Promise<unknown> {
    const lossy = new Map<unknown, PackedElsewhere>()
    const innermost = async (): Promise<unknown> => {
      // Its time may have run out while middleware was at work: nobody waits for the function any more.
      if (call.stop.asked() !== null) throw new Error('The task was stopped before its function was called')
      const result = await this.inner.execute(call)
      if (!isInstance(result, PackedElsewhere)) return result
      const value = openResult(result)
      if (result.loss !== null) lossy.set(value, result)
      return value
    }
    const result = await enter(layers, call.desk.context, innermost)
    return lossy.get(result) ?? result
  }
}

async function enter(
  [layer, ...inside]: readonly Middleware[],
  context: TaskContext,
  innermost: () => Promise<unknown>,
): Promise<unknown> {
  if (!layer) return innermost()
  let isEntered = false
  const next = (): Promise<unknown> => {
    if (isEntered) return Promise.reject(new Error('next() was called a second time: the task would run twice'))
    isEntered = true
    return enter(inside, context, innermost)
  }
  return layer(context, next)
}
