import type { PlainFunction } from '../core/definition.ts'
import { unpackArgs } from '../core/serialize.ts'
import type { AttemptCall } from './attempt.ts'
import { runAtDesk } from './context.ts'

/** Runs a function on the event loop of this process. */
export function runInline(run: PlainFunction, call: AttemptCall): unknown {
  return runAtDesk(call.desk, run, ...(unpackArgs(call.args) as never[]))
}
