import { rm } from 'node:fs/promises'
import { GuardedProcess, type RunsAs } from './guarded.ts'
import { dataFolder, findServer, freePort } from './machine.ts'

/** A server that does not answer by then never will. */
export const startsWithinMs = 60_000

/** A database server that a test started for itself. */
export interface DatabaseServer {
  readonly port: number
  /** The process id of the server as it runs now. */
  readonly pid: number
  /** Where it keeps its data. */
  readonly folder: string
  /** Of an empty database. */
  readonly url: string
  /** Makes one more empty database and gives its URL. */
  database(): Promise<string>
  /** Ends it in order, unless it is down, and deletes what it kept. */
  stop(): Promise<void>
  /** Kills it at once; what it has on its disk stays. Resolves when nothing of it runs. */
  kill9(): Promise<void>
  /** Ends it in order, unless it is down, and starts it on the same data and port. Resolves when it answers. */
  restart(): Promise<void>
}

/** Starts a server; knows before whether it can. */
export interface StartsServer {
  (): Promise<DatabaseServer>
  /** The server's program. */
  readonly program: string
  /** The package of Debian and Ubuntu that has it. */
  readonly debianPackage: string
}

/** What the servers differ in. */
export interface ServerKind {
  readonly program: string
  readonly debianPackage: string
  /** Who it runs as. */
  user(): RunsAs
  /** The command that fills an empty data folder; null when the server does that itself. */
  prepare(folder: string): readonly string[] | null
  /** The command that runs the server itself, without its program. */
  args(folder: string, port: number): readonly string[]
  readonly endsBy: NodeJS.Signals
  /** Asks it something; rejects as long as it does not answer. */
  ask(port: number): Promise<void>
  /** Makes the empty database of that number and gives its URL. */
  create(port: number, number: number): Promise<string>
}

export function startsServer(kind: ServerKind): StartsServer {
  const { program, debianPackage } = kind
  return Object.assign(() => start(kind), { program, debianPackage })
}

/** Why the machine cannot start it; null when it can. */
export function whyMissing({ program, debianPackage }: Pick<ServerKind, 'program' | 'debianPackage'>): string | null {
  return findServer(program) === null ? `There is no ${program}: apt-get install ${debianPackage}` : null
}

async function start(kind: ServerKind): Promise<DatabaseServer> {
  const program = findServer(kind.program)
  if (program === null) throw new Error(whyMissing(kind) ?? kind.program)
  const user = kind.user()
  const folder = await dataFolder(kind.program, user)
  const port = await freePort()
  await prepare(kind, folder, user)
  const boot = async (): Promise<GuardedProcess> => {
    const child = new GuardedProcess(folder, [program, ...kind.args(folder, port)], user)
    await answers(kind, child, port)
    return child
  }
  let child = await boot()
  let pid = await child.pid
  let databases = 1
  return {
    port,
    folder,
    get pid() {
      return pid
    },
    url: await kind.create(port, databases),
    database: () => kind.create(port, (databases += 1)),
    async stop() {
      await child.end(kind.endsBy)
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
    async kill9() {
      await child.end('SIGKILL')
    },
    async restart() {
      await child.end(kind.endsBy)
      child = await boot()
      pid = await child.pid
    },
  }
}

async function prepare(kind: ServerKind, folder: string, user: RunsAs): Promise<void> {
  const command = kind.prepare(folder)
  if (command === null) return
  const child = new GuardedProcess(folder, command, user)
  const code = await child.end(null)
  if (code !== 0) throw new Error(`${command[0]} ended with ${code}: ${child.said}`)
}

async function answers(kind: ServerKind, child: GuardedProcess, port: number): Promise<void> {
  const giveUpAt = performance.now() + startsWithinMs
  for (;;) {
    try {
      return await kind.ask(port)
    } catch (error) {
      const isOver = child.isGone || performance.now() > giveUpAt
      if (isOver) throw new Error(`${kind.program} does not answer; it said: ${child.said}`, { cause: error })
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
