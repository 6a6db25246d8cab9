import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads'
import { describeThrown } from '../../core/error-text.ts'
import { Claims } from './claims.ts'
import type { Death, OpenWorker, WorkerEvents } from './worker-port.ts'

/** Messages that are heard in one go, before others have their turn. */
const maxInOneGo = 1_000

/** What a thread is started with. */
export interface ThreadData {
  readonly port: MessagePort
  readonly claims: SharedArrayBuffer
}

/** Starts a thread that keeps nothing alive. What it prints beside its task's log is read and dropped. */
export const openThread: OpenWorker = ({ memoryMb }, events) => {
  const { port1: port, port2 } = new MessageChannel()
  const claims = new Claims()
  const workerData: ThreadData = { port: port2, claims: claims.memory }
  const worker = new Worker(new URL('./thread-worker.js', import.meta.url), {
    stdout: true,
    stderr: true,
    workerData,
    transferList: [port2],
    ...(memoryMb === null ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }),
  })
  worker.stdout.resume()
  worker.stderr.resume()
  worker.unref()
  listen(worker, port, events)
  return {
    claims,
    post: (message) => port.postMessage(message),
    kill: () => void worker.terminate(),
  }
}

/** A port of our own: what is left in it when the thread is gone can still be read, and its functions do not find it. */
function listen(worker: Worker, port: MessagePort, { onMessage, onDeath }: WorkerEvents): void {
  let cause: Death | null = null
  port.on('message', (message: unknown) => {
    onMessage(message)
    // Taking them out costs half of being called for each.
    drain(port, onMessage, maxInOneGo)
  })
  port.unref()
  worker.on('error', (error) => {
    cause ??= causeOf(error)
  })
  worker.on('exit', (code) => {
    drain(port, onMessage, Number.POSITIVE_INFINITY)
    port.close()
    onDeath(cause ?? { kind: 'exited', code })
  })
}

function drain(port: MessagePort, onMessage: (message: unknown) => void, limit: number): void {
  for (let count = 0; count < limit; count += 1) {
    const received = receiveMessageOnPort(port) as { readonly message: unknown } | undefined
    if (!received) return
    onMessage(received.message)
  }
}

function causeOf(error: unknown): Death {
  const { code } = error as { readonly code?: unknown }
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return { kind: 'out_of_memory' }
  if (code === 'ERR_WORKER_INIT_FAILED') return { kind: 'not_started', thrown: describeThrown(error) }
  return { kind: 'crashed', thrown: describeThrown(error) }
}
