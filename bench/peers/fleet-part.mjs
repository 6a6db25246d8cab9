import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const file = fileURLToPath(new URL('./fleet-process.mjs', import.meta.url))

/** A process of the fleet, as its parent sees it. */
export class Part {
  #child

  constructor(child) {
    this.#child = child
  }

  static async start(terms) {
    const child = fork(file, [JSON.stringify(terms)], { execArgv: [] })
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')])
    if (message?.kind !== 'ready') throw new Error(`A process of the fleet ended with ${message}`)
    return new Part(child)
  }

  /** Resolves when so many tasks have ended in all of them. */
  static ended(parts, number) {
    return new Promise((resolve, reject) => {
      let left = number
      const hear = ({ kind, count: ended }) => {
        if (kind === 'ended') left -= ended
        if (left > 0) return
        for (const part of parts) part.#child.off('message', hear)
        resolve()
      }
      for (const part of parts) {
        part.#child.on('message', hear)
        part.#child.once('exit', (code) => reject(new Error(`A process of the fleet ended with ${code}`)))
      }
    })
  }

  ask(question) {
    return new Promise((resolve) => {
      const hear = ({ kind, cpuMs }) => {
        if (kind !== 'answer') return
        this.#child.off('message', hear)
        resolve(cpuMs)
      }
      this.#child.on('message', hear)
      this.#child.send(question)
    })
  }

  async end() {
    const ended = once(this.#child, 'exit')
    this.#child.send({ kind: 'end' })
    await ended
  }
}
