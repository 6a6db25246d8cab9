import { parentPort } from 'node:worker_threads'
import { captureOutput } from './capture-output.ts'
import { TaskServer } from './serve-tasks.ts'

/** What runs in a thread of the pool. */
const server = new TaskServer((message) => parentPort?.postMessage(message))
captureOutput(server, process)
process.on('uncaughtException', (error) => {
  server.crash(error)
  process.exit(1)
})
parentPort?.on('message', (message: unknown) => server.receive(message))
