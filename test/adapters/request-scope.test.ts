import { once } from 'node:events'
import { createServer, request, type RequestListener, type Server } from 'node:http'
import { createServer as createHttp2Server, connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { PassThrough, type Readable } from 'node:stream'
import { requestScope, type TaskManager } from '@taskloom/engine'
import { mount as mountExpress } from '@taskloom/engine/express'
import { mount as mountFastify } from '@taskloom/engine/fastify'
import { mount as mountKoa } from '@taskloom/engine/koa'
import { mount as mountNode } from '@taskloom/engine/node'
import express, { type NextFunction, type Request, type Response } from 'express'
import Fastify from 'fastify'
import Koa from 'koa'
import multer from 'multer'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { mountable, ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { openManager, withCode } from '../engine/open-manager.ts'

const servers: { close(): unknown; closeAllConnections?(): void }[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.()
    server.close()
  }
})

async function listen(server: Server): Promise<string> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A manager with one function, and what happened in which order. */
async function openScene() {
  const tasks = openManager()
  const order: string[] = []
  const note = tasks.define('note', (word: string) => void order.push(word))
  await tasks.start()
  const runEagerly = async (word: string): Promise<void> => {
    await tasks.wait((await note.with({ eager: true }).enqueue(word)).id)
  }
  return { tasks, order, note, runEagerly }
}

type Answer = (path: string) => Promise<string | Readable>
type Install = 'by hand' | 'by autoInstall' | 'both ways'
type OpenHost = (tasks: TaskManager, install: Install, answer: Answer) => Server

const openNode: OpenHost = (tasks, install, answer) => {
  const reply: RequestListener = (req, res) => {
    answer(req.url ?? '').then(
      (body) => (typeof body === 'string' ? res.end(body) : body.pipe(res)),
      () => res.writeHead(500).end(),
    )
  }
  const scope = requestScope(tasks)
  const isManual = install !== 'by autoInstall'
  const server = createServer(isManual ? (req, res) => scope(req, res, () => void reply(req, res)) : reply)
  if (install !== 'by hand') mountNode(server, tasks, { autoInstall: true })
  return server
}

const openExpress: OpenHost = (tasks, install, answer) => {
  const app = express()
  if (install !== 'by hand') mountExpress(app, tasks, { autoInstall: true })
  if (install !== 'by autoInstall') app.use(requestScope(tasks))
  app.use(express.json())
  app.use(async (req, res) => {
    const body = await answer(req.url)
    if (typeof body === 'string') res.send(body)
    else body.pipe(res)
  })
  app.use((_error: unknown, _req: Request, res: Response, _next: NextFunction) => void res.sendStatus(500))
  return createServer(app)
}

const openKoa: OpenHost = (tasks, install, answer) => {
  const app = new Koa()
  app.silent = true
  if (install !== 'by hand') mountKoa(app, tasks, { autoInstall: true })
  if (install !== 'by autoInstall') app.use(requestScope(tasks))
  app.use(async (context) => {
    context.body = await answer(context.url)
  })
  const reply = app.callback()
  return createServer((req, res) => void reply(req, res))
}

const openFastify: OpenHost = (tasks, install, answer) => {
  const app = Fastify()
  if (install !== 'by hand') mountFastify(app, tasks, { autoInstall: true })
  const scope = requestScope(tasks)
  if (install !== 'by autoInstall')
    app.addHook('preValidation', (request, reply, done) => void scope(request.raw, reply.raw, done))
  app.all('*', async ({ url }, reply) => reply.send(await answer(url)))
  return createServer((req, res) => {
    app.ready(() => app.routing(req, res))
  })
}

const frameworks: readonly (readonly [string, OpenHost])[] = [
  ['node:http', openNode],
  ['express', openExpress],
  ['koa', openKoa],
  ['fastify', openFastify],
]
const installs: readonly Install[] = ['by hand', 'by autoInstall', 'both ways']
const hosts = frameworks.flatMap(([name, open]) => installs.map((install) => [name, install, open] as const))

describe.each(hosts)('requests of %s, scoped %s', (_name, install, open) => {
  it('store tasks at once and start them once the slow response is sent', async () => {
    const { tasks, order, note, runEagerly } = await openScene()
    const body = new PassThrough()
    let id = ''
    const answer = async (): Promise<Readable> => {
      id = (await note.enqueue('held')).id
      await runEagerly('eager')
      body.write('first ')
      return body
    }
    const response = await fetch(await listen(open(tasks, install, answer)))
    await runEagerly('streaming')
    expect(await tasks.get(id)).toMatchObject({ status: 'pending', attempt: 0 })
    expect(order).toEqual(['eager', 'streaming'])
    body.end('last')
    expect(await response.text()).toBe('first last')
    await tasks.idle()
    expect(order).toEqual(['eager', 'streaming', 'held'])
    expect(await tasks.get(id)).toMatchObject({ status: 'success', runAt: null, attempt: 1 })
  })

  it('start tasks after a response that is an error', async () => {
    const { tasks, order, note } = await openScene()
    const answer = async (): Promise<string> => {
      await note.enqueue('held')
      throw new Error('no')
    }
    const { status } = await fetch(await listen(open(tasks, install, answer)))
    expect(status).toBe(500)
    await vi.waitFor(() => expect(order).toEqual(['held']))
  })

  it('start tasks when the caller has gone', async () => {
    const { tasks, order, note, runEagerly } = await openScene()
    const stored = gate()
    const never = gate()
    const answer = async (): Promise<string> => {
      await note.enqueue('held')
      await runEagerly('eager')
      stored.open()
      await never.opened
      return 'too late'
    }
    const leaving = new AbortController()
    const answered = fetch(await listen(open(tasks, install, answer)), { signal: leaving.signal }).catch(() => null)
    await stored.opened
    expect(order).toEqual(['eager'])
    leaving.abort()
    await answered
    await vi.waitFor(() => expect(order).toEqual(['eager', 'held']))
    never.open()
  })

  it('hold tasks each by itself, however many there are at once', async () => {
    const { tasks, order, note, runEagerly } = await openScene()
    const names = ['/a', '/b', '/c', '/d']
    const gates = new Map(names.map((name) => [name, { stored: gate(), sent: gate() }]))
    const answer = async (path: string): Promise<string> => {
      await tasks.enqueueMany([
        { name: 'note', args: [path] },
        { name: 'note', args: [`${path} later`], options: { delay: '1h' } },
      ])
      await note.enqueue(path)
      gates.get(path)!.stored.open()
      await gates.get(path)!.sent.opened
      return path
    }
    const origin = await listen(open(tasks, install, answer))
    const answered = new Map(names.map((name) => [name, fetch(origin + name).then((response) => response.text())]))
    for (const { stored } of gates.values()) await stored.opened
    const expected: string[] = []
    for (const name of ['/c', '/a', '/d', '/b']) {
      gates.get(name)!.sent.open()
      expect(await answered.get(name)).toBe(name)
      expected.push(name, name)
      await vi.waitFor(() => expect(order.length).toBeGreaterThanOrEqual(expected.length))
      await runEagerly(`after ${name}`)
      expected.push(`after ${name}`)
      expect(order).toEqual(expected)
    }
  })
})

describe('the scope of a request', () => {
  it('is there in handlers of Fastify that are given a body', async () => {
    const { tasks, order, note, runEagerly } = await openScene()
    const app = Fastify()
    mountFastify(app, tasks, { autoInstall: true })
    app.post('/', async ({ body }) => {
      await note.enqueue('held')
      await runEagerly(body as string)
      return order.join()
    })
    servers.push(app)
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    const init = { method: 'POST', body: 'eager', headers: { 'content-type': 'text/plain' } }
    expect(await (await fetch(origin, init)).text()).toBe('eager')
    await vi.waitFor(() => expect(order).toEqual(['eager', 'held']))
  })

  it('is there in listeners of its body, whenever that comes', async () => {
    const { tasks, order, note, runEagerly } = await openScene()
    const server = createServer((req, res) => {
      req.resume().on('end', () => {
        void note
          .enqueue('held')
          .then(() => runEagerly('eager'))
          .then(() => res.end(order.join()))
      })
    })
    mountNode(server, tasks, { autoInstall: true })
    const origin = await listen(server)
    const sending = request(origin, { method: 'POST' })
    const answered = once(sending, 'response')
    sending.write('first')
    await once(server, 'request')
    sending.end('last')
    const [response] = (await answered) as [Readable]
    expect((await response.toArray()).join('')).toBe('eager')
    await vi.waitFor(() => expect(order).toEqual(['eager', 'held']))
  })

  it('is there behind a parser of uploads', async () => {
    const { tasks, order, note, runEagerly } = await openScene()
    const app = express()
    app.use(requestScope(tasks), multer().any())
    app.post('/', async (_req, res) => {
      await note.enqueue('held')
      await runEagerly('eager')
      res.json(order)
    })
    const form = new FormData()
    form.set('file', new Blob(['x'.repeat(500_000)]), 'x.txt')
    const response = await fetch(await listen(createServer(app)), { method: 'POST', body: form })
    expect(await response.json()).toEqual(['eager'])
    await vi.waitFor(() => expect(order).toEqual(['eager', 'held']))
  })

  it('is that of HTTP/2, too', async () => {
    const { tasks, order, note, runEagerly } = await openScene()
    const scope = requestScope(tasks)
    const server = createHttp2Server((req, res) => {
      const answer = async (): Promise<void> => {
        await note.enqueue('held')
        await runEagerly('eager')
        res.end(order.join())
      }
      void scope(req, res, answer)
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    expect((await session.request({ ':path': '/' }).setEncoding('utf8').toArray()).join('')).toBe('eager')
    session.close()
    await vi.waitFor(() => expect(order).toEqual(['eager', 'held']))
  })

  it('is not there without autoInstall', async () => {
    const { tasks, order, note } = await openScene()
    const server = createServer((_req, res) => {
      const answer = async (): Promise<void> => {
        await tasks.wait((await note.enqueue('at once')).id)
        res.end(order.join())
      }
      void answer()
    })
    mountNode(server, tasks)
    expect(await (await fetch(await listen(server))).text()).toBe('at once')
  })
})

it('autoInstall needs true or false, and tasks that know requests', () => {
  const tasks = openManager()
  expect(() => mountNode(createServer(), tasks, { autoInstall: 'yes' as unknown as boolean })).toThrow(
    withCode('bad_option'),
  )
  const strange = mountable(new ScriptedSource())
  expect(() => mountNode(createServer(), strange, { autoInstall: true })).toThrow(withCode('bad_option'))
})

it('requestScope refuses what is no request', () => {
  const scope = requestScope(openManager()) as (...input: readonly unknown[]) => unknown
  expect(() => scope({}, () => undefined)).toThrow(withCode('bad_option'))
  expect(() => scope({}, {}, () => undefined)).toThrow(withCode('bad_option'))
  expect(scope).toHaveLength(3)
})

function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}
