import { Redis } from 'ioredis'
import { startsServer } from './server.ts'

/** Redis as Debian has it, with a log that is written at every command and nothing evicted: the settings that keep tasks. */
export const startRedis = startsServer({
  program: 'redis-server',
  debianPackage: 'redis-server',
  user: () => ({}),
  prepare: () => null,
  args: (folder, port) => [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--databases', '1000', '--save', ''],
    ...['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'],
  ],
  endsBy: 'SIGTERM',
  ask,
  // Its databases are there already and have numbers.
  create: (port, number) => Promise.resolve(`redis://127.0.0.1:${port}/${number}`),
})

async function ask(port: number): Promise<void> {
  const client = new Redis({ host: '127.0.0.1', port, lazyConnect: true, retryStrategy: null, connectTimeout: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    // Refused as long as it loads what it has on its disk.
    await client.dbsize()
  } finally {
    client.disconnect()
  }
}
