import type { EventEmitter } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TaskManager } from '@taskloom/engine'
import { mount, type MountOptions } from '@taskloom/engine/node'
import { attachUpgrade } from '@taskloom/engine/ws'
import type { Page } from 'puppeteer-core'
import { expect } from 'vitest'

/** What a path of the host answers: HTML, or a script where the path ends in `.js`. */
export type Pages = Readonly<Record<string, string>>

/** Somebody's site with task managers mounted into it. */
export interface Site {
  readonly origin: string
  /** The manager of each mount, by its path. */
  readonly tasks: Readonly<Record<string, TaskManager>>
  /** Live streams that are open now, over HTTP and WebSocket. */
  readonly streams: () => number
  /** What was asked, such as `/tasks/stream`, without queries. */
  readonly asked: readonly string[]
  /** Adds pages, or puts others in their place. */
  serve(pages: Pages): void
  close(): Promise<void>
}

export interface SiteOptions {
  readonly pages?: Pages
  /** Mounts by their path; one at `/tasks` by default. */
  readonly mounts?: Readonly<Record<string, MountOptions>>
  /** Headers of the host's own pages, such as a policy. */
  readonly headers?: Readonly<Record<string, string>>
}

export async function startSite({
  pages = {},
  mounts = { '/tasks': {} },
  headers = {},
}: SiteOptions = {}): Promise<Site> {
  const served = new Map(Object.entries(pages))
  const asked: string[] = []
  let streams = 0
  const server = createServer((request, response) => void answer(request, response))
  const tasks: Record<string, TaskManager> = {}
  for (const [path, options] of Object.entries(mounts)) {
    const manager = new TaskManager()
    tasks[path] = manager
    attachUpgrade(server, mount(server, manager, { path, ...options }))
    await manager.start()
  }
  const emit = server.emit.bind(server) as (event: string | symbol, ...values: unknown[]) => boolean
  server.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    // What ends: the answer of a request, the connection of an upgrade.
    if (event === 'request' || event === 'upgrade') watch(values[0] as IncomingMessage, values[1] as EventEmitter)
    return emit(event, ...values)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    origin,
    tasks,
    asked,
    streams: () => streams,
    serve(more) {
      for (const [path, text] of Object.entries(more)) served.set(path, text)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  function watch(request: IncomingMessage, ending: EventEmitter): void {
    const path = (request.url ?? '').split('?')[0] ?? ''
    asked.push(path)
    if (!/\/(stream|ws)$/.test(path) || request.method !== 'GET') return
    streams += 1
    ending.once('close', () => (streams -= 1))
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const built = /^\/built\/([\w./-]+)$/.exec(path)?.[1]
    const text = served.get(path) ?? (built && (await readFile(builtFile(built)).catch(() => undefined)))
    if (text === undefined) return void response.writeHead(404).end()
    const type = path.endsWith('.js') ? 'text/javascript' : path.endsWith('.css') ? 'text/css' : 'text/html'
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, ...headers }).end(text)
  }
}

/** A file of the CDN build. */
export function builtFile(name: string): URL {
  return new URL(`../../packages/dashboard/dist/cdn/${name}`, import.meta.url)
}

export function htmlPage(
  body: string,
  head = `<script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script>`,
): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>${head}</head><body>${body}</body></html>`
}

/** All text below what a selector finds, shadow roots included. */
export function textIn(page: Page, selector = 'body'): Promise<string> {
  return page.$$eval(`pierce/${selector}`, (found) => {
    const read = (node: Node): string => {
      if (node instanceof HTMLStyleElement || node instanceof HTMLScriptElement) return ''
      const children = node instanceof Element && node.shadowRoot ? node.shadowRoot.childNodes : node.childNodes
      const own = node.nodeType === Node.TEXT_NODE ? (node.textContent ?? '') : ''
      return own + [...children].map(read).join(' ')
    }
    return found.map(read).join(' ').replace(/\s+/g, ' ')
  })
}

export async function says(page: Page, words: string | RegExp, selector = 'body', timeout = 15_000): Promise<void> {
  const matching = typeof words === 'string' ? expect.stringContaining(words) : expect.stringMatching(words)
  await expect.poll(() => textIn(page, selector), { timeout, message: `waiting for ${words}` }).toEqual(matching)
}
