import type { TaskRecord } from '../../core/record.ts'
import { errorKind } from '../../core/error-group.ts'
import { hourOf, withFunction } from '../error-book.ts'
import { errorCountsMs, maxErrorGroups } from '../fleet.ts'
import type { Connection } from './connection.ts'
import { bare, type KeyChanges } from './key-changes.ts'
import { decodeGroup, encodeGroup, type StoredGroup } from './register-fields.ts'

/** Counts failures by kind; kinds that were not seen for the longest time make room for new ones. */
export async function saveFailures(
  changes: KeyChanges,
  failures: readonly TaskRecord[],
  connection: Connection,
): Promise<void> {
  if (failures.length === 0) return
  const { keys } = connection
  const fingerprints = [...new Set(failures.map((record) => errorKind(record).fingerprint))]
  const texts = (await connection.command('HMGET', keys.errors(), ...fingerprints)) as readonly (string | null)[]
  const groups = new Map<string, StoredGroup | null>()
  for (const [index, fingerprint] of fingerprints.entries()) {
    const text = texts[index] ?? null
    changes.guard({ key: bare.errors(), field: fingerprint, expected: text })
    groups.set(fingerprint, text === null ? null : decodeGroup(text))
  }
  await makeRoom(changes, connection, fingerprints.filter((fingerprint) => groups.get(fingerprint) === null).length)
  await dropOldHours(changes, connection, groups, Math.max(...failures.map(instantOf)))
  for (const record of failures) {
    const { fingerprint, type } = errorKind(record)
    groups.set(fingerprint, withFailure(groups.get(fingerprint) ?? null, type, record))
    changes.sum(bare.errorHours(fingerprint), String(hourOf(instantOf(record))), 1)
  }
  for (const [fingerprint, group] of groups) {
    if (group === null) continue
    changes.put(bare.errors(), fingerprint, encodeGroup(group))
    changes.rank(bare.errorsSeen(), fingerprint, group.lastSeen)
  }
}

function withFailure(group: StoredGroup | null, type: string, record: TaskRecord): StoredGroup {
  const at = instantOf(record)
  return {
    type,
    message: record.error ?? '',
    functions: withFunction(group?.functions ?? [], record.funcName),
    firstSeen: group?.firstSeen ?? at,
    lastSeen: Math.max(group?.lastSeen ?? at, at),
    sampleTaskId: record.taskId,
  }
}

function instantOf({ endTime, createdAt }: TaskRecord): number {
  return endTime ?? createdAt
}

async function makeRoom(changes: KeyChanges, connection: Connection, added: number): Promise<void> {
  if (added === 0) return
  const { keys } = connection
  const surplus = Number(await connection.command('ZCARD', keys.errorsSeen())) + added - maxErrorGroups
  if (surplus <= 0) return
  const oldest = (await connection.command('ZRANGE', keys.errorsSeen(), 0, surplus - 1)) as readonly string[]
  for (const fingerprint of oldest) {
    changes.put(bare.errors(), fingerprint, null)
    changes.put(bare.errorMarks(), fingerprint, null)
    changes.rank(bare.errorsSeen(), fingerprint, null)
    changes.delete(bare.errorHours(fingerprint))
  }
}

/** Looked for when the first failure of an hour is counted. */
async function dropOldHours(
  changes: KeyChanges,
  connection: Connection,
  groups: ReadonlyMap<string, StoredGroup | null>,
  now: number,
): Promise<void> {
  for (const [fingerprint, group] of groups) {
    if (group === null || hourOf(group.lastSeen) >= hourOf(now)) continue
    const hours = (await connection.command('HKEYS', connection.keys.errorHours(fingerprint))) as readonly string[]
    for (const hour of hours) {
      if (Number(hour) < now - errorCountsMs) changes.put(bare.errorHours(fingerprint), hour, null)
    }
  }
}
