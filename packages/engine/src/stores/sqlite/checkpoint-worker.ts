import { parentPort, workerData } from 'node:worker_threads'
import { checkpointDone, closeCheckpoints, makeCheckpoint } from './checkpoint-messages.ts'
import { openCheckpointer } from './connection.ts'

const { path } = workerData as { readonly path: string }
const db = await openCheckpointer(path)

parentPort?.on('message', (message: unknown) => {
  if (message === closeCheckpoints) {
    db.close()
    parentPort?.close()
    return
  }
  if (message !== makeCheckpoint) return
  db.pragma('wal_checkpoint(PASSIVE)')
  parentPort?.postMessage(checkpointDone)
})
