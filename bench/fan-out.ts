import { fork, type ChildProcess } from 'node:child_process'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { mount, type Mount } from '@taskloom/engine/node'
import { encodeLiveEvent, type TaskSummary } from '@taskloom/protocol'
import { mountable, ScriptedSource } from '@taskloom/testkit'
import { median } from './figures.ts'

/** How much is asked of the live stream. */
export interface FanOutLoad {
  readonly readers: number
  /** Connections that never read. */
  readonly stalled: number
  /** Tasks that change in turn; as many are in each frame. */
  readonly tasks: number
  readonly changesPerSecond: number
  readonly seconds: number
}

export interface FanOutFigures {
  readonly framesPerSecond: number
  readonly megabytesPerSecond: number
  readonly lagP50Ms: number
  readonly lagP95Ms: number
  readonly lagMaxMs: number
  readonly loopDelayP99Ms: number
  /** A plain route of the host, asked ten times a second. */
  readonly routeP95Ms: number
  readonly rssGrowthMb: number
  /** Of the server's process, for each frame that arrived. */
  readonly cpuMicrosPerFrame: number
}

/** What a client process says of the time since it was last asked. */
interface Tally {
  readonly frames: number
  readonly bytes: number
  readonly lags: readonly number[]
}

/** A server with a live stream whose changes are made up, and bare frames beside it; its clients live in a process of their own. */
export class FanOut {
  readonly #source = new ScriptedSource()
  readonly #server: Server
  readonly #mount: Mount
  readonly #bare = new Set<ServerResponse>()
  readonly #listeners = new Set<(change: never) => void>()
  readonly #readers: ChildProcess
  #tasks: TaskSummary[] = []
  #revision = 0
  #port = 0

  constructor() {
    const { subscribe } = this.#source
    this.#source.subscribe = (listener) => {
      this.#listeners.add(listener as (change: never) => void)
      const stop = subscribe.call(this.#source, listener)
      return () => {
        this.#listeners.delete(listener as (change: never) => void)
        stop()
      }
    }
    this.#server = createServer((request, response) => {
      if (request.url === '/bare') this.#openBare(response)
      else response.end('host')
    })
    const limits = { streams: 20_000, streamsPerAddress: 20_000 }
    this.#mount = mount(this.#server, mountable(this.#source), { limits })
    this.#readers = fork(fileURLToPath(new URL('./fan-out-readers.mjs', import.meta.url)))
  }

  async open(load: FanOutLoad): Promise<void> {
    for (let added = 0; added < load.tasks; added += 1) {
      this.#tasks.push(await this.#source.add({ status: 'running', tags: { tenant: `customer ${added}` } }))
    }
    this.#revision = this.#source.revision
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', 8_192, resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** How many listeners and connections there are. */
  async held(): Promise<readonly number[]> {
    const connections = await new Promise<number>((resolve, reject) => {
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
    })
    const listeners = this.#server.eventNames().reduce((sum, name) => sum + this.#server.listenerCount(name), 0)
    return [this.#listeners.size, listeners, connections]
  }

  async cycle(cycles: number): Promise<void> {
    await this.#ask({ verb: 'cycle', port: this.#port, path: '/tasks/stream', cycles })
  }

  /** The live stream under this load. */
  async measureLive(load: FanOutLoad): Promise<FanOutFigures> {
    return this.#measure(load, '/tasks/stream', (at) => this.#change(at))
  }

  /** The same readers on bare frames of the same size, serialised once and for all, as often as ours come. */
  async measureBare(load: FanOutLoad): Promise<FanOutFigures> {
    const data = { changed: this.#tasks, removed: [], overflow: null }
    const frame = encodeLiveEvent({ event: 'tasks', id: `bare-${this.#revision}`, data })
    return this.#measure({ ...load, changesPerSecond: 10 }, '/bare', () => {
      const bytes = Buffer.from(frame.replace(/"message":"\d+"/, `"message":"${Date.now()}"`))
      for (const response of this.#bare) response.write(bytes)
    })
  }

  async close(): Promise<void> {
    this.#readers.disconnect()
    await this.#mount.close()
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #openBare(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    response.write(': hello\n\n')
    this.#bare.add(response)
    response.on('close', () => this.#bare.delete(response))
  }

  #change(at: number): void {
    const previous = this.#tasks[at % this.#tasks.length] as TaskSummary
    const progress = { percent: at % 100, message: String(Date.now()) }
    const task = { ...previous, progress, version: previous.version + 1 }
    this.#tasks[at % this.#tasks.length] = task
    this.#revision += 1
    for (const listen of this.#listeners) listen({ kind: 'task', task, previous, revision: this.#revision } as never)
  }

  async #measure(load: FanOutLoad, path: string, change: (at: number) => void): Promise<FanOutFigures> {
    const { readers, stalled } = load
    await this.#ask({ verb: 'open', port: this.#port, path, readers, stalled })
    const delay = monitorEventLoopDelay({ resolution: 5 })
    const rss = process.memoryUsage().rss
    await this.#ask({ verb: 'report' })
    const cpu = process.cpuUsage()
    delay.enable()
    const [routes] = await Promise.all([this.#askHost(load.seconds), run(load, change)])
    delay.disable()
    const { user, system } = process.cpuUsage(cpu)
    const rssGrowthMb = (process.memoryUsage().rss - rss) / 1e6
    const tally = await this.#ask({ verb: 'report' })
    await this.#ask({ verb: 'close' })
    const lags = [...tally.lags].sort((a, b) => a - b)
    return {
      framesPerSecond: tally.frames / load.seconds,
      megabytesPerSecond: tally.bytes / 1e6 / load.seconds,
      lagP50Ms: quantile(lags, 0.5),
      lagP95Ms: quantile(lags, 0.95),
      lagMaxMs: quantile(lags, 1),
      loopDelayP99Ms: delay.percentile(99) / 1e6,
      routeP95Ms: quantile(routes, 0.95),
      rssGrowthMb,
      cpuMicrosPerFrame: (user + system) / tally.frames,
    }
  }

  async #askHost(seconds: number): Promise<readonly number[]> {
    const times: number[] = []
    for (let asked = 0; asked < seconds * 10; asked += 1) {
      const startedAt = performance.now()
      await (await fetch(`http://127.0.0.1:${this.#port}/`)).text()
      times.push(performance.now() - startedAt)
      await pause(100)
    }
    return times.sort((a, b) => a - b)
  }

  #ask(question: object): Promise<Tally> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error('The clients have ended'))
      this.#readers.once('exit', fail)
      this.#readers.once('message', (answer) => {
        this.#readers.off('exit', fail)
        resolve(answer as Tally)
      })
      this.#readers.send(question)
    })
  }
}

export interface FanOutReport {
  readonly live: FanOutFigures
  readonly leftAfterCycles: readonly number[]
  /** Frames per second of CPU, ours against bare ones. */
  readonly ratio: number
}

/** A thousand clients of which a fifth never reads; then rounds in turn against bare frames. */
export async function measureFanOut(seconds: number, cycles: number): Promise<FanOutReport> {
  const load: FanOutLoad = { readers: 800, stalled: 200, tasks: 20, changesPerSecond: 1_000, seconds }
  const fanOut = new FanOut()
  try {
    await fanOut.open(load)
    const live = await fanOut.measureLive(load)
    const round: FanOutLoad = { ...load, stalled: 0, seconds: 5 }
    const ours: number[] = []
    const bare: number[] = []
    for (let rounds = 0; rounds < 3; rounds += 1) {
      ours.push((await fanOut.measureLive(round)).cpuMicrosPerFrame)
      bare.push((await fanOut.measureBare(round)).cpuMicrosPerFrame)
    }
    await fanOut.cycle(cycles)
    return { live, leftAfterCycles: await fanOut.held(), ratio: median(bare) / median(ours) }
  } finally {
    await fanOut.close()
  }
}

export function describeFanOut({ live, ratio, leftAfterCycles }: FanOutReport): string {
  return (
    `live fan-out: ${live.framesPerSecond.toFixed(0)} frames a second (${live.megabytesPerSecond.toFixed(0)} MB), lag p95 ` +
    `${live.lagP95Ms} ms, host's route p95 ${live.routeP95Ms.toFixed(1)} ms, memory +${live.rssGrowthMb.toFixed(0)} MB; ` +
    `${ratio.toFixed(2)} of bare frames; listeners and connections left ${leftAfterCycles.join(', ')}`
  )
}

/** Changes at an even pace; after a pause those that are owed come at once. */
async function run({ seconds, changesPerSecond }: FanOutLoad, change: (at: number) => void): Promise<void> {
  const startedAt = performance.now()
  for (let made = 0; made < seconds * changesPerSecond;) {
    const due = Math.min(seconds, (performance.now() - startedAt) / 1_000) * changesPerSecond
    while (made < due) change((made += 1))
    await pause(5)
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function pause(lengthMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lengthMs))
}
