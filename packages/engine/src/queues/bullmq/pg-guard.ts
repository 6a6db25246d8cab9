import type { createPostgresBackend } from 'bullmq'
import type * as pgModule from 'pg'

type Backend = typeof createPostgresBackend

/** What is reached of BullMQ's connection to PostgreSQL. */
interface Inside {
  readonly connection: { pgModule?: object }
}

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

/** The backend of BullMQ whose client that listens is a guarded one, too. */
export function guardedBackend(create: Backend, pg: object, Client: object): Backend {
  const guarded = (...args: Parameters<Backend>): ReturnType<Backend> => {
    const backend = create(...args)
    const { connection } = backend as unknown as Inside
    if (connection.pgModule !== undefined) connection.pgModule = { ...pg, Client }
    return backend
  }
  return guarded
}
