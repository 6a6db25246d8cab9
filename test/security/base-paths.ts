import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Koa from 'koa'
import { TaskManager } from '@taskloom/engine'
import { mount as mountExpress } from '@taskloom/engine/express'
import { mount as mountKoa } from '@taskloom/engine/koa'
import { mount as mountNode, type Mount } from '@taskloom/engine/node'
import { expect } from 'vitest'

type Make = (tasks: TaskManager, path: string) => { server: Server; mounted: Mount; base: string }

const hosts: Readonly<Record<string, Make>> = {
  node(tasks, path) {
    const server = createServer((_, res) => res.writeHead(404).end('host'))
    return { server, mounted: mountNode(server, tasks, { path }), base: path }
  },
  express(tasks, path) {
    const app = express()
    return { mounted: mountExpress(app, tasks, { path }), server: createServer(app), base: path }
  },
  'a router of express'(tasks, path) {
    const app = express()
    const router = express.Router()
    app.use('/outer', router)
    return { mounted: mountExpress(router, tasks, { path }), server: createServer(app), base: `/outer${path}` }
  },
  koa(tasks, path) {
    const app = new Koa()
    const mounted = mountKoa(app, tasks, { path })
    const answer = app.callback()
    return { mounted, server: createServer((req, res) => void answer(req, res)), base: path }
  },
}

/** Each host × each mount path × with and without a proxy that takes a prefix away: page, assets, data and stream. */
export async function describeBasePaths(): Promise<void> {
  for (const [name, make] of Object.entries(hosts)) {
    for (const path of ['/', '/tasks', '/a/b/tasks/']) {
      const tasks = new TaskManager()
      const { server, mounted, base } = make(tasks, path)
      const origin = await listen(server)
      const proxy = createServer((req, res) => forward(origin, req, req.url?.replace('/ops', '') ?? '/', res))
      const outside = await listen(proxy)
      try {
        const below = base.replace(/\/$/, '')
        await expectWorking(`${origin}${below}`, `${name} ${path}`)
        await expectWorking(`${outside}/ops${below}`, `${name} ${path} behind a proxy`)
      } finally {
        for (const one of [proxy, server]) {
          one.closeAllConnections()
          await new Promise<void>((resolve) => void one.close(() => resolve()))
        }
        await mounted.close()
      }
    }
  }
}

async function expectWorking(base: string, where: string): Promise<void> {
  for (const list of [`${base}?limit=1`, `${base}/?limit=1`])
    expect((await fetch(list)).status, `${where} ${list}`).toBe(200)
  const slashed = await fetch(`${base}/dashboard/?tab=schedules`)
  expect([slashed.status, slashed.url], where).toEqual([200, `${base}/dashboard?tab=schedules`])
  const html = await slashed.text()
  const links = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link)
  expect(links.length).toBeGreaterThan(2)
  for (const link of links) {
    expect(link, where).not.toMatch(/^([a-z]+:)?\//)
    expect((await fetch(new URL(link, `${base}/dashboard`))).status, `${where} ${link}`).toBe(200)
  }
  const gone = new AbortController()
  const stream = await fetch(`${base}/stream`, { signal: gone.signal })
  const { value } = (await stream.body?.getReader().read()) ?? {}
  expect(new TextDecoder().decode(value), where).toContain('event: hello')
  gone.abort()
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function forward(origin: string, req: IncomingMessage, path: string, res: ServerResponse): void {
  const { host: _host, ...headers } = req.headers
  const upstream = ask(origin + path, { method: req.method ?? 'GET', headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(res)
  })
  upstream.on('error', () => res.destroy())
  res.on('close', () => upstream.destroy())
  req.pipe(upstream)
}
