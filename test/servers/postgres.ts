import { join } from 'node:path'
import pg from 'pg'
import { findServer, notRoot } from './machine.ts'
import { startsServer } from './server.ts'

/** PostgreSQL as Debian has it, with its own durability: what was committed outlives a `kill9()`. It refuses to be root. */
export const startPostgres = startsServer({
  program: 'postgres',
  debianPackage: 'postgresql',
  user: () => notRoot('postgres'),
  prepare: (folder) => [
    findServer('initdb') ?? 'initdb',
    ...['-D', join(folder, 'data'), '-U', 'taskloom', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'],
    ...['--no-sync', '--no-instructions'],
  ],
  args: (folder, port) => ['-D', join(folder, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', folder],
  endsBy: 'SIGINT',
  ask: (port) => run(port, 'SELECT 1'),
  async create(port, number) {
    await run(port, `CREATE DATABASE tasks_${number}`)
    return urlOf(port, `tasks_${number}`)
  },
})

const urlOf = (port: number, database: string) => `postgres://taskloom@127.0.0.1:${port}/${database}`

/** Ends a pool. It says so before its connections are closed, and what a server that is ended tells them has no listener then. */
export async function endPool(pool: pg.Pool): Promise<void> {
  pool.on('error', () => undefined)
  await pool.end()
}

async function run(port: number, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(port, 'postgres'), connectionTimeoutMillis: 5_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(statement)
  } finally {
    await client.end().catch(() => undefined)
  }
}
