import type { Attempt } from '@taskloom/protocol'
import { TaskError } from '../core/errors.ts'
import type { TaskRecord, Transition } from '../core/record.ts'
import type { TaskStore, Write } from './store.ts'

/** What became of a new task. */
export interface Inserted {
  /** The task that is stored. */
  readonly record: TaskRecord
  /** True when the idempotency key or the schedule's slot was taken: `record` is the task that holds it. */
  readonly deduplicated: boolean
}

/** Stores one new task. Rejects with what the store refused it for. */
export async function insertTask(
  tasks: TaskStore,
  record: TaskRecord,
  attempt: Attempt | null = null,
): Promise<Inserted> {
  const stored = await writeOne(tasks, { previous: null, next: record, attempt, logs: [] })
  if (stored === null) throw new TaskError('store_failed', { message: `The task ${record.taskId} was not stored` })
  return { record: stored, deduplicated: stored !== record }
}

/** Saves one transition; false when somebody else changed the task. Rejects with what the store refused it for. */
export async function saveTask(tasks: TaskStore, transition: Transition): Promise<boolean> {
  return (await writeOne(tasks, transition)) !== null
}

async function writeOne(tasks: TaskStore, write: Write): Promise<TaskRecord | null> {
  const [written] = await tasks.write([write])
  if (written instanceof TaskError) throw written
  return written ?? null
}
