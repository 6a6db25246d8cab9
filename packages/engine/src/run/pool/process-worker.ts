import { Worker } from 'node:worker_threads'
import { captureOutput } from './capture-output.ts'
import { TaskServer } from './serve-tasks.ts'

/**
 * What runs in a process of the pool. It lives only as long as its host. It uses the global `process`, because importing
 * `node:process` opens the streams that are to stay closed.
 */
const server = new TaskServer((message) => process.send?.(message), null)
captureOutput(server, process)
process.on('uncaughtException', (error) => {
  server.crash(error)
  process.disconnect?.()
  process.exit(1)
})
process.on('disconnect', () => process.exit(0))
// The signals of a terminal reach the whole group: when this process ends is the host's business.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('message', (message: unknown) => server.receive(message))
server.open()

// A function that never yields hears no `disconnect`: a thread looks after the host in its place.
const watch = new Worker(new URL('./host-watch.js', import.meta.url), { workerData: Number(process.argv[2]) })
watch.on('error', () => undefined)
watch.unref()
