import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient, type Client } from '@taskloom/client'
import { Peer } from '../faults/processes.ts'

const script = fileURLToPath(new URL('instance.mjs', import.meta.url))
/** Hours are twenty minutes: leases are over and beats are heard that much sooner. */
export const speed = 3

export type StoreKind = 'sqlite' | 'postgres' | 'mysql' | 'redis'

/** One process of the fleet. */
export interface Instance {
  readonly peer: Peer
  readonly name: string
  /** Speaks to its dashboard. */
  readonly client: Client
  /** Tells it to enqueue a task there and gives the task's id. */
  enqueue(funcName: string, delay?: string): Promise<string>
}

export interface InstanceOptions {
  /** How far its clock is ahead; zero by default. */
  readonly offsetMs?: number
  /** Where it finds the store; where all do by default. */
  readonly url?: string
  /** Whether it makes work. */
  readonly isLoaded?: boolean
}

/** Instances on one store, and the facts that they note. */
export class Fleet {
  readonly beganAt = Date.now()
  readonly url: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'taskloom-fleet-'))
  readonly #journal = join(this.#folder, 'journal')
  readonly #live = new Map<string, Promise<Instance>>()
  readonly #peers = new Set<Peer>()
  /** Those that are ready, the one first that is so for longest. */
  readonly #ready = new Set<string>()
  /** Exit codes of instances that ended and were not told to. */
  readonly fallen: string[] = []

  /** Where the store is; null for a file of its own. */
  constructor(
    readonly kind: StoreKind,
    url: string | null,
  ) {
    this.url = url ?? join(this.#folder, 'tasks.db')
    writeFileSync(this.#journal, '')
  }

  start(name: string, options: InstanceOptions = {}): Promise<Instance> {
    const starting = this.#boot(name, options)
    this.#live.set(name, starting)
    // Whoever waits for it hears that it was killed before it was ready.
    starting.catch(() => undefined)
    return starting
  }

  /** The instance of that name, as soon as it is ready. */
  get(name: string): Promise<Instance> {
    const instance = this.#live.get(name)
    if (!instance) throw new Error(`There is no instance ${name}`)
    return instance
  }

  /** The instance that has been at work for longest, beside those that are named; undefined when none is ready. */
  oldest(except: readonly string[]): string | undefined {
    return [...this.#ready].find((name) => !except.includes(name))
  }

  /** All that live, by name. */
  async all(): Promise<readonly Instance[]> {
    return Promise.all([...this.#live.keys()].sort().map((name) => this.get(name)))
  }

  /** `kill -9`, whatever it does just now. */
  async kill(name: string): Promise<void> {
    const peer = this.#peerOf(name)
    this.#ready.delete(name)
    peer.child.kill('SIGKILL')
    await peer.exited
    this.#live.delete(name)
  }

  /** Lets it shut down in order. */
  async stop(name: string): Promise<void> {
    const { peer } = await this.get(name)
    this.#ready.delete(name)
    peer.say('stop')
    await peer.hear('stopped')
    await peer.exited
    this.#live.delete(name)
  }

  async tell(verb: 'load' | 'rest'): Promise<void> {
    for (const { peer } of await this.all()) peer.say(verb)
  }

  /** What was noted so far. */
  facts(): readonly (readonly string[])[] {
    const lines = readFileSync(this.#journal, 'utf8').split('\n')
    return lines.filter(Boolean).map((line) => line.split(' '))
  }

  async end(): Promise<void> {
    for (const peer of this.#peers) {
      peer.child.kill('SIGKILL')
      await peer.exited
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #peerOf(name: string): Peer {
    const peer = [...this.#peers].find(({ child }) => child.spawnargs.includes(`--name=${name}`))
    if (!peer) throw new Error(`There is no instance ${name}`)
    return peer
  }

  async #boot(name: string, { offsetMs = 0, url = this.url, isLoaded = false }: InstanceOptions): Promise<Instance> {
    const { kind, beganAt } = this
    const config = { kind, url, host: `host-${name}`, beganAt, speed, offsetMs, journalFile: this.#journal }
    const args = [script, JSON.stringify(config), `--name=${name}`]
    const peer = new Peer(spawn(process.execPath, args, { stdio: 'pipe' }))
    this.#peers.add(peer)
    void peer.exited.then(() => {
      this.#peers.delete(peer)
      const { exitCode } = peer.child
      if (exitCode !== null && exitCode !== 0) this.fallen.push(`${name}: ${peer.lastWords()}`)
    })
    peer.child.stdin?.on('error', () => undefined)
    const port = (await peer.hear('ready ')).slice('ready '.length)
    this.#ready.add(name)
    if (isLoaded) peer.say('load')
    return { peer, name, client: createClient({ src: `http://127.0.0.1:${port}/tasks` }), enqueue: enqueueAt(peer) }
  }
}

/** One after the other: the answers say only ids. */
function enqueueAt(peer: Peer): Instance['enqueue'] {
  let heard = 0
  return async (funcName, delay = '') => {
    peer.say(`enqueue ${funcName} ${delay}`.trim())
    heard += 1
    const line = await peer.hear('enqueued ', heard)
    return line.slice('enqueued '.length)
  }
}
