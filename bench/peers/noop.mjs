/** The task of pools: nothing. */
export function noop() {
  return undefined
}
