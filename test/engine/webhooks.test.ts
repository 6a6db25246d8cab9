import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memory, verifyWebhook, webhooks, type EngineFault, type WebhookOptions } from '@taskloom/engine'
import { buildRecord, createFakeClock } from '@taskloom/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openManager, withCode } from './open-manager.ts'

const secret = 'a secret of twenty-three'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly event: { readonly id: string; readonly event: string; readonly task: Readonly<Record<string, unknown>> }
}

let server: Server
let received: Received[]
/** What the endpoint answers; null keeps it silent. */
let answers: (number | null)[]
let url: string
let folder: string

beforeEach(async () => {
  received = []
  answers = []
  folder = mkdtempSync(join(tmpdir(), 'taskloom-hook-'))
  server = createServer((request, response) => {
    void request
      .setEncoding('utf8')
      .toArray()
      .then((chunks) => {
        const body = chunks.join('')
        received.push({ headers: request.headers, body, event: JSON.parse(body) as Received['event'] })
        const status = answers.length > 0 ? answers.shift() : 204
        if (status) response.writeHead(status, status === 302 ? { location: `${url}/elsewhere` } : {}).end()
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('webhooks', () => {
  it('post what they should hear of, signed so that it can be verified', async () => {
    const events = ['create', 'start', 'retry', 'complete', 'fail'] as const
    const tasks = openManager({ observers: [webhooks({ url, secret, events })] })
    let runs = 0
    const flaky = tasks.define('flaky', { retries: 1, delay: 0 }, () => {
      runs += 1
      if (runs === 1) throw new Error('first')
    })
    await tasks.start()
    const { id } = await flaky.enqueue()
    await expect
      .poll(() => received.map(({ event }) => event.event).sort())
      .toEqual(['complete', 'create', 'retry', 'start', 'start'])
    const complete = received.find(({ event }) => event.event === 'complete')
    expect(complete?.event.task).toMatchObject({ task_id: id, func_name: 'flaky', status: 'success', attempt: 2 })
    expect(complete?.event.task).not.toHaveProperty('args')
    const { body, headers } = complete!
    expect(headers).toMatchObject({ 'taskloom-event': 'complete', 'taskloom-delivery': complete?.event.id })
    const check = {
      body,
      secret,
      timestamp: headers['taskloom-timestamp'] as string,
      signature: headers['taskloom-signature'] as string,
    }
    expect(verifyWebhook(check)).toBe(true)
    expect(verifyWebhook({ ...check, body: `${body} ` })).toBe(false)
    expect(verifyWebhook({ ...check, secret: 'another secret of mine' })).toBe(false)
    expect(verifyWebhook({ ...check, timestamp: String(Number(check.timestamp) - 1) })).toBe(false)
    expect(verifyWebhook({ ...check, tolerance: 0, timestamp: '1' })).toBe(false)
    expect(verifyWebhook({ ...check, signature: undefined })).toBe(false)
    await expect.poll(() => tasks.undelivered()).toMatchObject([{ waiting: 0, dead: 0 }])
  })

  it('sign with each secret while one is replaced', async () => {
    const tasks = openManager({ observers: [webhooks({ url, secret: ['the next secret of mine', secret] })] })
    const work = tasks.define('work', () => 1)
    await tasks.start()
    await work.enqueue()
    await expect.poll(() => received.length).toBe(1)
    const { body, headers } = received[0]!
    const [timestamp, signature] = [headers['taskloom-timestamp'], headers['taskloom-signature']] as string[]
    expect(verifyWebhook({ body, timestamp, signature, secret })).toBe(true)
    expect(verifyWebhook({ body, timestamp, signature, secret: 'the next secret of mine' })).toBe(true)
  })

  it('are tried again ever later with the same id, follow no redirect, and are given up with a fault', async () => {
    const clock = createFakeClock()
    answers = [500, 302, 503]
    const tasks = openManager({ clock, observers: [webhooks({ url, secret, name: 'hook', attempts: 3 })] })
    const faults: EngineFault[] = []
    tasks.on('error', (fault) => faults.push(fault))
    const work = tasks.define('work', () => 1)
    await tasks.start()
    const { id } = await work.enqueue()
    for (const count of [1, 2, 3]) {
      await expect
        .poll(async () => {
          await clock.advance(1_000)
          return received.length
        })
        .toBe(count)
    }
    await expect.poll(() => tasks.undelivered()).toEqual([{ name: 'hook', waiting: 0, dead: 1 }])
    expect(new Set(received.map(({ event }) => event.id)).size).toBe(1)
    expect(received.map(({ headers }) => headers['taskloom-attempt'])).toEqual(['1', '2', '3'])
    expect(faults).toEqual([
      { during: 'delivering to hook', error: new Error('Given up after 3 attempts: It answered 503'), taskId: id },
    ])
    await clock.advance(60_000)
    expect(received).toHaveLength(3)
  })

  it('do not wait for an endpoint that is silent, and a silent one holds up no other', async () => {
    const clock = createFakeClock()
    answers = [null]
    const observers = [webhooks({ url, secret, name: 'silent', timeout: 3_000 })]
    const tasks = openManager({ clock, observers })
    const work = tasks.define('work', () => 1)
    await tasks.start()
    const { id } = await work.enqueue()
    expect((await tasks.wait(id)).status).toBe('success')
    await expect.poll(() => received.length).toBe(1)
    await clock.advance(3_000)
    await expect
      .poll(async () => {
        await clock.advance(1_000)
        return received.length
      })
      .toBe(2)
    await expect.poll(() => tasks.undelivered()).toEqual([{ name: 'silent', waiting: 0, dead: 0 }])
  })

  it('survive a restart', async () => {
    answers = [500]
    const store = join(folder, 'tasks.db')
    const options: WebhookOptions = { url, secret, name: 'hook' }
    const first = openManager({ store, observers: [webhooks(options)] })
    const work = first.define('work', () => 1)
    await first.start()
    await work.enqueue()
    await expect.poll(() => received.length).toBe(1)
    await expect.poll(() => first.undelivered()).toEqual([{ name: 'hook', waiting: 1, dead: 0 }])
    await first.shutdown()
    const clock = createFakeClock(Date.now() + 60_000)
    const second = openManager({ store, clock, observers: [webhooks(options)] })
    await second.start()
    await expect.poll(() => received.length).toBe(2)
    expect(received[1]?.event.id).toBe(received[0]?.event.id)
    await expect.poll(() => second.undelivered()).toEqual([{ name: 'hook', waiting: 0, dead: 0 }])
    const stopping = second.shutdown({ timeoutMs: 0 })
    await clock.advance(10_000)
    await stopping
  })

  it('are deleted after a week, however many they are', async () => {
    const clock = createFakeClock(Date.UTC(2026, 0, 9))
    const createdAt = clock.now() - 8 * 86_400_000
    const store = memory()
    const next = buildRecord({ createdAt })
    const message = (index: number) => {
      return { id: `m${index}`, recipient: 'gone', event: 'create', taskId: next.taskId, createdAt, body: '{}' }
    }
    const outbox = Array.from({ length: 1_200 }, (_, index) => message(index))
    await store.tasks.write([{ previous: null, next, attempt: null, logs: [], outbox }])
    const tasks = openManager({ store, clock, observers: [webhooks({ url, secret })] })
    await tasks.start()
    await expect.poll(() => store.outbox.count('gone')).toEqual({ waiting: 0, dead: 0 })
  })

  it('survive kill -9 in the middle of a delivery', async () => {
    answers = [null]
    const store = join(folder, 'tasks.db')
    const script = fileURLToPath(new URL('./webhook-worker.mjs', import.meta.url))
    const child = spawn(process.execPath, [script, store, url, secret], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [output] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
    await expect.poll(() => received.length, { timeout: 5_000 }).toBe(1)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const clock = createFakeClock(Date.now() + 600_000)
    const tasks = openManager({ store, clock, observers: [webhooks({ url, secret, name: 'hook' })] })
    await tasks.start()
    await expect.poll(() => received.length).toBe(2)
    expect(received.map(({ event }) => event.task['task_id'])).toEqual([output.trim(), output.trim()])
    expect(received[1]?.event.id).toBe(received[0]?.event.id)
    const stopping = tasks.shutdown({ timeoutMs: 0 })
    await clock.advance(10_000)
    await stopping
  })

  it('refuse what cannot be meant', () => {
    const wrong = [
      { secret },
      { url: 'ftp://host/', secret },
      { url: 'https://ann:pw@host/', secret },
      { url },
      { url, secret: 'short' },
      { url, secret, events: ['everything'] },
      { url, secret, attempts: 0 },
      { url, secret, timeout: 0 },
      { url, secret, retries: 3 },
    ]
    for (const options of wrong) expect(() => webhooks(options as never)).toThrow(withCode('bad_option'))
  })
})
