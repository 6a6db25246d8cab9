import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statfsSync } from 'node:fs'
import { chown, mkdtemp } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { RunsAs } from './guarded.ts'

const roomyBytes = 4 * 2 ** 30

/** The path of a server's program; null where there is none. */
export function findServer(name: string): string | null {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    ...postgresFolders(),
  ]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null
}

/** Debian keeps the programs of PostgreSQL off the PATH; the newest version comes first. */
function postgresFolders(): string[] {
  const base = '/usr/lib/postgresql'
  const versions = existsSync(base) ? readdirSync(base) : []
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(base, version, 'bin'))
}

/** A folder for the data of one server: in memory where there is room, because tests write much and keep nothing. */
export async function dataFolder(name: string, { uid, gid }: RunsAs): Promise<string> {
  const folder = await mkdtemp(join(hasRoomyMemory() ? '/dev/shm' : tmpdir(), `taskloom-${name}-`))
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid)
  return folder
}

function hasRoomyMemory(): boolean {
  if (!existsSync('/dev/shm')) return false
  const { bavail, bsize } = statfsSync('/dev/shm')
  return bavail * bsize > roomyBytes
}

/** Who to run a server as that refuses to be root: its own user, where the test is root. */
export function notRoot(name: string): RunsAs {
  if (process.getuid?.() !== 0) return {}
  const idOf = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
