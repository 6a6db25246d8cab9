import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP proxy on loopback whose network fails when it is told to. */
export interface FaultyProxy {
  readonly port: number
  /** How many clients are connected. */
  readonly connections: number
  /**
   * From now on every connection is half-open, also new ones: it is accepted and stays open, nothing goes through it, and
   * neither side hears that the other has closed.
   */
  swallow(): void
  /** Breaks the connections there are; new ones are as good as before. */
  reset(): void
  /**
   * Lets so many pieces of the server's answers through, and goes down with the next one as a server that is restarted: all
   * connections break, and new ones are refused. The promise says that it has happened.
   */
  goDownAfter(answers: number): Promise<void>
  /** New connections go through. Those that were half-open stay so, as they do when a router has forgotten them. */
  heal(): void
  /** Ends all connections and listens no more. */
  close(): Promise<void>
}

/** The same database, but through the proxy. */
export function through(url: string, { port }: FaultyProxy): string {
  const target = new URL(url)
  target.port = String(port)
  return target.href
}

export async function startProxy(targetPort: number): Promise<FaultyProxy> {
  const pairs = new Set<Pair>()
  let isSwallowing = false
  let isDown = false
  let answersLeft = Infinity
  let wentDown = (): void => undefined
  const breakAll = (): void => {
    for (const pair of [...pairs]) pair.destroy()
  }
  /** Whether the next answer comes through. */
  const mayAnswer = (): boolean => {
    answersLeft -= 1
    if (answersLeft >= 0) return true
    isDown = true
    breakAll()
    wentDown()
    return false
  }
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isDown) return void client.on('error', () => undefined).resetAndDestroy()
    const pair = new Pair(client, targetPort, { mayAnswer, onEnd: () => pairs.delete(pair) })
    pairs.add(pair)
    if (isSwallowing) pair.swallow()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    get connections() {
      return [...pairs].filter(({ isConnected }) => isConnected).length
    },
    swallow() {
      isSwallowing = true
      for (const pair of pairs) pair.swallow()
    },
    reset: breakAll,
    goDownAfter(answers) {
      answersLeft = answers
      return new Promise((resolve) => (wentDown = resolve))
    },
    heal() {
      isSwallowing = false
      isDown = false
      answersLeft = Infinity
    },
    async close() {
      breakAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface PairOptions {
  /** Asked before each piece of an answer; it may break the pair. */
  readonly mayAnswer: () => boolean
  readonly onEnd: () => void
}

/** A client's connection and the one that was made for it. */
class Pair {
  readonly #client: Socket
  readonly #target: Socket
  readonly #onEnd: () => void
  #isSwallowing = false

  constructor(client: Socket, targetPort: number, { mayAnswer, onEnd }: PairOptions) {
    this.#client = client
    this.#target = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true })
    this.#onEnd = onEnd
    this.#forward(this.#client, this.#target, () => true)
    this.#forward(this.#target, this.#client, mayAnswer)
  }

  get isConnected(): boolean {
    return !this.#client.destroyed
  }

  swallow(): void {
    this.#isSwallowing = true
  }

  destroy(): void {
    this.#client.resetAndDestroy()
    this.#target.resetAndDestroy()
    this.#onEnd()
  }

  /** Swallowed bytes are read, so that the sender believes in them. */
  #forward(from: Socket, to: Socket, may: () => boolean): void {
    from.on('data', (chunk) => {
      if (this.#isSwallowing || to.destroyed || !may()) return
      if (!to.write(chunk)) from.pause()
    })
    to.on('drain', () => from.resume())
    from.on('end', () => {
      if (!this.#isSwallowing) to.end()
      else if (from === this.#client) from.end()
    })
    from.on('error', () => undefined)
    from.on('close', (isBroken) => {
      if (this.#isSwallowing) return
      if (isBroken) this.destroy()
      else to.end()
      if (to.destroyed) this.#onEnd()
    })
  }
}
