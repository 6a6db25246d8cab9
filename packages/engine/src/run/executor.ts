import type { Definition } from '../core/definition.ts'
import type { Desk } from './context.ts'

/** One call of user code. */
export interface Call {
  readonly definition: Definition
  readonly args: readonly unknown[]
  readonly desk: Desk
}

/** Where user code runs. What it throws or rejects with is the attempt's business. */
export interface Executor {
  execute(call: Call): unknown
}
