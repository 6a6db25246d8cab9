import type { Clock } from '@taskloom/engine'
import type { Store } from '@taskloom/engine/store'

export type Fault =
  /** The call rejects and nothing is done. */
  | 'rejects'
  /** The call is done only after a while. */
  | 'hangs'

export interface FaultyStore extends Store {
  /** How many calls of verbs there were. */
  readonly calls: number
  /** `tasks.write` and the like: the verb that had the fault. */
  readonly victim: string | null
}

const hangMs = 8_000

/** A store of which one call of a verb goes wrong: the one with number `nth`, from 1. */
export function faulty(store: Store, clock: Clock, fault: Fault, nth: number): FaultyStore {
  let calls = 0
  let victim: string | null = null
  const guard = (name: string, part: () => object): object =>
    aroundCalls(part, async (verb, call) => {
      calls += 1
      if (calls === nth) {
        victim = `${name}.${verb}`
        if (fault === 'rejects') throw new Error(`call ${nth} of the store failed`)
        await new Promise<void>((resolve) => clock.after(hangMs, resolve))
      }
      return call()
    })
  return guardParts(store, guard, {
    get calls() {
      return calls
    },
    get victim() {
      return victim
    },
  })
}

/** The store with the verbs of each of its parts guarded; what `extras` has goes before. */
export function guardParts<E extends object>(
  store: Store,
  guard: (name: string, part: () => object) => object,
  extras: E,
): Store & E {
  const proxy = new Proxy(store, {
    get(target, key) {
      if (key in extras) return Reflect.get(extras, key) as unknown
      const part: unknown = Reflect.get(target, key)
      if (typeof part === 'function') return (part as (...all: unknown[]) => unknown).bind(target)
      if (typeof part !== 'object' || part === null || key === 'supports') return part
      return guard(String(key), () => Reflect.get(target, key) as object)
    },
  })
  return proxy as Store & E
}

/** A part of the store with `around` in the place of each of its calls. */
export function aroundCalls(
  part: () => object,
  around: (verb: string, call: () => unknown) => Promise<unknown>,
): object {
  return new Proxy(
    {},
    {
      get(_, key) {
        const target = part()
        const member: unknown = Reflect.get(target, key)
        if (typeof member !== 'function') return member
        const verb = member as (...all: unknown[]) => unknown
        return (...args: unknown[]) => around(String(key), () => verb.apply(target, args))
      },
    },
  )
}
