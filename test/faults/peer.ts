import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** A process that a test started: what it says, line by line, and its end. */
export class Peer {
  readonly lines: string[] = []
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
  }

  /** Resolves with the first line that begins so, or a later one of them; rejects when the process ends before. */
  async hear(word: string, which = 1): Promise<string> {
    for (;;) {
      const line = this.lines.filter((candidate) => candidate.startsWith(word))[which - 1]
      if (line !== undefined) return line
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`The process ended before it said ${word}; it said: ${this.lines.slice(-5).join(' | ')}`)
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  say(line: string): void {
    this.child.stdin?.write(`${line}\n`)
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
