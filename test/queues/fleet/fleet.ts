import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Peer } from '../../faults/processes.ts'

const script = fileURLToPath(new URL('instance.mjs', import.meta.url))

export type Role = 'producer' | 'worker'

/** What every process of the fleet is given. */
export interface FleetConfig {
  /** Where the store is. */
  readonly store: string
  /** Where BullMQ keeps its jobs. */
  readonly connection: string
  readonly lockDuration: number
  readonly sweepEvery: number
  readonly keepFailed: number
  readonly tasksPerJob: number
}

/** Producers and workers as processes of their own, and the facts that they note. */
export class QueueFleet {
  /** Exit codes of processes that ended and were not told to. */
  readonly fallen: string[] = []
  readonly #folder = mkdtempSync(join(tmpdir(), 'taskloom-queues-'))
  readonly #journal = join(this.#folder, 'journal')
  readonly #live = new Map<string, Peer>()

  constructor(private readonly config: FleetConfig) {
    writeFileSync(this.#journal, '')
  }

  /** Resolves when it works; rejects when it ends before. */
  async start(name: string, role: Role): Promise<Peer> {
    const config = { ...this.config, role, host: `host-${name}`, journalFile: this.#journal }
    const peer = new Peer(
      spawn(process.execPath, [script, JSON.stringify(config)], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    this.#live.set(name, peer)
    peer.child.stdin?.on('error', () => undefined)
    void peer.exited.then(() => {
      const { exitCode } = peer.child
      if (exitCode !== null && exitCode !== 0) this.fallen.push(`${name} ended with ${exitCode}`)
    })
    await peer.hear('ready')
    return peer
  }

  get(name: string): Peer {
    const peer = this.#live.get(name)
    if (!peer) throw new Error(`There is no process ${name}`)
    return peer
  }

  /** `kill -9`, whatever it does just now. */
  async kill(name: string): Promise<void> {
    const peer = this.get(name)
    peer.child.kill('SIGKILL')
    await peer.exited
  }

  /** Lets all shut down in order. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.#live.values()].map(async (peer) => {
        peer.say('stop')
        await peer.hear('stopped')
        await peer.exited
      }),
    )
  }

  /** What was noted so far. */
  facts(): readonly (readonly string[])[] {
    const lines = readFileSync(this.#journal, 'utf8').split('\n')
    return lines.filter(Boolean).map((line) => line.split(' '))
  }

  async end(): Promise<void> {
    for (const { child, exited } of this.#live.values()) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
