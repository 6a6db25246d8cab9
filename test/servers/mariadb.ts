import { userInfo } from 'node:os'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import { findServer } from './machine.ts'
import { startsServer } from './server.ts'

/** MariaDB as Debian has it, with InnoDB's own durability and little memory: what was committed outlives a `kill9()`. */
export const startMariadb = startsServer({
  program: 'mariadbd',
  debianPackage: 'mariadb-server',
  user: () => ({}),
  prepare: (folder) => [
    findServer('mariadb-install-db') ?? 'mariadb-install-db',
    '--no-defaults',
    ...[`--datadir=${join(folder, 'data')}`, `--user=${userInfo().username}`, '--innodb-log-file-size=16M'],
    ...['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'],
  ],
  args: (folder, port) => [
    '--no-defaults',
    ...[`--datadir=${join(folder, 'data')}`, `--tmpdir=${folder}`, `--socket=${join(folder, 'socket')}`],
    ...[`--user=${userInfo().username}`, `--port=${port}`, '--bind-address=127.0.0.1', '--skip-name-resolve'],
    ...['--innodb-log-file-size=16M', '--innodb-buffer-pool-size=128M', '--skip-log-bin', '--performance-schema=OFF'],
  ],
  endsBy: 'SIGTERM',
  ask: (port) => run(port, 'SELECT 1'),
  async create(port, number) {
    await run(port, `CREATE DATABASE tasks_${number}`)
    return `${baseUrl(port)}/tasks_${number}`
  },
})

const baseUrl = (port: number) => `mysql://root@127.0.0.1:${port}`

async function run(port: number, statement: string): Promise<void> {
  const connection = await mysql.createConnection({ uri: `${baseUrl(port)}/mysql`, connectTimeout: 5_000 })
  connection.on('error', () => undefined)
  try {
    await connection.query(statement)
  } finally {
    connection.destroy()
  }
}
