import { Worker } from 'node:worker_threads'
import { checkpointDone, closeCheckpoints, makeCheckpoint } from './checkpoint-messages.ts'
import { dismiss } from './dismiss.ts'

/** After so many changes of tasks the write-ahead log has some thousand pages. */
const changesBetween = 10_000

/**
 * Has what lies in the write-ahead log carried over into the file by a thread of its own: that waits for the disk, which
 * the event loop must not. The thread starts when that much is written for the first time; where it fails, the writer's
 * own checkpoints, which come much later, do its work.
 */
export class Checkpoints {
  #worker: Worker | null = null
  #changes = 0
  #isBusy = false
  #isOff = false

  constructor(private readonly path: string) {}

  /** So many changes were committed. */
  wrote(changes: number): void {
    this.#changes += changes
    if (this.#changes < changesBetween || this.#isBusy || this.#isOff) return
    this.#changes = 0
    this.#isBusy = true
    this.#worker ??= this.#start()
    this.#worker.postMessage(makeCheckpoint)
  }

  async close(): Promise<void> {
    this.#isOff = true
    const worker = this.#worker
    this.#worker = null
    if (worker) await dismiss(worker, closeCheckpoints)
  }

  #start(): Worker {
    const worker = new Worker(new URL('./checkpoint-worker.js', import.meta.url), { workerData: { path: this.path } })
    worker.unref()
    worker.on('message', (message: unknown) => {
      if (message === checkpointDone) this.#isBusy = false
    })
    worker.on('error', () => this.#lose(worker))
    worker.on('exit', () => this.#lose(worker))
    return worker
  }

  #lose(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = null
    this.#isOff = true
  }
}
