import { driverMissing } from '../opening.ts'
import type { Command, Reply } from './connection.ts'

/** A client of ioredis that is the host's; only its shape is told, the host's version need not be the engine's. */
export interface IoredisLike {
  /** `ready` while commands can be sent. */
  readonly status: string
  /** Sends a command. */
  call(command: string, ...args: (string | number | Buffer)[]): Promise<unknown>
  /** Another client like it: not connected, and not subscribing anew by itself, when the changes say so. */
  duplicate(changes: { readonly lazyConnect: boolean; readonly autoResubscribe: boolean }): IoredisLike
  /** Connects. */
  connect(): Promise<unknown>
  /** Subscribes. */
  subscribe(channel: string): Promise<unknown>
  /** Closes the connection at once, and opens it again when `reconnect` says so. */
  disconnect(reconnect?: boolean): void
  /** Hears an event. */
  on(event: string, listener: (...facts: string[]) => void): unknown
  /** Hears it no more. */
  off(event: string, listener: (...facts: string[]) => void): unknown
}

/** A client of node-redis (the package `redis`, 4 or newer) that is the host's. */
export interface NodeRedisLike {
  /** Whether commands can be sent. */
  readonly isReady: boolean
  /** Sends a command. */
  sendCommand(args: (string | Buffer)[]): Promise<unknown>
  /** Another client like it, not connected. */
  duplicate(): NodeRedisLike
  /** Connects. */
  connect(): Promise<unknown>
  /** Subscribes. */
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  /** Closes the connection at once; its name until version 5. */
  disconnect?(): Promise<unknown>
  /** Closes the connection at once; its name since version 5. */
  destroy?(): void
  /** Hears an event. */
  on(event: string, listener: (...facts: string[]) => void): unknown
  /** Hears it no more. */
  off(event: string, listener: (...facts: string[]) => void): unknown
}

/** What the store needs of a client, whichever it is. */
export interface RedisClient {
  /** Whether a command would be sent at once. */
  isReady(): boolean
  /** Sends a command; rejects with what Redis or the connection said. */
  send(command: Command): Promise<Reply>
  /** Gives a connection up from which no answer comes, so that a new one is made; a client of the host's is let be. */
  renew(): void
  /**
   * Listens on a channel with a connection of its own. `onRenewed` is called each time that it listens anew: what was told
   * meanwhile was not heard.
   */
  subscribe(channel: string, onMessage: (message: string) => void, onRenewed: () => void): Promise<Subscription>
  /** Ends what is not the host's. Never throws. */
  close(): void
}

/** Listening on a channel. */
export interface Subscription {
  /** Whether it hears now. */
  isHearing(): boolean
  /** Ends it. Never throws. */
  close(): void
}

/** Options of ioredis, such as `host`, `port`, `password`, `db` and `tls`. */
export interface IoredisOptions {
  readonly [option: string]: unknown
}

/** What a store can be made from: a connection string, options of ioredis, or a client of the host's. */
export type RedisSource = string | IoredisOptions | IoredisLike | NodeRedisLike

/** Longest pause between two tries to connect, and how much of it is left to chance. */
const longestPauseMs = 2_000
const firstPauseMs = 50
/** Redis answers a greeting within so long. While it loads what it has on its disk it does, but says that it is not ready. */
const greetedWithinMs = 5_000
/** How often a connection that listens is asked whether it is there. */
const proveEveryMs = 5_000

/** A client for the store; connects when it is one of its own. */
export async function openClient(source: RedisSource, connectTimeoutMs: number): Promise<RedisClient> {
  if (isNodeRedis(source)) return new NodeRedisClient(source)
  if (isIoredis(source)) return new IoredisClient(source, false)
  const client = await createIoredis(source, connectTimeoutMs)
  const own = new IoredisClient(client, true)
  // The refusal says only that it is closed; why was said before.
  let why: unknown = null
  const hear = (error: unknown): void => void (why = error)
  client.on('error', hear)
  try {
    await client.connect()
  } catch (cause) {
    own.close()
    throw why ?? cause
  }
  client.off('error', hear)
  return own
}

function isNodeRedis(source: RedisSource): source is NodeRedisLike {
  return typeof source !== 'string' && 'sendCommand' in source && 'isReady' in source
}

function isIoredis(source: RedisSource): source is IoredisLike {
  return typeof source !== 'string' && 'call' in source && 'status' in source
}

async function createIoredis(source: string | IoredisOptions, connectTimeoutMs: number): Promise<IoredisLike> {
  const Redis = await loadIoredis()
  const options: IoredisOptions = {
    ...{ lazyConnect: true, connectTimeout: connectTimeoutMs, retryStrategy: pauseBefore, keepAlive: 10_000 },
    // What was not answered is asked again by the store, which knows whether that is harmless; never by the client.
    ...{ enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 },
  }
  return typeof source === 'string' ? new Redis(source, options) : new Redis({ ...source, ...options })
}

type IoredisConstructor = new (...options: readonly (string | IoredisOptions)[]) => IoredisLike

async function loadIoredis(): Promise<IoredisConstructor> {
  try {
    const { Redis } = await import('ioredis')
    return Redis
  } catch (cause) {
    throw driverMissing('The Redis store needs the package ioredis, which is not installed: npm install ioredis', cause)
  }
}

/** Grows, and differs from process to process: not all come back in the same moment. */
function pauseBefore(tries: number): number {
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(tries, 10))
  return Math.round(pauseMs * (0.5 + Math.random() / 2))
}

/** Without a listener an error of a client would be thrown at the host. What it means is seen where commands fail. */
function ignoreError(): void {}

class IoredisClient implements RedisClient {
  /** It says that it is ready until the connection that was given up is closed. */
  #isRenewing = false
  readonly #onClose = (): void => void (this.#isRenewing = false)

  constructor(
    private readonly client: IoredisLike,
    private readonly isOwn: boolean,
  ) {
    client.on('error', ignoreError)
    client.on('close', this.#onClose)
    if (isOwn) renewUnready(client)
  }

  isReady(): boolean {
    return this.client.status === 'ready' && !this.#isRenewing
  }

  send([name, ...args]: Command): Promise<Reply> {
    return this.client.call(String(name), ...args) as Promise<Reply>
  }

  renew(): void {
    if (!this.isOwn || !this.isReady()) return
    this.#isRenewing = true
    this.client.disconnect(true)
  }

  async subscribe(channel: string, onMessage: (message: string) => void, onRenewed: () => void): Promise<Subscription> {
    // Left to itself it subscribes anew behind our back, and what goes wrong then is thrown at the host.
    const listener = this.client.duplicate({ lazyConnect: true, autoResubscribe: false })
    listener.on('error', ignoreError)
    renewUnready(listener)
    listener.on('message', (_channel: string, message: string) => onMessage(message))
    try {
      await listener.connect()
      await listener.subscribe(channel)
    } catch (cause) {
      listener.disconnect()
      throw cause
    }
    const stopProving = proveHearing(listener)
    listener.on('ready', () => {
      listener.subscribe(channel).then(onRenewed, ignoreError)
    })
    const close = (): void => {
      stopProving()
      listener.disconnect()
    }
    return { isHearing: () => listener.status === 'ready', close }
  }

  close(): void {
    this.client.off('close', this.#onClose)
    if (!this.isOwn) this.client.off('error', ignoreError)
    else this.client.disconnect()
  }
}

/** The client greets a new connection and waits for ever: one that was made while the network swallowed all is given up. */
function renewUnready(client: IoredisLike): void {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => clearTimeout(timer)
  client.on('connect', () => {
    stop()
    timer = setTimeout(() => client.disconnect(true), greetedWithinMs).unref()
  })
  client.on('ready', stop)
  client.on('close', stop)
}

/**
 * Whoever only listens misses no answer when the network is gone without a word. So it asks for one now and then, and
 * makes a new connection when none came until the next time.
 */
function proveHearing(listener: IoredisLike): () => void {
  let isWaiting = false
  const answered = (): void => void (isWaiting = false)
  const ask = (): void => {
    if (listener.status !== 'ready') return answered()
    if (isWaiting) {
      answered()
      return listener.disconnect(true)
    }
    isWaiting = true
    listener.call('PING').then(answered, answered)
  }
  const timer = setInterval(ask, proveEveryMs).unref()
  return () => clearInterval(timer)
}

class NodeRedisClient implements RedisClient {
  constructor(private readonly client: NodeRedisLike) {
    client.on('error', ignoreError)
  }

  isReady(): boolean {
    return this.client.isReady
  }

  async send(command: Command): Promise<Reply> {
    return flat(await this.client.sendCommand(command.map((word) => (typeof word === 'number' ? String(word) : word))))
  }

  renew(): void {}

  async subscribe(channel: string, onMessage: (message: string) => void, onRenewed: () => void): Promise<Subscription> {
    const listener = this.client.duplicate()
    listener.on('error', ignoreError)
    const close = (): void => endNodeRedis(listener)
    try {
      await listener.connect()
      await listener.subscribe(channel, onMessage)
    } catch (cause) {
      close()
      throw cause
    }
    // It subscribes anew by itself before it says that it is ready.
    listener.on('ready', onRenewed)
    return { isHearing: () => listener.isReady, close }
  }

  close(): void {
    this.client.off('error', ignoreError)
  }
}

function endNodeRedis(client: NodeRedisLike): void {
  try {
    if (client.destroy) client.destroy()
    else client.disconnect?.().catch(ignoreError)
  } catch {
    // It was closed already.
  }
}

/** Maps of the newer protocol as the older one has them. */
function flat(reply: unknown): Reply {
  if (Array.isArray(reply)) return reply.map(flat)
  if (reply instanceof Map) return [...reply].flatMap(([key, value]) => [flat(key), flat(value)])
  if (typeof reply === 'string' || typeof reply === 'number' || reply === null) return reply
  if (Buffer.isBuffer(reply)) return reply.toString()
  if (typeof reply === 'object') return Object.entries(reply).flatMap(([key, value]) => [key, flat(value)])
  return Number(reply)
}
