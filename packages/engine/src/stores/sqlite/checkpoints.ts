import { Worker } from 'node:worker_threads'
import type { Write } from '../store.ts'
import { checkpointDone, closeCheckpoints, makeCheckpoint } from './checkpoint-messages.ts'
import { dismiss } from './dismiss.ts'
import type { ThreadFile } from './thread-file.ts'

/**
 * So much is written between two checkpoints: about 4,500 pages of the log, 18 MB. Rarer ones cost less, because a page
 * that changes often is carried over once; the writer's own come at 16,000 pages.
 */
const weightBetween = 30_000
/** So many characters of arguments or results weigh as much in the log as a change of a row does. */
const charactersPerChange = 256

/**
 * Has what lies in the write-ahead log carried over into the file by a thread of its own: that waits for the disk, which
 * the event loop must not. The thread starts when that much is written for the first time; where it fails, the writer's
 * own checkpoints, which come much later, do its work.
 */
export class Checkpoints {
  #worker: Worker | null = null
  #weight = 0
  #isBusy = false
  #isOff = false

  constructor(private readonly file: ThreadFile) {}

  /** These were committed. */
  wrote(batch: readonly Write[]): void {
    for (const write of batch) this.#weight += weightOf(write)
    if (this.#weight < weightBetween || this.#isBusy || this.#isOff) return
    this.#weight = 0
    this.#isBusy = true
    this.#ask()
  }

  async close(): Promise<void> {
    this.#isOff = true
    const worker = this.#worker
    this.#worker = null
    if (worker) await dismiss(worker, closeCheckpoints)
  }

  /** Never throws: what was committed must not be refused because a thread cannot be started. */
  #ask(): void {
    try {
      this.#worker ??= this.#start()
      this.#worker.postMessage(makeCheckpoint)
    } catch {
      this.#isOff = true
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./checkpoint-worker.js', import.meta.url), { workerData: this.file })
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

function weightOf({ previous, next }: Write): number {
  const text = previous === null ? next.args : (next.result ?? '')
  return 1 + text.length / charactersPerChange
}
