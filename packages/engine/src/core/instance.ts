/** `instanceof` for values of the user, which may be proxies that throw whatever is asked of them. */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type
  } catch {
    return false
  }
}
