import { setTimeout as pause } from 'node:timers/promises'
import type { createPostgresBackend } from 'bullmq'
import type * as pgModule from 'pg'

type Backend = typeof createPostgresBackend

/** What is reached of BullMQ's backend for PostgreSQL, and of its connection. */
interface Inside {
  readonly connection: {
    pgModule?: object
    readyPromise?: Promise<void> | undefined
    waitUntilReady(): Promise<void>
  }
  moveToActive(...terms: unknown[]): Promise<unknown>
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
 * while they connect.
 */
export function guardedBackend(create: Backend, pg: object, Client: object): Backend {
  const guarded = (...args: Parameters<Backend>): ReturnType<Backend> => {
    const backend = create(...args)
    const inside = backend as unknown as Inside
    if (inside.connection.pgModule !== undefined) inside.connection.pgModule = { ...pg, Client }
    connectAnew(inside.connection)
    askPatiently(inside)
    return backend
  }
  return guarded
}

/** BullMQ remembers for ever that its first connection failed: the worker would never be heard of again. */
function connectAnew(connection: Inside['connection']): void {
  const waitUntilReady = connection.waitUntilReady.bind(connection)
  connection.waitUntilReady = async () => {
    const ready = waitUntilReady()
    const { readyPromise } = connection
    try {
      await ready
    } catch (error) {
      // Somebody else may have begun to connect anew.
      if (connection.readyPromise === readyPromise) connection.readyPromise = undefined
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
