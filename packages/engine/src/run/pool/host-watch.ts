import process from 'node:process'
import { workerData } from 'node:worker_threads'
import { isProcessAlive } from '../process-alive.ts'

const lookEveryMs = 250

/** A thread beside a process of the pool that ends it when its host is gone. */
const hostPid = workerData as number
setInterval(() => {
  // An orphan gets another parent; where it does not, the host's id is free.
  if (process.ppid !== hostPid || !isProcessAlive(hostPid)) process.kill(process.pid, 'SIGKILL')
}, lookEveryMs)
