import type { Json } from '@taskloom/protocol'

/**
 * A masked value with what lies at a path as it is in truth. The path is looked for in the value and, where that is a list
 * of arguments, in each of them; `*` is any one step. Pure.
 */
export function unmask(masked: Json, truth: Json, path: string): Json {
  const steps = path.split('.')
  const whole = open(masked, truth, steps)
  if (!Array.isArray(whole) || !Array.isArray(truth)) return whole
  return whole.map((item: Json, index) => open(item, (truth as readonly Json[])[index] ?? null, steps))
}

function open(masked: Json, truth: Json, steps: readonly string[]): Json {
  const [step, ...rest] = steps
  if (step === undefined) return truth
  if (typeof masked !== 'object' || masked === null || typeof truth !== 'object' || truth === null) return masked
  const members = truth as { readonly [key: string]: Json }
  const opened = Object.entries(masked).map(([key, inner]: [string, Json]): [string, Json] => {
    const isMeant = (step === '*' || step === key) && Object.hasOwn(members, key)
    return [key, isMeant ? open(inner, members[key] ?? null, rest) : inner]
  })
  return Array.isArray(masked) ? opened.map(([, inner]) => inner) : Object.fromEntries(opened)
}
