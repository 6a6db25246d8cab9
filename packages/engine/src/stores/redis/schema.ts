import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { TaskError } from '../../core/errors.ts'
import { newerSchema } from '../opening.ts'
import type { RedisConnection } from './connection.ts'
import { script } from './scripts.ts'

/** Each entry takes the layout one version further; entries are never changed once released, only added. */
const migrations: readonly ((connection: RedisConnection) => Promise<void>)[] = [
  // The first layout has nothing to be made beforehand.
  () => Promise.resolve(),
]

/** The version of the layout that this code reads and writes. */
export const schemaVersion = migrations.length

/** Whoever migrates holds the lock no longer; a migration that may take longer must hold it anew. */
const lockMs = 30_000
const pauseMs = 50

const release = script(
  'releaseSchemaLock',
  `if redis.call('GET', KEYS[1] .. 'schema:lock') == ARGV[1] then redis.call('DEL', KEYS[1] .. 'schema:lock') end
return 1`,
)

/** Brings the layout up to date, one process at a time; refuses what a newer version has written. */
export async function migrate(connection: RedisConnection, patienceMs: number): Promise<void> {
  const { keys } = connection
  const endMs = performance.now() + patienceMs
  for (;;) {
    if ((await readVersion(connection)) === schemaVersion) return
    const token = randomUUID()
    if ((await connection.command('SET', keys.schemaLock(), token, 'NX', 'PX', lockMs)) === 'OK') {
      try {
        return await migrateLocked(connection)
      } finally {
        await connection.run(release, [token])
      }
    }
    if (performance.now() > endMs) {
      throw new TaskError('store_failed', { message: 'Another process has been migrating the store for too long' })
    }
    await pause(pauseMs)
  }
}

async function migrateLocked(connection: RedisConnection): Promise<void> {
  for (let version = await readVersion(connection); version < schemaVersion; version += 1) {
    await migrations[version]?.(connection)
    await connection.command('SET', connection.keys.schema(), version + 1)
  }
}

async function readVersion(connection: RedisConnection): Promise<number> {
  const version = Number((await connection.command('GET', connection.keys.schema())) ?? 0)
  if (version <= schemaVersion) return version
  throw newerSchema(version, schemaVersion)
}
