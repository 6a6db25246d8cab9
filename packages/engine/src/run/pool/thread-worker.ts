import { workerData } from 'node:worker_threads'
import { captureOutput } from './capture-output.ts'
import { Claims } from './claims.ts'
import { TaskServer } from './serve-tasks.ts'
import type { ThreadData } from './thread-port.ts'

/** What runs in a thread of the pool. */
const { port, claims } = workerData as ThreadData
const server = new TaskServer((message) => port.postMessage(message), new Claims(claims))
captureOutput(server, process)
process.on('uncaughtException', (error) => {
  server.crash(error)
  process.exit(1)
})
port.on('message', (message: unknown) => server.receive(message))
server.open()
