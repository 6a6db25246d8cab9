// A store of which some calls go wrong: `failing` says which, counted from 1 over all verbs, and how.
const hangMs = 8_000
/** Answer at once, without a promise: the engine could not wait for a failure of theirs. */
const untouched = ['supports', 'hostTransactions', 'transfer']

export function failingStore(store, clock, failing) {
  if (failing.length === 0) return store
  const faults = new Map(failing.map(({ nth, how }) => [nth, how]))
  let calls = 0
  const around = async (call) => {
    calls += 1
    const how = faults.get(calls)
    if (how === 'rejects') throw new Error(`Call ${calls} of the store failed`)
    if (how === 'hangs') await new Promise((resolve) => clock.after(hangMs, resolve))
    const answer = await call()
    if (how === 'lies') throw new Error(`Call ${calls} of the store was done and said to have failed`)
    return answer
  }
  const guard = (part) =>
    new Proxy(
      {},
      {
        get(_, verb) {
          const target = part()
          const member = Reflect.get(target, verb)
          return typeof member === 'function' ? (...args) => around(() => member.apply(target, args)) : member
        },
      },
    )
  return new Proxy(store, {
    get(target, key) {
      const part = Reflect.get(target, key)
      if (typeof part === 'function') return part.bind(target)
      if (typeof part !== 'object' || part === null || untouched.includes(key)) return part
      return guard(() => Reflect.get(target, key))
    },
  })
}
