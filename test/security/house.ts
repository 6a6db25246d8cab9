import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Koa from 'koa'
import { TaskManager } from '@taskloom/engine'
import { mount as mountExpress } from '@taskloom/engine/express'
import { mount as mountKoa } from '@taskloom/engine/koa'
import { mount as mountNode, type Mount, type MountOptions } from '@taskloom/engine/node'
import { attachUpgrade } from '@taskloom/engine/ws'
import { expect } from 'vitest'
import { systemClock } from '../../packages/engine/src/system-clock.ts'
import { sendRaw } from '../../packages/testkit/src/adapter-suite/wire.ts'

/** An answer without what differs from one connection to the next. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export const people = {
  alice: { username: 'alice', password: 'correct horse battery staple', role: 'admin' },
  otto: { username: 'otto', password: 'otto operates the shop', role: 'operator' },
  vera: { username: 'vera', password: 'vera only wants to look', role: 'viewer' },
} as const
export type Person = keyof typeof people
export const secretKey = 'a secret of the house that is long enough'

/** What any browser sends with a command of our page. */
export const proof = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }

/**
 * One set of tasks behind the same mount on node:http, Express and Koa: what one answers all must answer, byte for byte.
 */
export interface House {
  readonly tasks: TaskManager
  /** Origins of the three, node:http first. */
  readonly origins: readonly string[]
  /** What the handlers told their host of failures. */
  readonly errors: unknown[]
  /** Moves the servers' time; tasks keep theirs. */
  readonly clock: { shiftMs: number }
  /** Asks all three in turn and gives what they agree on. */
  ask(path: string, asked?: Asked): Promise<Answer>
  /** Asks only the first. */
  askOne(path: string, asked?: Asked, origin?: string): Promise<Answer>
  /** Sends the text as it is to all three and gives what they agree on. */
  raw(text: string): Promise<string>
  /** Signs in anew; gives the header with the cookie. */
  signIn(person?: Person, origin?: string): Promise<{ cookie: string }>
  /** A task that has failed. */
  failed(): Promise<string>
  /** A task that waits. */
  waiting(): Promise<string>
  close(): Promise<void>
}

export async function openHouse(options: MountOptions = {}, store?: string): Promise<House> {
  const tasks = new TaskManager(store === undefined ? {} : { store })
  const fail = tasks.define('fail', () => Promise.reject(new Error('refused')))
  const wait = tasks.define('wait', () => undefined)
  await tasks.start()
  const errors: unknown[] = []
  const clock = { shiftMs: 0 }
  const settings: MountOptions = {
    auth: Object.values(people),
    secretKey,
    onError: (error) => errors.push(error),
    clock: {
      now: () => Date.now() + clock.shiftMs,
      after: (delayMs, run) => systemClock.after(delayMs, run),
    },
    ...options,
  }
  const doors = await Promise.all(openDoors(tasks, settings))
  const origins = doors.map(({ origin }) => origin)

  async function askOne(path: string, asked: Asked = {}, origin = origins[0] ?? ''): Promise<Answer> {
    const { method = 'GET', headers = {}, body } = asked
    const base = `${origin}${tasksPath}`
    const init = { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) } as const
    const response = await fetch(base + path, init)
    return readAnswer(response)
  }
  async function ask(path: string, asked: Asked = {}): Promise<Answer> {
    const answers: Answer[] = []
    for (const origin of origins) answers.push(await askOne(path, asked, origin))
    return agreed(answers, `${asked.method ?? 'GET'} ${path}`)
  }
  return {
    tasks,
    origins,
    errors,
    clock,
    ask,
    askOne,
    async raw(text) {
      const answers: string[] = []
      for (const origin of origins) answers.push(withoutHops(await sendRaw(origin, text)))
      return agreed(answers, text)
    },
    async signIn(person = 'alice', origin) {
      const { username, password } = people[person]
      const body = JSON.stringify({ username, password })
      const { status, headers } = await askOne('/auth/login', { method: 'POST', headers: proof, body }, origin)
      expect(status).toBe(200)
      return { cookie: (headers['set-cookie'] ?? '').split(';')[0] ?? '' }
    },
    async failed() {
      const { id } = await tasks.enqueue(fail, [])
      await tasks.wait(id)
      return id
    },
    waiting: async () => (await tasks.enqueue(wait, [], { delay: '1h' })).id,
    async close() {
      await Promise.all(doors.map((door) => door.close()))
      await tasks.shutdown({ timeoutMs: 0 })
    },
  }
}

export const tasksPath = '/tasks'

/** The body of a problem. */
export function codeOf({ status, body }: Answer): string {
  return `${status} ${(JSON.parse(body) as { code: string }).code}`
}

interface Door {
  readonly origin: string
  close(): Promise<void>
}

/** The tasks outlive each of their doors. */
function openDoors(tasks: TaskManager, options: MountOptions): readonly Promise<Door>[] {
  const shared = { source: tasks.source, start: () => Promise.resolve(), shutdown: () => Promise.resolve() }
  const node = createServer((_, res) => res.end('host'))
  const app = express()
  const koa = new Koa()
  const first = mountNode(node, shared, options)
  const second = mountExpress(app, shared, options)
  const third = mountKoa(koa, shared, options)
  app.use((_request, response) => void response.end('host'))
  koa.use((context) => void (context.body = 'host'))
  const answer = koa.callback()
  const koaServer = createServer((req, res) => void answer(req, res))
  return [listen(node, first), listen(createServer(app), second), listen(koaServer, third)]
}

async function listen(server: Server, mounted: Mount): Promise<Door> {
  attachUpgrade(server, mounted)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
      await mounted.close()
    },
  }
}

const hopHeaders = ['date', 'connection', 'keep-alive', 'transfer-encoding']

async function readAnswer(response: Response): Promise<Answer> {
  const headers = Object.fromEntries([...response.headers].filter(([name]) => !hopHeaders.includes(name)))
  return { status: response.status, headers, body: await response.text() }
}

/** The answers of the host itself are its own, down to what Express adds to them. */
function withoutHops(answer: string): string {
  const own = answer.replace(/^(date|connection|keep-alive|transfer-encoding): .*\r\n/gim, '')
  if (!own.endsWith('\r\n\r\nhost')) return own
  return own.replace(/^(x-powered-by|content-type|content-length): .*\r\n/gim, '')
}

/** Ids of failures and instants of the answer are drawn anew each time; all else is the same. */
function agreed<T>(answers: readonly T[], asked: string): T {
  const comparable = answers.map((answer) =>
    JSON.stringify(answer)
      .replace(/\\"id\\":\\"[\da-f-]{36}\\"/g, '"id"')
      .replace(/127\.0\.0\.1:\d+/g, 'host'),
  )
  for (const one of comparable) expect(one, asked).toBe(comparable[0])
  return answers[0] as T
}
