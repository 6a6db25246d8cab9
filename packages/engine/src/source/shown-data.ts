import type { Json } from '@taskloom/protocol'
import type { TaskRecord } from '../core/record.ts'
import { redact } from '../core/redact.ts'
import { encryptedWord, isSealed } from '../core/sealed.ts'
import { showPacked } from '../core/serialize.ts'
import type { Keyring } from '../privacy/keyring.ts'
import type { Registry } from '../run/registry.ts'
import type { DetailReading } from '../server/source.ts'

/** The private part of a detail view. */
export interface ShownData {
  readonly args: Json
  readonly result: Json
}

interface Privacy {
  readonly keyring: Keyring
  readonly registry: Registry
}

/** Arguments and result to show: redacted as the task and its function say, opened only for who may see them. */
export function shownData(
  { keyring, registry }: Privacy,
  record: TaskRecord,
  { opensSealed = false }: DetailReading,
): ShownData {
  const { taskId, funcName, args, result } = record
  const show = (text: string | null, field: 'args' | 'result'): Json => {
    if (text === null || !isSealed(text)) return showPacked(text)
    if (!opensSealed) return encryptedWord
    try {
      return showPacked(keyring.open(text, { field, taskId, funcName }))
    } catch {
      return encryptedWord
    }
  }
  const paths = [...record.redact, ...(registry.find(funcName)?.request.redact ?? [])]
  return { args: redact(show(args, 'args'), paths), result: show(result, 'result') }
}

/** A record for the application itself: opened where the keys are here, otherwise as it is stored. */
export function openRecord(keyring: Keyring, record: TaskRecord): TaskRecord {
  const { taskId, funcName, args, result } = record
  if (!isSealed(args) && (result === null || !isSealed(result))) return record
  try {
    return {
      ...record,
      args: keyring.open(args, { field: 'args', taskId, funcName }),
      result: result === null ? null : keyring.open(result, { field: 'result', taskId, funcName }),
    }
  } catch {
    return record
  }
}
