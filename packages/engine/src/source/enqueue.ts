import type { TaskSummary } from '@taskloom/protocol'
import { packChecked } from '../core/intake.ts'
import { parseRequest } from '../core/request.ts'
import { hashKey } from '../run/key-hash.ts'
import type { Act, EnqueueQuestion } from '../server/source.ts'
import { summaryOf } from '../stores/summary.ts'
import { auditDraft } from './audit-draft.ts'
import type { SourceParts } from './parts.ts'

/** Enqueues a function that is defined here for somebody who asked over HTTP; its task says whom. */
export async function enqueueByName(
  { registry, clock, mint }: SourceParts,
  name: string,
  { args, options }: EnqueueQuestion,
  act: Act,
): Promise<TaskSummary> {
  const definition = registry.get(name)
  const asked = parseRequest(definition, { user: act.actor, ...options }, clock.now(), hashKey)
  const text = await packChecked(definition, args)
  const record = await mint.record(definition, { ...asked, source: 'api' }, text, {
    beside: (taskId) => ({
      audit: auditDraft(act, { action: 'enqueue', target: name, affected: [taskId] }, clock.now()),
    }),
  })
  return summaryOf(record)
}
