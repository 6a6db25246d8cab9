import { TaskManager, type TaskManagerOptions } from '@taskloom/engine'
import { afterEach, expect } from 'vitest'

const open: TaskManager[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((tasks) => tasks.shutdown({ timeoutMs: 0 })))
})

/** A manager that is shut down after the test. */
export function openManager(options: TaskManagerOptions = {}): TaskManager {
  const tasks = new TaskManager(options)
  open.push(tasks)
  return tasks
}

/** Matches an error with this code. */
export function withCode(code: string): Error {
  return expect.objectContaining({ code }) as Error
}
