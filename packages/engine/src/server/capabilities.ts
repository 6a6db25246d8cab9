import { maxPageSize, protocolVersion, type Capabilities } from '@taskloom/protocol'
import { actionsOf } from './guard/roles.ts'
import type { Caller } from './identity/caller.ts'
import type { ServerSettings } from './options.ts'
import type { PublicGrant } from './public-grant.ts'
import type { TaskSource } from './source.ts'

/** The longest time line, in hours. */
export const maxWindowHours = 2_160
export const maxBulkIds = 1_000

/** What the source can do, less what this mount and the caller's role do not allow. */
export function describeCapabilities(source: TaskSource, settings: ServerSettings, caller: Caller): Capabilities {
  if (caller.grant) return publicCapabilities(settings, caller.grant)
  const { reads, actions, notices } = source.offers
  const allowed = actionsOf(caller, settings)
  return {
    protocol: protocolVersion,
    title: settings.title,
    environment: settings.environment,
    reads: settings.panels.list().length > 0 && !reads.includes('panels') ? [...reads, 'panels'] : reads,
    actions: actions.filter((action) => allowed.includes(action)),
    displayArgs: settings.displayArgs !== false,
    notices: [...notices, ...settings.gatekeeper.notices, ...noticesOf(settings)],
    limits: { pageSize: maxPageSize, bulk: maxBulkIds, window: maxWindowHours },
  }
}

/** An end user is told nothing of how the place is run. */
function publicCapabilities({ title }: ServerSettings, { includeLogs }: PublicGrant): Capabilities {
  return {
    protocol: protocolVersion,
    title,
    environment: null,
    reads: includeLogs ? ['logs'] : [],
    actions: [],
    displayArgs: false,
    notices: [],
    limits: { pageSize: maxPageSize, bulk: maxBulkIds, window: maxWindowHours },
  }
}

function noticesOf({ write, isProduction, gatekeeper }: ServerSettings): readonly string[] {
  if (write) return []
  const isUnguarded = isProduction && gatekeeper.isOpen
  return [isUnguarded ? 'This dashboard is read-only because nobody has to sign in.' : 'This dashboard is read-only.']
}
