import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openReceiver } from '../receiver.ts'
import { createProxy } from './proxy.ts'
import { privatePostgres, privateRedis, type PrivateServer, type RunningServer } from './servers.ts'
import { Upheld, type Running } from './upheld.ts'
import type { FromPart, PartTerms, ToPart } from './words.ts'

export interface FleetOptions {
  /** The port of the proxy; 0 takes any that is free. */
  readonly port: number
  /** How long something that died stays away, milliseconds. */
  readonly restartMs: number
  /** Hears what happens, in sentences. */
  readonly say: (sentence: string) => void
}

export interface Fleet {
  /** The address of the proxy: the shop. */
  readonly url: string
  /** Web instances, workers and servers by the key that kills them. */
  readonly parts: ReadonlyMap<string, Upheld>
  /** Ends everything in order and deletes what it kept. */
  close(): Promise<void>
}

const file = fileURLToPath(new URL('./part.ts', import.meta.url))

/** Opens the print shop as a fleet: Redis, PostgreSQL, two web instances behind a proxy, three workers. */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const folder = await mkdtemp(join(tmpdir(), 'printworks-fleet-'))
  try {
    // Another user, whom PostgreSQL runs as, must find its own folder in it.
    await chmod(folder, 0o711)
    return await openIn(folder, options)
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    throw error
  }
}

async function openIn(folder: string, options: FleetOptions): Promise<Fleet> {
  const dataDir = join(folder, 'shop')
  for (const name of ['uploads', 'thumbnails', 'reports']) await mkdir(join(dataDir, name), { recursive: true })
  const redis = await privateRedis(join(folder, 'redis'))
  const postgres = await privatePostgres(join(folder, 'postgres'))
  const receiver = await openReceiver()
  const upheld = (name: string, start: () => Promise<Running>): Upheld => new Upheld({ name, start, ...options })
  const servers = new Map([
    ['r', upheld('Redis', () => startServer(redis))],
    ['p', upheld('PostgreSQL', () => startServer(postgres))],
  ])
  const terms = { dataDir, storeUrl: postgres.url, queueUrl: redis.url, receiverUrl: receiver.url }
  const ports = new Map<string, number>()
  const processes = new Map(
    (['a', 'b', '1', '2', '3'] as const).map((key) => {
      const role = key === 'a' || key === 'b' ? 'web' : 'worker'
      const name = `${role} ${key}`
      return [key, upheld(name, () => startPart(name, { ...terms, role }))]
    }),
  )

  async function startPart(name: string, part: PartTerms): Promise<Running> {
    const child = fork(file, [JSON.stringify(part)], { execArgv: ['--import', 'tsx'] })
    const gone = once(child, 'exit').then(() => void ports.delete(name))
    child.on('message', (word: FromPart) => {
      if (word.kind === 'setBroken') receiver.setBroken(word.name, word.isBroken)
      else if (word.port !== null) ports.set(name, word.port)
    })
    const [word] = (await Promise.race([once(child, 'message'), gone.then(() => [])])) as [FromPart?]
    if (!word) throw new Error(`${name} ended before it was ready`)
    const telling = part.role === 'web' ? tellPartners(child) : undefined
    return { pid: child.pid ?? 0, endsBy: 'SIGTERM', gone: gone.finally(() => clearInterval(telling)) }
  }

  /** Pages show the partners as they are. */
  function tellPartners(child: ChildProcess): NodeJS.Timeout {
    const tell = (): void => {
      const word: ToPart = { kind: 'partners', partners: receiver.partners() }
      if (child.connected) child.send(word, () => undefined)
    }
    tell()
    return setInterval(tell, partnersEveryMs)
  }

  const proxy = createProxy(() => [...ports].map(([name, port]) => ({ name, port })))

  async function close(): Promise<void> {
    proxy.close()
    proxy.closeAllConnections()
    await Promise.all([...processes.values()].map((part) => part.close()))
    await Promise.all([...servers.values()].map((server) => server.close()))
    await receiver.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  try {
    await Promise.all([...servers.values()].map((server) => server.open()))
    await Promise.all([...processes.values()].map((part) => part.open()))
    await new Promise<void>((resolve, reject) => {
      proxy.once('error', reject).listen(options.port, '127.0.0.1', resolve)
    })
  } catch (error) {
    await close()
    throw error
  }
  const { port } = proxy.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, parts: new Map([...processes, ...servers]), close }
}

const partnersEveryMs = 500

async function startServer(server: PrivateServer): Promise<Running> {
  const running: RunningServer = await server.start()
  return { ...running, endsBy: server.endsBy }
}
