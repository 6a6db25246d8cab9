import { TaskError } from '../../core/errors.ts'
import type { RedisConnection } from './connection.ts'

/** The oldest server whose commands are known to be enough. */
const leastVersion = [6, 2] as const

/** Refuses a server that is too old, or that may throw tasks away when its memory is full. */
export async function checkServer(
  connection: RedisConnection,
  evictionIsChecked: 'by us' | 'by the host',
): Promise<void> {
  await connection.command('PING')
  requireVersion(String(await connection.command('INFO', 'server')))
  if (evictionIsChecked === 'by us') await requireNoEviction(connection)
}

function requireVersion(info: string): void {
  const found = /^redis_version:(\d+)\.(\d+)/m.exec(info)
  // Others that speak the protocol say what they like.
  if (!found) return
  const [major, minor] = [Number(found[1]), Number(found[2])]
  const [leastMajor, leastMinor] = leastVersion
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return
  throw new TaskError('store_failed', {
    message: `The Redis store needs Redis ${leastMajor}.${leastMinor} or newer; this one is ${major}.${minor}`,
  })
}

async function requireNoEviction(connection: RedisConnection): Promise<void> {
  const policy = await policyOf(connection)
  if (policy === 'noeviction') return
  throw new TaskError('store_failed', {
    message:
      `Redis may throw tasks away when its memory is full: maxmemory-policy is ${policy}. ` +
      'Set it to noeviction in redis.conf, or with CONFIG SET maxmemory-policy noeviction',
  })
}

async function policyOf(connection: RedisConnection): Promise<string> {
  try {
    const reply = await connection.command('CONFIG', 'GET', 'maxmemory-policy')
    return Array.isArray(reply) ? String(reply[1]) : 'unknown'
  } catch (cause) {
    throw new TaskError(
      'store_failed',
      {
        message:
          'Redis does not say its maxmemory-policy, which must be noeviction. ' +
          "Where you have seen to that yourself, pass redis(…, { eviction: 'checked' })",
      },
      { cause },
    )
  }
}
