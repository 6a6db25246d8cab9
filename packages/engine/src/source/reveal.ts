import type { Json } from '@taskloom/protocol'
import { isSealed } from '../core/sealed.ts'
import { showPacked } from '../core/serialize.ts'
import type { Act } from '../server/source.ts'
import { auditDraft } from './audit-draft.ts'
import type { SourceParts } from './parts.ts'
import { readRecord } from './reads.ts'

/**
 * Arguments and result as they are, opened. That somebody looks is stored first: an entry that cannot be stored refuses.
 * Rejects with `unknown_task`, `key_missing`, `unreadable`.
 */
export async function reveal(
  parts: SourceParts,
  taskId: string,
  paths: readonly string[] | null,
  act: Act,
): Promise<{ readonly args: Json; readonly result: Json }> {
  const { store, keyring, clock } = parts
  const { funcName, args, result } = await readRecord(parts, taskId)
  const open = (text: string, field: 'args' | 'result'): Json =>
    showPacked(isSealed(text) ? keyring.open(text, { field, taskId, funcName }) : text)
  const opened = { args: open(args, 'args'), result: result === null ? null : open(result, 'result') }
  const deed = { action: 'reveal', target: taskId, affected: [taskId], detail: paths === null ? null : { paths } }
  await store.audit.append([auditDraft(act, deed, clock.now())])
  return opened
}
