import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const examples = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'examples')

/** An example as a process. */
export interface Running {
  readonly origin: string
  readonly pid: number
  /** Asks it to end, or kills it with all that it has started; its exit code. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** What is started in which folder, and what it prints when it is ready. */
interface Command {
  readonly args: readonly string[]
  readonly folder: string
  readonly ready: (port: number) => string
  readonly env?: NodeJS.ProcessEnv
}

/** A folder to work in, such as for `tasks.db`; taken away by {@link Workshop.close} with all that was started. */
export class Workshop {
  readonly #running = new Set<Running>()
  private constructor(readonly folder: string) {}

  static async open(): Promise<Workshop> {
    return new Workshop(await mkdtemp(join(tmpdir(), 'taskloom-example-')))
  }

  /** Starts a file of an example as `tsx` does, its working folder being ours. */
  start(example: string, file: string, ready?: Command['ready']): Promise<Running> {
    const tsconfig = join(examples, example, 'tsconfig.json')
    return this.run({
      args: [
        '--import',
        pathToFileURL(join(examples, 'node_modules/tsx/dist/loader.mjs')).href,
        join(examples, example, file),
      ],
      folder: this.folder,
      ready: ready ?? ((port) => `http://localhost:${port}`),
      env: existsSync(tsconfig) ? { TSX_TSCONFIG_PATH: tsconfig } : {},
    })
  }

  async run(command: Command): Promise<Running> {
    for (let tries = 1; ; tries += 1) {
      try {
        const running = await begin(command, await freePort())
        this.#running.add(running)
        return running
      } catch (error) {
        // Somebody else was given the same port meanwhile.
        if (tries === 3 || !String(error).includes('EADDRINUSE')) throw error
      }
    }
  }

  async close(): Promise<void> {
    for (const running of this.#running) await running.stop('SIGKILL')
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function begin({ args, folder, ready, env }: Command, port: number): Promise<Running> {
  // As a terminal has it, not as vitest does.
  const { NODE_ENV: _env, VITEST: _vitest, ...own } = process.env
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...own, ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: some start processes themselves.
    detached: true,
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const pid = child.pid ?? 0
  try {
    await saidBy(child, ready(port))
  } catch (error) {
    killGroup(pid)
    throw error
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    pid,
    stop(signal = 'SIGTERM') {
      if (signal === 'SIGKILL') killGroup(pid)
      else child.kill(signal)
      return ended
    },
  }
}

/** The process and all that it has started, as far as they are still there. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // They have ended.
  }
}

function saidBy(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (text: string): void => {
      said += text
      if (said.includes(words)) resolve()
    }
    child.stdout?.setEncoding('utf8').on('data', hear)
    child.stderr?.setEncoding('utf8').on('data', hear)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`It ended with ${code} before it said ${words}:\n${said}`)))
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The wire's form of what these tests look at. */
export interface WireTask {
  readonly task_id: string
  readonly func_name: string
  readonly queue: string
  readonly status: string
  readonly worker_id: string | null
}

export async function listTasks(origin: string, headers: HeadersInit = {}): Promise<readonly WireTask[]> {
  const response = await fetch(`${origin}/tasks/`, { headers })
  return ((await response.json()) as { tasks: readonly WireTask[] }).tasks
}

/** Sends a form as a browser does, and stays where that leads to. */
export function postForm(
  url: string,
  fields: Record<string, string> = {},
  headers: HeadersInit = {},
): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', headers })
}
