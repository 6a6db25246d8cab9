import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskManager, type TaskManagerOptions } from '@taskloom/engine'
import { afterAll, afterEach } from 'vitest'

// In memory where the machine has such a place: the tests write much and keep nothing.
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const folder = mkdtempSync(join(base, 'taskloom-faults-'))
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
let files = 0
/** A path that no other test uses; gone after the tests of the file. */
export const nextFile = (): string => join(folder, `${(files += 1)}.db`)

const open: TaskManager[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((tasks) => tasks.shutdown({ timeoutMs: 0 })))
})

export interface Watched {
  readonly tasks: TaskManager
  /** `during: message` of every fault the engine told. */
  readonly faults: string[]
}

/** A manager that is shut down after the test, and what it says went wrong. */
export function openWatched(options: TaskManagerOptions): Watched {
  const tasks = new TaskManager(options)
  open.push(tasks)
  const faults: string[] = []
  tasks.on('error', ({ during, error }) => faults.push(`${during}: ${(error as Error).message}`))
  return { tasks, faults }
}
