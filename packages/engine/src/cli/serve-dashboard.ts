import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import { isIP, type AddressInfo } from 'node:net'
import { mount, type MountableTasks } from '../adapters/node.ts'
import type { Call } from './command.ts'
import { CommandError, exitCodes, usageError, type ExitCode } from './exit.ts'
import { openTasks } from './local.ts'
import type { OpenTasks } from './load-manager.ts'
import { asksWho, readConfig } from './mount-config.ts'
import { readPlace } from './server.ts'

const defaultPort = 6161

/** Serves until Ctrl-C. */
export async function serveDashboard(call: Call): Promise<ExitCode> {
  const { input, world, print } = call
  const host = input.text('host') ?? '127.0.0.1'
  const port = readPort(input.text('port'))
  const config = await readConfig(input, world)
  if (!isLoopback(host) && !asksWho(config)) {
    throw usageError(
      `--host ${host}: whoever reaches it could read everything; say who may, with --user NAME or auth in --config`,
    )
  }
  const tasks = await openTasks(readPlace(input, world))
  const server = createServer()
  try {
    const mounted = mount(server, mountable(tasks, input.has('work')), config)
    const base = mounted.path === '/' ? '' : mounted.path
    server.on('request', (request, response) => {
      const isRoot = request.url === '/'
      response.writeHead(isRoot ? 302 : 404, isRoot ? { location: `${base}/dashboard` } : {}).end()
    })
    const url = `${await listen(server, host, port)}${base}`
    await print.entry({ url, dashboard: `${url}/dashboard`, write: config.write === true }, () =>
      [`Dashboard: ${url}/dashboard`, config.write ? '' : 'It is read-only; --write allows commands', 'Ctrl-C ends it']
        .filter(Boolean)
        .join('\n'),
    )
    await aborted(world.signal)
    return exitCodes.interrupted
  } finally {
    await close(server, tasks)
  }
}

/** A dashboard looks; it becomes a worker only when that is asked for. */
function mountable(tasks: OpenTasks, isWorker: boolean): MountableTasks {
  return {
    source: tasks.source,
    start: () => (isWorker ? tasks.start() : tasks.open()),
    shutdown: () => tasks.shutdown(),
  }
}

async function listen(server: HttpServer, host: string, port: number): Promise<string> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new CommandError(exitCodes.failed, `${host}:${port} cannot be listened on: ${(error as Error).message}`)
  }
  const { address, port: bound } = server.address() as AddressInfo
  return `http://${isIP(address) === 6 ? `[${address}]` : address}:${bound}`
}

async function close(server: HttpServer, tasks: OpenTasks): Promise<void> {
  const closed = server.listening ? once(server, 'close') : Promise.resolve()
  server.close()
  server.closeIdleConnections()
  await tasks.shutdown()
  server.closeAllConnections()
  await closed
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // A signal alone keeps no process alive; the server that listens does.
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function readPort(text: string | undefined): number {
  const port = text === undefined ? defaultPort : /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw usageError(`--port: expected a number up to 65535, not ${text ?? ''}`)
}

/** Whether only this machine can reach an address. A name is trusted to be what it says only when it is localhost. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
