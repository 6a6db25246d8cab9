import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { taskLog, TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/express'

/** A small site of somebody else's: one route that enqueues, one admin page with the tag, under a strict policy. */
export interface Host {
  readonly port: number
  readonly origin: string
  readonly tasks: TaskManager
  readonly bank: { isOpen: boolean }
  enqueueOrder(order: number): Promise<string>
  /** Ends the process's part: manager and server. The store's file stays. */
  stop(): Promise<void>
}

export const strictPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width,initial-scale=1" />
    <title>Admin</title>
    <link rel="stylesheet" href="/host.css" />
    <script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script>
  </head>
  <body>
    <main><h1>Admin</h1><task-dashboard src="/tasks" heading-level="2"></task-dashboard></main>
  </body>
</html>`

export async function startHost(file: string, port = 0): Promise<Host> {
  const bank = { isOpen: false }
  const tasks = new TaskManager({ store: file })
  const chargeCard = tasks.define('charge_card', { retries: 2, delay: '50ms', queue: 'billing' }, (order: number) => {
    taskLog(`charging order ${order}`)
    if (!bank.isOpen) throw new Error(`CardDeclined: insufficient funds for order ${order}`)
    return { order, charged: true }
  })
  tasks.define('send_receipt', { queue: 'mail' }, (to: string) => to.length)

  const app = express()
  app.use(express.json())
  app.post('/orders', async (request, response) => {
    const { order } = request.body as { order: number }
    const { id } = await chargeCard.with({ tags: { order: String(order) } }).enqueue(order)
    response.json({ task_id: id })
  })
  app.get('/host.css', (_request, response) => {
    response
      .type('css')
      .send('body{margin:0;font:15px/1.5 system-ui,sans-serif;color-scheme:light dark}main{padding:16px}')
  })
  app.get('/admin', (_request, response) => {
    response.set('content-security-policy', strictPolicy).type('html').send(page)
  })
  const mounted = mount(app, tasks, { path: '/tasks', displayArgs: true })
  const server = createServer(app)
  await tasks.start()
  await listen(server, port)
  const actualPort = (server.address() as AddressInfo).port
  const origin = `http://127.0.0.1:${actualPort}`
  return {
    port: actualPort,
    origin,
    tasks,
    bank,
    async enqueueOrder(order) {
      const response = await fetch(`${origin}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ order }),
      })
      return ((await response.json()) as { task_id: string }).task_id
    },
    async stop() {
      await mounted.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-whole-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
}
