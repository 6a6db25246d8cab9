import { parentPort, workerData } from 'node:worker_threads'
import { checkpointDone, closeCheckpoints, makeCheckpoint, restartLog } from './checkpoint-messages.ts'
import { openCheckpointer } from './connection.ts'
import { loadDriver } from './driver/index.ts'
import type { ThreadFile } from './thread-file.ts'

const { path, driver } = workerData as ThreadFile
const db = openCheckpointer(await loadDriver(driver), path)

parentPort?.on('message', (message: unknown) => {
  if (message === closeCheckpoints) {
    db.close()
    parentPort?.close()
    return
  }
  if (message !== makeCheckpoint && message !== restartLog) return
  db.pragma(`wal_checkpoint(${message === restartLog ? 'RESTART' : 'PASSIVE'})`)
  parentPort?.postMessage(checkpointDone)
})
