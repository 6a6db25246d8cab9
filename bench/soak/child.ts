import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Answer {
  readonly number: number
  readonly answer: unknown
}

/** A script of this folder in a process of its own, which answers what it is asked. */
export class Child {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>()
  readonly #hello: Promise<unknown>
  #asked = 0

  /** `flags` are of Node, `config` is told to the script. */
  constructor(script: string, flags: readonly string[], config: object) {
    const path = fileURLToPath(new URL(script, import.meta.url))
    this.#process = fork(path, [JSON.stringify(config)], { execArgv: [...flags] })
    this.#hello = this.#answer(0)
    this.#process.on('message', ({ number, answer }: Answer) => {
      this.#waiting.get(number)?.resolve(answer)
      this.#waiting.delete(number)
    })
    this.#process.on('exit', (code, signal) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${script} ended with ${code ?? signal}`))
      this.#waiting.clear()
    })
  }

  /** What it says when it is ready. */
  ready<T>(): Promise<T> {
    return this.#hello as Promise<T>
  }

  ask<T>(verb: string): Promise<T> {
    const number = (this.#asked += 1)
    const answer = this.#answer(number)
    this.#process.send({ verb, number })
    return answer as Promise<T>
  }

  /** Lets it go; it ends by itself. */
  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = new Promise((resolve) => this.#process.once('exit', resolve))
    if (this.#process.connected) this.#process.disconnect()
    await gone
  }

  #answer(number: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject }))
  }
}
