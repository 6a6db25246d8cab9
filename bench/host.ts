import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { median } from './figures.ts'
import { questions } from './questions.ts'
import type { ServedHistory } from './served.ts'

export interface HostDelay {
  readonly idleP99Ms: number
  readonly queriedP99Ms: number
  readonly ratio: number
  readonly requests: number
}

const roundMs = 3_000
const rounds = 5

/**
 * The host's event-loop delay, p99, while a dashboard asks its questions one after another, against the same loop left
 * alone; rounds alternate and medians are compared. The asking client lives in a thread of its own.
 */
export async function measureHostDelay(served: ServedHistory): Promise<HostDelay> {
  const idle: number[] = []
  const queried: number[] = []
  let requests = 0
  for (let round = 0; round < rounds; round += 1) {
    idle.push(await delayDuring(() => pause(roundMs)))
    queried.push(
      await delayDuring(async () => {
        requests += await askFor(served.origin, roundMs)
      }),
    )
  }
  const idleP99Ms = median(idle)
  const queriedP99Ms = median(queried)
  return { idleP99Ms, queriedP99Ms, ratio: queriedP99Ms / idleP99Ms, requests }
}

/** Bytes of the frame that one finished task sends to a page that watches everything. */
export async function measureLiveBytes(served: ServedHistory): Promise<number> {
  const stop = new AbortController()
  const response = await fetch(`${served.origin}/stream`, { signal: stop.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const touch = served.tasks.define('bench_touch', () => null)
  let text = ''
  try {
    const { id } = await touch.enqueue()
    for (;;) {
      const { value, done } = await reader.read()
      if (done) throw new Error('The stream ended before the change was seen')
      text += value
      const frame = text
        .split('\n\n')
        .find((part) => part.includes('event: tasks') && part.includes(id) && part.includes('"success"'))
      if (frame !== undefined) return Buffer.byteLength(frame)
    }
  } finally {
    stop.abort()
  }
}

async function delayDuring(work: () => Promise<void>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 10 })
  histogram.enable()
  await work()
  histogram.disable()
  return histogram.percentile(99) / 1e6
}

const client = `
const { workerData, parentPort } = require('node:worker_threads')
const end = Date.now() + workerData.lengthMs
async function ask() {
  let count = 0
  while (Date.now() < end) {
    for (const path of workerData.paths) {
      await (await fetch(workerData.origin + path)).arrayBuffer()
      count += 1
      if (Date.now() >= end) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  parentPort.postMessage(count)
}
ask()
`

function askFor(origin: string, lengthMs: number): Promise<number> {
  const paths = questions.map((question) => question.path).filter((path) => !path.includes('{'))
  return new Promise((resolve, reject) => {
    const worker = new Worker(client, { eval: true, workerData: { origin, lengthMs, paths } })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

function pause(lengthMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, lengthMs))
}
