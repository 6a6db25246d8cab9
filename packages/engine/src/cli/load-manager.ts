import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TaskManager } from '../manager.ts'
import { isFilePlace } from '../stores/store-at.ts'
import { CommandError, exitCodes, usageError } from './exit.ts'
import type { LocalPlace } from './local.ts'
import { loadModule } from './load-module.ts'

/** What is needed of a manager; that of the user's module may come from another copy of the engine. */
export type OpenTasks = Pick<TaskManager, 'source' | 'open' | 'start' | 'wait' | 'shutdown'>

/**
 * The manager of a module: what it exports as `tasks` or by default. A function is called with `{ store }` and makes one
 * for that; a manager that is there already has a store of its own.
 */
export async function loadManager(
  module: string,
  { store, isStoreSaid }: Pick<LocalPlace, 'store' | 'isStoreSaid'>,
): Promise<OpenTasks> {
  const exported = await loadModule(pathToFileURL(resolve(module)), '--module')
  const found = exported['tasks'] ?? exported['default']
  if (isManager(found)) {
    if (!isStoreSaid) return found
    await found.shutdown()
    throw usageError(
      `${module} exports a manager that has its own store: leave out --store, or export a function ({ store }) => TaskManager`,
    )
  }
  if (typeof found === 'function') {
    const made: unknown = await (found as (place: object) => unknown)(
      store === undefined ? {} : { store: isFilePlace(store) ? resolve(store) : store },
    )
    if (isManager(made)) return made
  }
  const message = `${module} exports no TaskManager as tasks or default, and no function that makes one`
  throw new CommandError(exitCodes.usage, message)
}

function isManager(value: unknown): value is OpenTasks {
  if (typeof value !== 'object' || value === null || !('source' in value)) return false
  const verbs = ['open', 'start', 'wait', 'shutdown'] as const
  return verbs.every((verb) => typeof (value as Readonly<Record<string, unknown>>)[verb] === 'function')
}
