import { Worker } from 'node:worker_threads'
import { describeThrown } from '../../core/error-text.ts'
import type { Death, OpenWorker } from './worker-port.ts'

/** Starts a thread that keeps nothing alive. What it prints beside its task's log is read and dropped. */
export const openThread: OpenWorker = ({ memoryMb }, { onMessage, onDeath }) => {
  const worker = new Worker(new URL('./thread-worker.js', import.meta.url), {
    stdout: true,
    stderr: true,
    ...(memoryMb === null ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }),
  })
  let cause: Death | null = null
  worker.stdout.resume()
  worker.stderr.resume()
  worker.on('message', onMessage)
  worker.on('error', (error) => {
    cause ??= causeOf(error)
  })
  worker.on('exit', (code) => onDeath(cause ?? { kind: 'exited', code }))
  worker.unref()
  return {
    post: (message) => worker.postMessage(message),
    kill: () => void worker.terminate(),
  }
}

function causeOf(error: unknown): Death {
  const { code } = error as { readonly code?: unknown }
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return { kind: 'out_of_memory' }
  if (code === 'ERR_WORKER_INIT_FAILED') return { kind: 'not_started', thrown: describeThrown(error) }
  return { kind: 'crashed', thrown: describeThrown(error) }
}
