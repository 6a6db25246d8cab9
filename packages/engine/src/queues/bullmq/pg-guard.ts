import { setTimeout as pause } from 'node:timers/promises'
import type { createPostgresBackend } from 'bullmq'
import type * as pgModule from 'pg'

type Backend = typeof createPostgresBackend

/** What connects once and remembers how that went. */
interface Connecting {
  readyPromise?: Promise<void> | undefined
  waitUntilReady(): Promise<void>
}

/** What is reached of BullMQ's backend for PostgreSQL, and of its connection. */
interface Inside extends Connecting {
  readonly connection: Connecting & { pgModule?: object }
  moveToActive(...terms: unknown[]): Promise<unknown>
  moveToCompleted(...terms: unknown[]): Promise<unknown>
}

/** How long a worker that could not ask for a job waits before it asks again. */
const pauseMs = 250

/**
 * Clients of pg that tell of an error only while somebody listens. BullMQ stops listening before it closes them, and a server
 * that ends just then would take the host down with it.
 */
export function guardedClient({ Client }: typeof pgModule.default): typeof pgModule.default.Client {
  return class GuardedClient extends Client {
    override emit(event: string | symbol, ...values: unknown[]): boolean {
      if (event === 'error' && this.listenerCount('error') === 0) return false
      return super.emit(event, ...(values as []))
    }
  }
}

/**
 * The backend of BullMQ whose client that listens is a guarded one, too, and whose workers outlive a server that goes away
 * while they connect, and say so again when it goes away while they tell it that a job is done.
 */
export function guardedBackend(create: Backend, pg: object, Client: object): Backend {
  const guarded = (...args: Parameters<Backend>): ReturnType<Backend> => {
    const backend = create(...args)
    const inside = backend as unknown as Inside
    if (inside.connection.pgModule !== undefined) inside.connection.pgModule = { ...pg, Client }
    connectAnew(inside.connection)
    connectAnew(inside)
    askPatiently(inside)
    tellPatiently(inside)
    return backend
  }
  return guarded
}

/**
 * BullMQ remembers for ever that its first connection failed, twice: the worker would never be heard of again, or take each
 * job that it has done for failed.
 */
function connectAnew(connecting: Connecting): void {
  const waitUntilReady = connecting.waitUntilReady.bind(connecting)
  connecting.waitUntilReady = async () => {
    const ready = waitUntilReady()
    const { readyPromise } = connecting
    try {
      await ready
    } catch (error) {
      // Somebody else may have begun to connect anew.
      if (connecting.readyPromise === readyPromise) connecting.readyPromise = undefined
      throw error
    }
  }
}

/** BullMQ asks at once again after most errors of PostgreSQL, without giving the event loop a turn. */
function askPatiently(inside: Inside): void {
  const moveToActive = inside.moveToActive.bind(inside)
  inside.moveToActive = async (...terms) => {
    try {
      return await moveToActive(...terms)
    } catch (error) {
      await pause(pauseMs, undefined, { ref: false })
      throw error
    }
  }
}

/**
 * That a job is done could not be told. BullMQ takes the code for that of a lost connection and tells it again; the name
 * keeps a worker that closes from taking the job for failed: another one is given it and finds that there is nothing to do.
 */
class UntoldError extends Error {
  override readonly name = 'WaitingError'
  readonly code = 'ECONNREFUSED'
}

/** A connection that ends under the statement is an error of the job to BullMQ, which would be kept as failed. */
function tellPatiently(inside: Inside): void {
  const moveToCompleted = inside.moveToCompleted.bind(inside)
  inside.moveToCompleted = async (...terms) => {
    try {
      return await moveToCompleted(...terms)
    } catch (error) {
      if (!isPassing(error)) throw error
      throw new UntoldError('PostgreSQL was not told that a job is done', { cause: error })
    }
  }
}

/** A code of PostgreSQL; those of the system begin with an E. */
const sqlState = /^(?!E)[0-9A-Z]{5}$/
/** Classes of them that pass: connection, read-only after a change of servers, rollback, resources, operator, system. */
const passingClasses = /^(08|25|40|53|57|58)/

/** Whether the same may go well later. What BullMQ itself finds wrong has a number, a lost connection no code of PostgreSQL. */
function isPassing(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown }
  if (typeof code === 'number') return false
  return typeof code !== 'string' || !sqlState.test(code) || passingClasses.test(code)
}
