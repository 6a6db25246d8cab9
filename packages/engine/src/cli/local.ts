import { userInfo } from 'node:os'
import { TaskManager } from '../manager.ts'
import { createHandler, type Handler } from '../server/handler.ts'
import { createAsk } from './ask.ts'
import { usageError } from './exit.ts'
import { loadManager } from './load-manager.ts'
import type { OpenTasks } from './load-manager.ts'
import { requireThere } from './migration.ts'
import type { Server } from './server.ts'
import type { World } from './world.ts'

/** A statement over millions of rows may take its time. */
const timeoutMs = 600_000
const mount = 'http://taskloom.local'

/** What is opened: a store, the manager of a module, or a manager that a module makes for a file. */
export interface LocalPlace {
  readonly store: string | undefined
  readonly module: string | undefined
  /** Whether the file was named on the command line, and not by the environment alone. */
  readonly isStoreSaid: boolean
}

/**
 * The store at hand, behind the same handler that an application mounts: every command means the same here and there. The
 * manager is opened and not started, so this process runs no task and takes none from the application.
 */
export async function openLocal(place: LocalPlace, world: World): Promise<Server> {
  const tasks = await openTasks(place)
  const handler = serve(tasks, operatorName(world.env))
  return {
    kind: 'local',
    hasModule: place.module !== undefined,
    ask: createAsk({
      src: mount,
      headers: {},
      fetch: (url, init) => handler(new Request(url, init), { basePath: '' }),
      signal: world.signal,
      timeoutMs,
    }),
    work: (taskIds) => work(tasks, taskIds, place),
    close: () => close(tasks, handler),
  }
}

/** The manager of a place, open. Throws when there is none, and makes no file where there was none. */
export async function openTasks(place: LocalPlace): Promise<OpenTasks> {
  const { store, module, isStoreSaid } = place
  if (store !== undefined && (isStoreSaid || module === undefined)) requireThere(store)
  const tasks = module === undefined ? new TaskManager({ store: store ?? '' }) : await loadManager(module, place)
  if (!tasks.source.offers.reads.includes('persistence')) {
    throw usageError(`${module ?? ''} keeps its tasks in memory, where no other process sees them: give --store STORE`)
  }
  await tasks.open()
  return tasks
}

/** Whoever can open the file may do everything with it, and is known by name. */
function serve(tasks: OpenTasks, name: string): Handler {
  return createHandler(tasks.source, { displayArgs: true, write: true, auth: () => ({ name, role: 'admin' }) })
}

async function work(tasks: OpenTasks, taskIds: readonly string[], { module }: LocalPlace): Promise<void> {
  if (module === undefined) throw usageError('--work needs the functions: give --module FILE')
  await tasks.start()
  await Promise.all(taskIds.map((id) => tasks.wait(id)))
}

async function close(tasks: OpenTasks, handler: Handler): Promise<void> {
  handler.close()
  await tasks.shutdown()
}

/** The name that stands in the audit log. */
function operatorName(env: World['env']): string {
  try {
    return `${userInfo().username} (command line)`
  } catch {
    // Without an entry in the list of users there is only what the environment says.
    return `${env['USER'] ?? 'somebody'} (command line)`
  }
}
