import { array, boolean, object, type Infer } from './codec.ts'
import { taskSummary } from './task.ts'

/** Codec of {@link Lineage}. */
export const lineage = object({
  /** The task itself, those that it was retried from, and those that were retried from it: the oldest first. */
  tasks: array(taskSummary),
  /** Whether there are more: at most 20 that came before it and 50 that came after. */
  truncated: boolean,
})
/** Where a task comes from, and what came of it. */
export type Lineage = Infer<typeof lineage>
