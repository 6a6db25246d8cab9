import type { AttemptCall } from './attempt.ts'

/** Where user code runs. What it throws or rejects with is the attempt's business. */
export interface Executor {
  execute(call: AttemptCall): unknown
}
