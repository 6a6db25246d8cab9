import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

const keptComplaints = 20

/** A process that a test started: what it says, line by line, and its end. */
export class Peer {
  readonly lines: string[] = []
  /** The last of what it complained of. */
  readonly complaints: string[] = []
  readonly #waiting = new Set<() => void>()
  readonly exited: Promise<unknown>
  #unfinished = ''

  constructor(readonly child: ChildProcess) {
    this.exited = once(child, 'exit').then(() => this.#wake())
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (this.#unfinished + chunk).split('\n')
      this.#unfinished = lines.pop() ?? ''
      this.lines.push(...lines)
      this.#wake()
    })
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.complaints.push(chunk)
      this.complaints.splice(0, this.complaints.length - keptComplaints)
    })
  }

  /** Resolves with the first line that begins so, or a later one of them; rejects when the process ends before. */
  async hear(word: string, which = 1): Promise<string> {
    for (;;) {
      const line = this.lines.filter((candidate) => candidate.startsWith(word))[which - 1]
      if (line !== undefined) return line
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`The process ended before it said ${word}; ${this.lastWords()}`)
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** How it ended and what it said last, for people. */
  lastWords(): string {
    const { exitCode, signalCode } = this.child
    const said = [...this.lines.slice(-5), ...this.complaints].join(' | ')
    return `it ended with ${signalCode ?? exitCode} and said: ${said}`
  }

  say(line: string): void {
    this.child.stdin?.write(`${line}\n`)
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
