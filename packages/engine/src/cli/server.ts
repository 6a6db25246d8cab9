import type { Ask } from './ask.ts'
import type { LocalPlace } from './local.ts'
import { usageError } from './exit.ts'
import type { Input } from './input.ts'
import { openRemote } from './remote.ts'
import type { World } from './world.ts'

/** What commands speak to: a store at hand, or an application far away. Both speak the protocol. */
export interface Server {
  readonly kind: 'local' | 'remote'
  /** Whether the functions of the application are known here. */
  readonly hasModule: boolean
  readonly ask: Ask
  /** Resolves when the task has ended. Runs tasks here; only a local one with a module can. */
  work(taskIds: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** Opens what the options name; the command line counts more than the environment. Throws usage errors. */
export async function openServer(input: Input, world: World): Promise<Server> {
  const { env } = world
  const url = input.text('url')
  const isLocal = input.has('store') || input.has('module')
  if (url !== undefined && isLocal) {
    throw usageError('--url asks a running application; it does not go with --store or --module')
  }
  if (url === undefined && input.has('token')) throw usageError('--token goes with --url')
  const address = url ?? (isLocal ? undefined : env['TASKLOOM_URL'] || undefined)
  if (address !== undefined) return openRemote(address, input.text('token') ?? env['TASKLOOM_TOKEN'] ?? '', world)
  const place = readPlace(input, world)
  // The engine takes its time to load, and whoever asks a server far away needs none.
  const { openLocal } = await import('./local.ts')
  return openLocal(place, world)
}

/** The file and the module that the options name. Throws a usage error when there is neither. */
export function readPlace(input: Input, { env }: Pick<World, 'env'>): LocalPlace {
  const store = input.text('store') ?? (env['TASKLOOM_STORE'] || undefined)
  const module = input.text('module') ?? (env['TASKLOOM_MODULE'] || undefined)
  if (store === undefined && module === undefined) {
    throw usageError('Which tasks? Give --store FILE, --module FILE or --url URL')
  }
  return { store, module, isStoreSaid: input.has('store') }
}
