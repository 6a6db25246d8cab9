import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { createFixture, type Fixture } from '../dashboard/fixture.ts'
import { latencyOf } from '../dashboard/fixture-fleet.ts'
import { makeOperation, operatorOf } from '../dashboard/fixture-operations.ts'
import { timelineOf } from '../dashboard/fixture-views.ts'
import { pageOf, type GallerySite } from './shop.ts'

const built = new URL('../../packages/dashboard/dist/cdn/', import.meta.url)
const minuteMs = 60_000
const capabilities = {
  reads: [...operatorOf.reads, 'workers', 'audit', 'locks', 'drift', 'panels'],
  actions: [
    ...operatorOf.actions,
    'queue_pause',
    'queue_drain',
    'read_audit',
    'schedule_run',
    'schedule_pause',
    'enqueue',
  ],
}

/** States that no healthy site has: a stale worker, missed slots, functions that nobody defines, operations that failed in part. */
export function openTroubles(): Promise<GallerySite> {
  const fixture = createFixture({ capabilities })
  const now = Date.now()
  const ended = (minutesAgo: number) => {
    const createdAt = now - minutesAgo * minuteMs
    return { createdAt, startedAt: createdAt, endedAt: createdAt + 41_000 }
  }
  fixture.operations.list = [
    makeOperation({
      ...ended(2),
      operationId: 'op-5',
      total: 40,
      done: 40,
      succeeded: 26,
      failed: 6,
      skipped: 8,
      reason: 'the bank was down',
    }),
    makeOperation({
      operationId: 'op-4',
      status: 'running',
      total: 1_204,
      done: 412,
      succeeded: 398,
      failed: 2,
      skipped: 12,
      createdAt: now - 4 * minuteMs,
    }),
    makeOperation({
      ...ended(90),
      operationId: 'op-3',
      action: 'delete',
      status: 'cancelled',
      total: 500,
      done: 120,
      succeeded: 120,
    }),
    makeOperation({ ...ended(300), operationId: 'op-2', action: 'cancel', total: 31, done: 31, succeeded: 31 }),
  ]
  return serve(fixture)
}

/** Every screen with nothing in it. */
export function openNothing(): Promise<GallerySite> {
  const none = () => []
  const now = Date.now()
  const { since, until, bucketMs } = latencyOf(now)
  const answers = {
    workers: none,
    schedules: none,
    functions: none,
    queues: none,
    types: none,
    audit: () => ({ entries: [], nextCursor: null }),
    drift: () => ({ workers: 0, unregistered: [], partial: [], unseen: [], truncated: false }),
    timeline: () => ({ ...timelineOf(now), buckets: [] }),
    latency: () => ({ since, until, bucketMs, buckets: [] }),
    histogram: () => ({ duration: [], wait: [], samples: 0, isCapped: false }),
  }
  return serve(createFixture({ tasks: [], capabilities, answers }))
}

async function serve(fixture: Fixture): Promise<GallerySite> {
  const server = createServer((request, response) => {
    answer(fixture, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(fixture: Fixture, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  if (url.pathname === '/') return void response.setHeader('content-type', 'text/html').end(pageOf(url.searchParams))
  const [, asset] = /^\/tasks\/dashboard\/assets\/((?:parts\/)?[\w.-]+\.js)$/.exec(url.pathname) ?? []
  if (asset) {
    const file = await readFile(new URL(asset, built))
    return void response.setHeader('content-type', 'text/javascript').end(file)
  }
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const told = await fixture.fetch(url, { method: request.method ?? 'GET', signal: gone.signal })
  response.writeHead(told.status, Object.fromEntries(told.headers))
  if (!told.body) return void response.end()
  Readable.fromWeb(told.body as ReadableStream)
    .on('error', () => response.destroy())
    .pipe(response)
}
