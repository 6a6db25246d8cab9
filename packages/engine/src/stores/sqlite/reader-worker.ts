import { parentPort, workerData } from 'node:worker_threads'
import { openReader } from './connection.ts'
import { loadDriver } from './driver/index.ts'
import { createReader } from './reader.ts'
import { closeReader, isReaderQuestion, type ReaderAnswer } from './reader-messages.ts'
import type { ThreadFile } from './thread-file.ts'

const { path, driver } = workerData as ThreadFile
const db = openReader(await loadDriver(driver), path)
const reader = createReader(db)

parentPort?.on('message', (message: unknown) => {
  if (message === closeReader) {
    db.close()
    parentPort?.close()
    return
  }
  if (isReaderQuestion(message)) {
    void answer(message.id, () => reader[message.name](message.input as never)).then((said) =>
      parentPort?.postMessage(said),
    )
  }
})

async function answer(id: number, ask: () => Promise<unknown>): Promise<ReaderAnswer> {
  try {
    return { id, value: await ask(), error: null }
  } catch (error) {
    return { id, value: null, error: error instanceof Error ? error.message : 'The reader could not answer' }
  }
}
