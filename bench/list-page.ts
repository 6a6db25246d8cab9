import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { TaskManager } from '@taskloom/engine'
import { mount, type Mount } from '@taskloom/engine/node'
import { median } from './figures.ts'

/** Answers in a second, by rounds. */
export interface ListPageFigures {
  readonly barePerSecond: number
  /** The same page again and again, with nothing changing. */
  readonly pagePerSecond: number
  /** While a task is enqueued every 50 ms, so that no answer is good for long. */
  readonly busyPerSecond: number
  readonly ratio: number
  readonly busyRatio: number
  readonly bytes: number
}

const rounds = 5
const connections = 16
const bound = 0.6
const path = '/tasks?limit=30'

/** The list page of a store against a handler of node:http that sends the same bytes under the same headers. */
export async function measureListPage(file: string, seconds = 2): Promise<ListPageFigures> {
  const tasks = new TaskManager({ store: file })
  const later = tasks.define('later', () => undefined)
  const page = createServer((_request, response) => response.writeHead(404).end())
  const mounted = mount(page, tasks)
  await tasks.start()
  const pagePort = await listen(page)
  const answer = await fetch(`http://127.0.0.1:${pagePort}${path}`)
  const headers = Object.fromEntries(
    [...answer.headers].filter(([name]) => !/^(date|connection|keep-alive)$/.test(name)),
  )
  const bytes = Buffer.from(await answer.arrayBuffer())
  const bare = createServer((_request, response) => response.writeHead(200, headers).end(bytes))
  const barePort = await listen(bare)
  const caller = fork(fileURLToPath(new URL('./list-page-caller.mjs', import.meta.url)))
  const figures = { bare: [] as number[], page: [] as number[], busy: [] as number[] }
  try {
    for (let round = 0; round < rounds; round += 1) {
      figures.bare.push(await ask(caller, barePort, seconds))
      figures.page.push(await ask(caller, pagePort, seconds))
      const writer = setInterval(() => void tasks.enqueue(later, [], { delay: '1h' }), 50)
      figures.busy.push(await ask(caller, pagePort, seconds))
      clearInterval(writer)
    }
  } finally {
    caller.kill()
    await closeAll(page, bare, mounted)
  }
  const [barePerSecond, pagePerSecond, busyPerSecond] = [figures.bare, figures.page, figures.busy].map(median) as [
    number,
    number,
    number,
  ]
  const ratio = pagePerSecond / barePerSecond
  const busyRatio = busyPerSecond / barePerSecond
  return { barePerSecond, pagePerSecond, busyPerSecond, ratio, busyRatio, bytes: bytes.length }
}

export function describeListPage({
  barePerSecond,
  pagePerSecond,
  busyPerSecond,
  ratio,
  busyRatio,
  bytes,
}: ListPageFigures): string {
  return (
    `list page of ${bytes} bytes: ${pagePerSecond.toFixed(0)} /s, bare node:http ${barePerSecond.toFixed(0)} /s, ratio ` +
    `${ratio.toFixed(2)} (bound ${bound})${ratio < bound ? ' under' : ''}; while something changes 20 times a second ` +
    `${busyPerSecond.toFixed(0)} /s, ratio ${busyRatio.toFixed(2)}`
  )
}

async function ask(caller: ChildProcess, port: number, seconds: number): Promise<number> {
  caller.send({ port, path, connections, seconds })
  const [{ perSecond }] = (await once(caller, 'message')) as [{ readonly perSecond: number }]
  return perSecond
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function closeAll(page: Server, bare: Server, mounted: Mount): Promise<void> {
  await mounted.close()
  for (const server of [page, bare]) {
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}
