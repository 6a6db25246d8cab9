/**
 * Thrown by a function whose task must not be tried again: its arguments are wrong, the order is gone, the card was
 * declined. The task fails at once, however many retries it has left. May be extended.
 */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError'
  /** What makes it permanent, also in another thread or from another copy of this package. */
  readonly isPermanent = true
}

/** Whether what was thrown is a {@link PermanentError}, or says by its own `isPermanent: true` that it is like one. */
export function isPermanent(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false
  try {
    const { isPermanent: mark, name } = thrown as { readonly isPermanent?: unknown; readonly name?: unknown }
    return mark === true || name === 'PermanentError'
  } catch {
    return false
  }
}
