import { createPostgresBackend, Queue } from 'bullmq'

/** A queue of BullMQ as any other tool would open it, without anything of ours. */
export function openPlainQueue(name: string, connection: string): Queue {
  if (connection.startsWith('redis:')) {
    const { hostname, port, pathname } = new URL(connection)
    const redis = { host: hostname, port: Number(port), db: Number(pathname.slice(1)), maxRetriesPerRequest: null }
    return new Queue(name, { connection: redis, prefix: 'taskloom' })
  }
  const options = { connection: { connectionString: connection, migrate: true } }
  return new Queue(name, options, createPostgresBackend) as unknown as Queue
}
