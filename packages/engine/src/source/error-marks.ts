import type { ErrorGroup } from '@taskloom/protocol'
import { TaskError } from '../core/errors.ts'
import type { Act } from '../server/source.ts'
import type { ErrorMark } from '../stores/store.ts'
import { auditDraft } from './audit-draft.ts'
import type { SourceParts } from './parts.ts'

const deeds = { resolved: 'error_resolve', ignored: 'error_ignore' } as const

/** Says of a kind of failure that it is mended or does not matter; null takes back what was said. */
export async function markError(
  { store, clock }: SourceParts,
  fingerprint: string,
  mark: ErrorMark | null,
  act: Act,
): Promise<ErrorGroup> {
  const at = clock.now()
  const audit = auditDraft(act, { action: mark === null ? 'error_reopen' : deeds[mark], target: fingerprint }, at)
  const isKnown = await store.errorMarks.mark({ fingerprint, mark, at, by: act.actor }, audit)
  const groups = isKnown ? await store.views.errors({ now: at, since: null }) : []
  const group = groups.find((known) => known.fingerprint === fingerprint)
  if (group) return group
  throw new TaskError('unknown_error', { message: `There is no kind of failure ${fingerprint}`, fingerprint })
}
