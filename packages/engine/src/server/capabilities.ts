import { maxPageSize, protocolVersion, type Capabilities } from '@taskloom/protocol'
import type { ServerSettings } from './options.ts'
import type { TaskSource } from './source.ts'

/** The longest time line, in hours. */
export const maxWindowHours = 2_160
export const maxBulkIds = 1_000

/** What the source can do, less what this mount does not allow. */
export function describeCapabilities(source: TaskSource, settings: ServerSettings): Capabilities {
  const { reads, actions, notices } = source.offers
  return {
    protocol: protocolVersion,
    title: settings.title,
    environment: settings.environment,
    reads: settings.panels.list().length > 0 && !reads.includes('panels') ? [...reads, 'panels'] : reads,
    actions: settings.write ? actions : [],
    displayArgs: settings.displayArgs !== false,
    notices: settings.write ? notices : [...notices, 'This dashboard is read-only.'],
    limits: { pageSize: maxPageSize, bulk: maxBulkIds, window: maxWindowHours },
  }
}
