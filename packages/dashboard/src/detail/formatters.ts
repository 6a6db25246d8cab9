import type { Json, TaskDetail } from '@taskloom/protocol'
import type { RowNote } from '../elements/task-row.ts'

/**
 * How a page shows the arguments and results of one function itself. What it returns is shown in the place of the tree: a text as
 * text, a node as it is; null leaves the tree. It is called whenever the task changes and must not throw.
 */
export interface TaskFormatter {
  /** What is said beside the name of the function in the rows, such as its first argument. Default: nothing. */
  readonly note?: RowNote | undefined
  /** Default: the tree. */
  readonly args?: ((value: Json, task: TaskDetail) => string | Node | null) | undefined
  /** Default: the tree. */
  readonly result?: ((value: Json, task: TaskDetail) => string | Node | null) | undefined
}

/** By function name; `*` is for all others. */
export type TaskFormatters = Readonly<Record<string, TaskFormatter>>
