/** One step of a scripted task: what it does at its next call. */
export type Step<R> =
  /** Ends with this value. */
  | { readonly returns: R }
  /** Fails with this. */
  | { readonly throws: unknown }
  /** Waits until the test says how it ends. */
  | { readonly holds: true }

/** A function that does what a script says, and what was asked of it. */
export interface ScriptedTask<R> {
  /** To be given to `define`. */
  readonly run: (...args: unknown[]) => Promise<R>
  /** The arguments of each call so far. */
  readonly calls: readonly (readonly unknown[])[]
  /** Calls that hold. */
  readonly held: number
  /** Ends the oldest call that holds. */
  release(step?: { readonly returns: R } | { readonly throws: unknown }): void
}

/** A function whose calls do what a script says, in order; after its end the last step is repeated. */
export function scriptedTask<R = unknown>(script: readonly Step<R>[]): ScriptedTask<R> {
  const calls: (readonly unknown[])[] = []
  const holding: ((step: Step<R>) => void)[] = []
  return {
    calls,
    get held() {
      return holding.length
    },
    async run(...args) {
      const step = script[Math.min(calls.length, script.length - 1)] ?? { holds: true }
      calls.push(args)
      return play('holds' in step ? await new Promise<Step<R>>((resolve) => holding.push(resolve)) : step)
    },
    release(step = { returns: undefined as R }) {
      const end = holding.shift()
      if (!end) throw new Error('No call of this task holds')
      end(step)
    },
  }
}

function play<R>(step: Step<R>): R {
  if ('throws' in step) throw step.throws
  if ('returns' in step) return step.returns
  throw new Error('A call is released by a value or an error')
}
