import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'

/** A private Redis that writes its log every second, on a free loopback port. Resolves with its port and how to end it. */
export async function startRedis() {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-redis-'))
  const port = await freePort()
  const settings = [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--appendfsync',
    'everysec',
    '--save',
    '',
  ]
  const server = spawn('redis-server', settings.map(String), { stdio: 'ignore' })
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
  const probe = new Redis({ ...connection, retryStrategy: () => 50 })
  probe.on('error', () => undefined)
  await probe.ping()
  await probe.quit()
  return { connection, pid: server.pid, close: () => end(server, 'SIGTERM', folder) }
}

/** A private PostgreSQL with its default durability. Run as root it becomes another user, because it refuses root. */
export async function startPostgres() {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-postgres-'))
  const user = userInfo().uid === 0 ? await postgresUser(folder) : {}
  const port = await freePort()
  const data = join(folder, 'data')
  const binary = (name) => join(postgresFolder(), name)
  const init = spawn(binary('initdb'), ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8'], {
    stdio: 'ignore',
    ...user,
  })
  const [code] = await once(init, 'exit')
  if (code !== 0) throw new Error(`initdb ended with ${code}`)
  const settings = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder]
  const server = spawn(binary('postgres'), settings, { stdio: 'ignore', ...user })
  const connectionString = `postgres://bench@127.0.0.1:${port}/postgres`
  await answers(connectionString)
  return { connectionString, pid: server.pid, close: () => end(server, 'SIGINT', folder) }
}

/** Of the servers that are started here, by name. */
export function serverVersions() {
  const versionOf = (program) => /\d+(?:\.\d+)+/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[0]
  return { redis: versionOf('redis-server'), postgresql: versionOf(join(postgresFolder(), 'postgres')) }
}

async function answers(connectionString) {
  for (let tries = 0; ; tries += 1) {
    const client = new pg.Client({ connectionString })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.end()
    } catch (error) {
      if (tries > 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function postgresUser(folder) {
  const finder = spawn('id', ['-u', 'postgres'])
  let text = ''
  for await (const chunk of finder.stdout) text += chunk
  const uid = Number(text)
  if (!uid) throw new Error('There is no user postgres to run the server as')
  await chown(folder, uid, uid)
  return { uid }
}

function postgresFolder() {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').sort((a, b) => b - a) : []
  return versions.length > 0 ? `/usr/lib/postgresql/${versions[0]}/bin` : ''
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}

async function end(server, signal, folder) {
  const ended = once(server, 'exit')
  server.kill(signal)
  await ended
  await rm(folder, { recursive: true, force: true })
}
