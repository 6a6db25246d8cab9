import { randomBytes } from 'node:crypto'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { mount, type Mount, type MountOptions } from '@taskloom/engine/node'
import { decodeLiveMessage, type LiveEvent } from '@taskloom/protocol'
import { mountable, ScriptedSource } from '@taskloom/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import WebSocket from 'ws'
import { attachUpgrade } from '../../packages/engine/src/adapters/ws.ts'

const closing: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface Host {
  readonly source: ScriptedSource
  readonly server: Server
  readonly mounted: Mount
  readonly origin: string
  open(path?: string, headers?: Record<string, string>): Talk
  /** The status and code of an upgrade that is refused. */
  refusal(path?: string, headers?: Record<string, string>): Promise<string>
}

/** One connection with what came over it. */
interface Talk {
  readonly socket: WebSocket
  readonly texts: string[]
  readonly events: () => readonly LiveEvent[]
  readonly closed: Promise<number>
}

async function host(options: MountOptions = {}, prepare: (server: Server) => void = () => undefined): Promise<Host> {
  const source = new ScriptedSource()
  const server = createServer((_, response) => response.end('host'))
  prepare(server)
  const mounted = mount(server, mountable(source), options)
  attachUpgrade(server, mounted)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const dial = (path: string, headers: Record<string, string>) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, { headers })
    closing.push(() => socket.terminate())
    return socket
  }
  closing.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => void server.close(resolve))
  })
  return {
    source,
    server,
    mounted,
    origin,
    open(path = '/tasks/ws', headers = { origin }) {
      const socket = dial(path, headers)
      const texts: string[] = []
      socket.on('message', (data: Buffer) => texts.push(data.toString()))
      const events = () => texts.flatMap((text) => decodeLiveMessage(text) ?? [])
      const closed = new Promise<number>((resolve) => socket.on('close', (code: number) => resolve(code)))
      return { socket, texts, events, closed }
    },
    async refusal(path = '/tasks/ws', headers = { origin }) {
      const socket = dial(path, headers)
      socket.on('error', () => undefined)
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        socket.on('unexpected-response', (_, answer) => resolve(answer))
        socket.on('open', () => reject(new Error('It was let in')))
      })
      let text = ''
      for await (const chunk of response) text += String(chunk)
      const code = text === '' ? '' : ` ${(JSON.parse(text) as { code: string }).code}`
      return `${response.statusCode}${code}`
    },
  }
}

/** A connection that is open and not read. */
function dialRaw(origin: string): Promise<Duplex> {
  const handshake = {
    origin,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
  }
  return new Promise((resolve, reject) => {
    const request = get(`${origin}/tasks/ws`, { headers: handshake })
    request.on('error', reject)
    request.on('upgrade', (_, socket) => {
      closing.push(() => void socket.destroy())
      resolve(socket.on('error', () => undefined))
    })
  })
}

async function greeted(talk: Talk): Promise<Talk> {
  await vi.waitFor(() => expect(talk.events()[0]?.event).toBe('hello'), 5_000)
  return talk
}

describe('a WebSocket', () => {
  it('is told what the stream is told, each frame as one message', async () => {
    const { source, origin, open } = await host()
    const talk = await greeted(open('/tasks/ws?status=pending'))
    const sse = await fetch(`${origin}/tasks/stream?status=pending`)
    const reader = sse.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = (await reader.read()).value ?? ''
    const { taskId } = await source.add()
    while (!/event: tasks[^]*event: counts|event: counts[^]*event: tasks/.test(text)) {
      text += (await reader.read()).value ?? ''
    }
    await vi.waitFor(() => expect(talk.texts).toHaveLength(3), 5_000)
    await reader.cancel()
    const frames = text.split('\n\n').filter((frame) => frame.includes('event:'))
    const lines = frames.map((frame) => /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(frame)!.slice(1))
    const messages = talk.texts.map((message) => JSON.parse(message) as { id: string; event: string; data: unknown })
    expect(messages.slice(1)).toEqual(
      lines.slice(1).map(([id, event, data]) => ({ id, event, data: JSON.parse(data!) as unknown })),
    )
    const told = talk.events().find(({ event }) => event === 'tasks')
    expect(told).toMatchObject({ data: { changed: [{ taskId }] } })
  })

  it('goes on where it was', async () => {
    const { source, open } = await host()
    await source.add()
    const first = await greeted(open())
    first.socket.terminate()
    await source.add()
    const talk = await greeted(open(`/tasks/ws?last_event_id=${first.events()[0]?.id}`))
    await vi.waitFor(() => expect(talk.events().map(({ event }) => event)).toContain('tasks'), 5_000)
    expect(talk.events().some(({ event }) => event === 'reset')).toBe(false)
  })

  it('may ask for a pong; whatever else it says is an error and no harm', async () => {
    const { open } = await host()
    const { socket, texts, events } = await greeted(open())
    for (const message of ['{"type":"ping"}', '{', 'null', '{"type":"drop"}', Buffer.from('{"type":"ping"}')]) {
      socket.send(message)
    }
    await vi.waitFor(() => expect(texts).toHaveLength(6), 5_000)
    const answers = texts.slice(1).map((text) => (JSON.parse(text) as { event: string }).event)
    expect(answers).toEqual(['pong', 'error', 'error', 'error', 'error'])
    expect([socket.readyState, events().length]).toEqual([WebSocket.OPEN, 1])
  })

  it('is closed when it sends more than four kibibytes', async () => {
    const { open } = await host()
    const { socket, closed } = await greeted(open())
    socket.send('x'.repeat(4_097))
    expect(await closed).toBe(1009)
  })

  it('that does not read loses its queue and is told to ask anew', async () => {
    const { source, open, origin } = await host()
    const quick = await greeted(open())
    const slow = await dialRaw(origin)
    // More than what the network holds for a reader that does not read, and its queue beside it.
    const frames = () => quick.texts.filter((text) => text.slice(0, 80).includes('"event":"tasks"')).length
    for (let round = 1; round <= 30; round += 1) {
      const before = frames()
      for (let added = 0; added < 190; added += 1) await source.add({ error: 'x'.repeat(3_000) })
      await vi.waitFor(() => expect(frames()).toBeGreaterThan(before), 5_000)
    }
    let text = ''
    slow.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    await vi.waitFor(() => expect(text).toContain('"event":"reset","data":{"reason":"slow_reader"}'), 10_000)
    expect(quick.events().some(({ event }) => event === 'reset')).toBe(false)
  }, 60_000)

  it('is let go when its connection breaks', async () => {
    const { source, open, mounted } = await host()
    const talks = await Promise.all(Array.from({ length: 20 }, () => greeted(open())))
    for (const { socket } of talks) socket.terminate()
    // Were they still counted, there would be no place for as many again.
    await vi.waitFor(async () => {
      const again = Array.from({ length: 50 }, () => open())
      try {
        await Promise.all(again.map(greeted))
      } finally {
        for (const { socket } of again) socket.on('error', () => undefined).terminate()
      }
    }, 20_000)
    await mounted.close()
    expect(source.listenerCount).toBe(0)
  }, 30_000)
})

describe('the end', () => {
  it('of the mount is said, with 1001', async () => {
    const { open, mounted } = await host()
    const { events, closed } = await greeted(open())
    await mounted.close()
    expect(await closed).toBe(1001)
    expect(events().at(-1)).toMatchObject({ event: 'bye', data: { reason: 'shutdown' } })
  })

  it('of the server waits for nobody who does not answer', async () => {
    const { origin, server } = await host()
    await dialRaw(origin)
    await new Promise((resolve) => void server.close(resolve))
  })
})

describe('before the upgrade', () => {
  it('the origin must be this one, or allowed', async () => {
    const { origin, refusal, open } = await host({ cors: ['https://admin.example.com'] })
    expect(await refusal('/tasks/ws', { origin: 'https://evil.test' })).toBe('403 cross_origin')
    expect(await refusal('/tasks/ws', { origin: 'null' })).toBe('403 cross_origin')
    expect(await refusal('/tasks/ws', { origin: `${origin}.evil.test` })).toBe('403 cross_origin')
    expect(await refusal('/tasks/ws', {})).toBe('403 cross_origin')
    await greeted(open('/tasks/ws', { origin: 'https://admin.example.com' }))
    await greeted(open('/tasks/ws', { 'x-api-key': 'shown' }))
  })

  it('nobody needs an origin where the mount says so', async () => {
    const { open, refusal } = await host({ allowNoOrigin: true })
    await greeted(open('/tasks/ws', {}))
    expect(await refusal('/tasks/ws', { origin: 'https://evil.test' })).toBe('403 cross_origin')
  })

  it('the query, the path and the number are looked at', async () => {
    const { refusal, open } = await host({ limits: { streams: 1 } })
    expect(await refusal('/tasks/ws?status=none')).toBe('400 bad_query')
    expect(await refusal('/tasks/stream')).toBe('404 not_found')
    expect(await refusal('/elsewhere')).toBe('404')
    await greeted(open())
    expect(await refusal()).toBe('429 too_many_requests')
  })

  it('a handshake that is none takes no place', async () => {
    const { origin, open } = await host({ limits: { streams: 1 } })
    const { port } = new URL(origin)
    const raw = connect(Number(port), '127.0.0.1')
    closing.push(() => void raw.destroy())
    raw.write(
      `GET /tasks/ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: ${origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
    )
    let text = ''
    for await (const chunk of raw) text += String(chunk)
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    await vi.waitFor(() => greeted(open()), 5_000)
  })

  it('other paths are the host’s, and its listener hears nothing of ours', async () => {
    const heard: (string | undefined)[] = []
    const { open, refusal } = await host({}, (server) => {
      server.on('upgrade', (request, socket) => {
        heard.push(request.url)
        socket.end('HTTP/1.1 418 Host\r\nconnection: close\r\n\r\n')
      })
    })
    expect(await refusal('/chat')).toBe('418')
    await greeted(open())
    expect(heard).toEqual(['/chat'])
  })
})

it('a plain request is told that only WebSocket is spoken', async () => {
  const { origin } = await host()
  const response = await fetch(`${origin}/tasks/ws`)
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket'])
  expect(await response.json()).toMatchObject({ code: 'upgrade_required' })
})

it('what mount() did not give is refused', () => {
  const attach = () => attachUpgrade(createServer(), { path: '/tasks', close: () => Promise.resolve() })
  expect(attach).toThrow(expect.objectContaining({ code: 'bad_option' }) as Error)
})

it('leaves requests of the host alone', async () => {
  const { origin } = await host()
  const text = await new Promise<string>((resolve) => {
    get(`${origin}/`, (response) => response.on('data', (chunk) => resolve(String(chunk))))
  })
  expect(text).toBe('host')
})
