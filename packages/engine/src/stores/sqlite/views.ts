import { Worker } from 'node:worker_threads'
import { TaskError } from '../../core/errors.ts'
import { dismiss } from './dismiss.ts'
import { closeReader, isReaderAnswer, type ReadVerbs, type ViewName } from './reader-messages.ts'
import type { ThreadFile } from './thread-file.ts'

/** More questions than this at once are refused instead of piling up. */
const maxInFlight = 1_000

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: TaskError) => void
}

/**
 * Asks the reader thread, so that no question of the dashboard holds the host's event loop. The thread starts with the
 * first question and again after it died; what it owed then is refused.
 */
export class ReaderViews implements ReadVerbs {
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | null = null
  #lastId = 0
  #isClosed = false

  constructor(private readonly file: ThreadFile) {}

  readonly list = this.#question('list')
  readonly metrics = this.#question('metrics')
  readonly timeline = this.#question('timeline')
  readonly types = this.#question('types')
  readonly queues = this.#question('queues')
  readonly detail = this.#question('detail')
  readonly lineage = this.#question('lineage')
  readonly logs = this.#question('logs')
  readonly lastRuns = this.#question('lastRuns')
  readonly ids = this.#question('ids')
  readonly meters = this.#question('meters')
  readonly auditPage = this.#question('auditPage')
  readonly auditCheck = this.#question('auditCheck')
  readonly load = this.#question('load')
  readonly errors = this.#question('errors')
  readonly args = this.#question('args')
  readonly histogram = this.#question('histogram')
  readonly latency = this.#question('latency')
  readonly runs = this.#question('runs')
  readonly ends = this.#question('ends')

  async close(): Promise<void> {
    this.#isClosed = true
    const worker = this.#worker
    this.#lose(worker, 'The store is closed')
    if (worker) await dismiss(worker, closeReader)
  }

  #question<N extends ViewName>(name: N): ReadVerbs[N] {
    const ask = (input?: unknown) => this.#ask(name, input)
    return ask as unknown as ReadVerbs[N]
  }

  #ask(name: ViewName, input: unknown): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(failure('The store is closed'))
    if (this.#waiting.size >= maxInFlight) return Promise.reject(failure('Too many questions at once'))
    this.#worker ??= this.#start()
    const worker = this.#worker
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      worker.ref()
      worker.postMessage({ id, name, input })
    })
  }

  #start(): Worker {
    const worker = new Worker(new URL('./reader-worker.js', import.meta.url), { workerData: this.file })
    worker.unref()
    worker.on('message', (message: unknown) => this.#settle(worker, message))
    worker.on('error', (error) => this.#lose(worker, `The reader failed: ${error.message}`))
    worker.on('exit', () => this.#lose(worker, 'The reader stopped'))
    return worker
  }

  #settle(worker: Worker, message: unknown): void {
    if (!isReaderAnswer(message)) return
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if (this.#waiting.size === 0) worker.unref()
    if (message.error === null) waiting?.resolve(message.value as never)
    else waiting?.reject(failure(message.error))
  }

  #lose(worker: Worker | null, reason: string): void {
    if (this.#worker !== worker) return
    this.#worker = null
    for (const { reject } of this.#waiting.values()) reject(failure(reason))
    this.#waiting.clear()
  }
}

function failure(message: string): TaskError {
  return new TaskError('store_failed', { message })
}
