import { parentPort, workerData } from 'node:worker_threads'
import { openReader } from './connection.ts'
import { createReader } from './reader.ts'
import { isReaderQuestion, type ReaderAnswer } from './reader-messages.ts'

const { path } = workerData as { readonly path: string }
const reader = createReader(await openReader(path))

parentPort?.on('message', (message: unknown) => {
  if (isReaderQuestion(message))
    parentPort?.postMessage(answer(message.id, () => reader[message.name](message.input as never)))
})

function answer(id: number, ask: () => unknown): ReaderAnswer {
  try {
    return { id, value: ask(), error: null }
  } catch (error) {
    return { id, value: null, error: error instanceof Error ? error.message : 'The reader could not answer' }
  }
}
