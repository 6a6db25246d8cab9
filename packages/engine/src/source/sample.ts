import type { Json, TaskFilter } from '@taskloom/protocol'
import { readableArgs } from '../stores/summary.ts'
import type { SourceParts } from './parts.ts'

/** What is longer is hardly typed into a search box, and parsing it holds the event loop. */
const maxSampledBytes = 4_096

/** Arguments of the newest tasks, as a search reads them: redacted, and none that are encrypted. */
export async function sampleArgs(
  { store, registry }: SourceParts,
  filter: TaskFilter,
  limit: number,
): Promise<readonly Json[]> {
  const stored = await store.views.args({ filter, limit, maxBytes: maxSampledBytes })
  return stored.flatMap(({ funcName, args, redact }): Json[] => {
    const shown = readableArgs(args, [...redact, ...(registry.find(funcName)?.request.redact ?? [])])
    return shown === undefined ? [] : [shown as Json]
  })
}
