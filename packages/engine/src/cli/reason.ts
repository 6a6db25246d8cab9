import type { Json } from '@taskloom/protocol'
import type { Input } from './input.ts'

/** The body of a command: why, when it was said. */
export function reasonBody(input: Input): Readonly<Record<string, Json>> {
  const reason = input.text('reason')
  return reason === undefined ? {} : { reason }
}
