import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdir } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'

/** A server of ours, as it runs now. */
export interface RunningServer {
  readonly pid: number
  /** Resolves when nothing of it runs any more. */
  readonly gone: Promise<void>
}

/** A private server on a free port of loopback, that can be started again on the same data. */
export interface PrivateServer {
  readonly url: string
  /** How it is told to end in order. */
  readonly endsBy: NodeJS.Signals
  /** Resolves when it takes connections; rejects when it does not come up. */
  start(): Promise<RunningServer>
}

/** Who a server runs as; empty for whoever runs the demo. */
interface RunsAs {
  readonly uid?: number
  readonly gid?: number
}

/** Nothing of a server that does not answer by then is waited for. */
const startsWithinMs = 30_000
/** A shell stands between: when the demo is gone, however hard it ended, the shell ends the server. */
const guard = `
"$@" </dev/null 2>&1 &
server=$!
echo "$server"
exec >/dev/null 2>&1
read -r word || kill -KILL "$server"
wait "$server"`

/** Sentences that say what is missing on this machine, and which package of Debian and Ubuntu has it. */
export function missingServers(): readonly string[] {
  const needed = [
    ['redis-server', 'redis-server'],
    ['postgres', 'postgresql'],
    ['initdb', 'postgresql'],
  ] as const
  return needed
    .filter(([program]) => find(program) === null)
    .map(([program, debianPackage]) => `There is no ${program}: apt-get install ${debianPackage}`)
}

/** Redis with what keeps jobs: a log on the disk, and nothing evicted. */
export async function privateRedis(folder: string): Promise<PrivateServer> {
  await mkdir(folder, { recursive: true })
  const port = await freePort()
  const settings = [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'],
  ]
  return {
    url: `redis://127.0.0.1:${port}`,
    endsBy: 'SIGTERM',
    start: () => start([find('redis-server') ?? 'redis-server', ...settings], port, {}),
  }
}

/** PostgreSQL with its own durability. It refuses to be root: it is its own user then. */
export async function privatePostgres(folder: string): Promise<PrivateServer> {
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : null
  await mkdir(folder, { recursive: true })
  if (user) await chown(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const init = ['-D', data, '-U', 'printworks', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8']
  execFileSync(find('initdb') ?? 'initdb', init, { stdio: 'ignore', cwd: folder, ...user })
  const port = await freePort()
  const settings = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder]
  return {
    url: `postgres://printworks@127.0.0.1:${port}/postgres`,
    endsBy: 'SIGINT',
    start: () => start([find('postgres') ?? 'postgres', ...settings], port, user ?? {}),
  }
}

async function start(command: readonly string[], port: number, user: RunsAs): Promise<RunningServer> {
  const shell = spawn('/bin/sh', ['-c', guard, 'sh', ...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
    cwd: '/',
    ...user,
  })
  shell.stdin.on('error', () => undefined)
  const [first] = (await once(shell.stdout.setEncoding('utf8'), 'data')) as [string]
  const pid = Number.parseInt(first)
  let isGone = false
  // What it says further is thrown away, but read: a full pipe would stop it.
  const gone = once(shell.stdout.resume(), 'end').then(() => {
    isGone = true
    shell.stdin.end('ended\n')
  })
  const giveUpAt = performance.now() + startsWithinMs
  while (!(await takesConnections(port))) {
    if (isGone || performance.now() > giveUpAt) throw new Error(`${command[0]} did not come up`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { pid, gone }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

function find(program: string): string | null {
  const base = '/usr/lib/postgresql'
  // Debian keeps the programs of PostgreSQL off the PATH; the newest version comes first.
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...['/usr/sbin', '/usr/local/sbin'],
    ...versions.map((version) => join(base, version, 'bin')),
  ]
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null
}

function idOf(flag: string): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
}

/** A port of loopback that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
