import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'

/** How long what a thread is doing may delay closing. */
const dismissMs = 2_000

/** A thread that ends with its database open can take the process with it: it is asked to close first. */
export async function dismiss(worker: Worker, closing: string): Promise<void> {
  worker.ref()
  const ended = once(worker, 'exit')
  const timer = setTimeout(() => void worker.terminate(), dismissMs).unref()
  worker.postMessage(closing)
  // A thread that failed meanwhile has ended too.
  await ended.catch(() => undefined)
  clearTimeout(timer)
}
