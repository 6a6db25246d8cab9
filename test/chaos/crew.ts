import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Peer } from '../faults/peer.ts'
import type { FailingCall } from './timetable.ts'

const script = fileURLToPath(new URL('worker.mjs', import.meta.url))
/** A process that has not started or ended by then never will. */
const answersWithinMs = 20_000

interface Member {
  readonly peer: Peer
  isReady: boolean
  isFrozen: boolean
  /** It was told to end, or killed. */
  isLeaving: boolean
}

/** The processes of a run, by name. */
export class Crew {
  readonly #members = new Map<string, Member>()
  readonly #all = new Set<Peer>()
  /** Processes that ended and were not told to, or did not end when they were. */
  readonly fallen: string[] = []

  /** `config` is what every process is told of the run. */
  constructor(private readonly config: object) {}

  get names(): readonly string[] {
    return [...this.#members.keys()]
  }

  /** Starts it, unless it lives, and after one that is just leaving. Resolves when it is ready, or has ended. */
  async boot(name: string, failing: readonly FailingCall[]): Promise<void> {
    const before = this.#members.get(name)
    if (before && !before.isLeaving) return this.#readiness(name, before)
    await before?.peer.exited
    const config = { ...this.config, name, failing }
    const peer = new Peer(
      spawn(process.execPath, [script, JSON.stringify(config)], { stdio: ['pipe', 'pipe', 'inherit'] }),
    )
    const member: Member = { peer, isReady: false, isFrozen: false, isLeaving: false }
    this.#all.add(peer)
    this.#members.set(name, member)
    peer.child.stdin?.on('error', () => undefined)
    void peer.exited.then(() => this.#left(name, member))
    await this.#readiness(name, member)
  }

  /** `kill -9`, whatever it does just now. */
  async kill(name: string): Promise<void> {
    const member = this.#members.get(name)
    if (!member) return
    member.isLeaving = true
    member.peer.child.kill('SIGKILL')
    await member.peer.exited
  }

  freeze(name: string): void {
    const member = this.#members.get(name)
    if (!member || member.isLeaving) return
    member.isFrozen = true
    member.peer.child.kill('SIGSTOP')
  }

  thaw(name: string): void {
    const member = this.#members.get(name)
    if (!member) return
    member.isFrozen = false
    member.peer.child.kill('SIGCONT')
  }

  /** Tells it to shut down, and waits for that unless it is frozen. */
  shutDown(name: string, patienceMs: number): Promise<void> {
    const member = this.#members.get(name)
    if (!member) return Promise.resolve()
    member.isLeaving = true
    member.peer.say(JSON.stringify({ do: 'shut down', patienceMs }))
    return this.#end(name, member)
  }

  /** To that process if it is ready, else to any that is; false when none is. */
  tell(name: string, order: object): boolean {
    const member = [this.#members.get(name), ...this.#members.values()].find((one) => one?.isReady && !one.isLeaving)
    member?.peer.say(JSON.stringify(order))
    return member !== undefined
  }

  /** Tells it and waits until it says the word; it may have ended before. */
  async ask(name: string, order: object, word: string): Promise<void> {
    if (this.tell(name, order))
      await this.#members
        .get(name)
        ?.peer.hear(word)
        .catch(() => undefined)
  }

  /** Kills what still lives. Resolves when nothing of it runs. */
  async end(): Promise<void> {
    for (const member of this.#members.values()) member.isLeaving = true
    for (const peer of this.#all) peer.child.kill('SIGKILL')
    await Promise.all([...this.#all].map((peer) => peer.exited))
  }

  async #readiness(name: string, member: Member): Promise<void> {
    const callOff = this.#giveUpLater(`${name} did not start`, member.peer)
    try {
      await member.peer.hear('ready')
      member.isReady = true
    } catch {
      // It has ended; whether it was told to is noted where that is heard.
    }
    callOff()
  }

  async #end(name: string, { peer }: Member): Promise<void> {
    const callOff = this.#giveUpLater(`${name} did not shut down`, peer)
    await peer.exited
    callOff()
  }

  #giveUpLater(words: string, { child }: Peer): () => void {
    const timer = setTimeout(() => {
      this.fallen.push(words)
      child.kill('SIGKILL')
    }, answersWithinMs)
    return () => clearTimeout(timer)
  }

  #left(name: string, member: Member): void {
    const { exitCode, signalCode } = member.peer.child
    this.#all.delete(member.peer)
    if (this.#members.get(name) === member) this.#members.delete(name)
    if (!member.isLeaving || (exitCode !== null && exitCode !== 0)) {
      this.fallen.push(`${name} ended with ${exitCode ?? signalCode}`)
    }
  }
}
