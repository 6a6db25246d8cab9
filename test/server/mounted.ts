import { createHandler, type Handler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'

export const fixedNow = Date.UTC(2026, 0, 5, 12)

/** A handler over a scripted source, at a time that stands still. */
export interface Mounted {
  readonly source: ScriptedSource
  readonly handler: Handler
  /** What the handlers reported to the host. */
  readonly errors: unknown[]
  /** Another handler over the same source. */
  readonly open: (options?: HandlerOptions) => Handler
}

export function mount(): Mounted {
  const source = new ScriptedSource()
  const errors: unknown[] = []
  const clock = { now: () => fixedNow, after: () => () => undefined }
  const open = (options: HandlerOptions = {}) =>
    createHandler(source, { clock, onError: (error) => errors.push(error), ...options })
  return { source, handler: open(), errors, open }
}
