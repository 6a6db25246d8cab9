import type { HeldLock, LockStore } from '../store.ts'
import type { Connection } from './connection.ts'
import { bare, type KeyChanges } from './key-changes.ts'
import { knownFields } from './known-tasks.ts'
import { byKeyAndAge, heldLocks, readKnown } from './load.ts'
import { decodeGrips, type Grip } from './register-fields.ts'

/** What is locked, as the writes have left it. */
export function redisLocks(connection: Connection): LockStore {
  return {
    async list(limit: number): Promise<readonly HeldLock[]> {
      const grips = await readAllGrips(connection)
      const held: HeldLock[] = []
      const keys = [...grips.keys()].sort((a, b) => (a < b ? -1 : 1))
      for (let from = 0; from < keys.length && held.length < limit; from += keysAtOnce) {
        const portion = keys.slice(from, from + keysAtOnce)
        const taskIds = portion.flatMap((key) => (grips.get(key) ?? []).map(({ taskId }) => taskId))
        const holders = await readKnown(connection, [...new Set(taskIds)], knownFields)
        held.push(...portion.flatMap((key) => heldLocks(key, grips.get(key) ?? [], holders).sort(byKeyAndAge)))
      }
      return held.slice(0, limit)
    },
  }
}

const keysAtOnce = 500

/** Who holds each lock, by key. */
export async function readAllGrips(connection: Connection): Promise<ReadonlyMap<string, readonly Grip[]>> {
  const pairs = (await connection.command('HGETALL', connection.keys.locks())) as readonly string[]
  const grips = new Map<string, readonly Grip[]>()
  for (let index = 0; index < pairs.length; index += 2) {
    grips.set(pairs[index] ?? '', decodeGrips(pairs[index + 1] ?? '[]'))
  }
  return grips
}

/** Who holds some locks; what is committed with `changes` depends on it. */
export async function readGrips(
  connection: Connection,
  lockKeys: readonly string[],
  changes: KeyChanges,
): Promise<ReadonlyMap<string, readonly Grip[]>> {
  const grips = new Map<string, readonly Grip[]>()
  if (lockKeys.length === 0) return grips
  const texts = (await connection.command('HMGET', connection.keys.locks(), ...lockKeys)) as readonly (string | null)[]
  for (const [index, key] of lockKeys.entries()) {
    const text = texts[index] ?? null
    changes.guard({ key: bare.locks(), field: key, expected: text })
    if (text !== null) grips.set(key, decodeGrips(text))
  }
  return grips
}
