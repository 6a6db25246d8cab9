import { Worker } from 'node:worker_threads'
import type { Write } from '../store.ts'
import { checkpointDone, closeCheckpoints, makeCheckpoint, restartLog } from './checkpoint-messages.ts'
import { dismiss } from './dismiss.ts'
import type { ThreadFile } from './thread-file.ts'

/**
 * So many pages are written between two checkpoints, 18 MB. Rarer ones cost less, because a page that changes often is
 * carried over once; the writer's own come at 16,000 pages.
 */
const pagesBetween = 4_500
/**
 * What lengthens the log, in pages, as measured on a history of 50,000 tasks: a commit by the leaves and roll-ups that it
 * changes whatever it holds, then each change of a row and its text.
 */
const pagesPerCommit = 9
const pagesPerChange = 0.15
const pagesPerCharacter = 0.0006

/** Whose commits can be held back for a moment. */
export interface Commits {
  hold(): void
  release(): void
}

/**
 * Has what lies in the write-ahead log carried over into the file by a thread of its own: that waits for the disk, which
 * the event loop must not. The thread starts when that much is written for the first time; where it fails, the writer's
 * own checkpoints, which come much later, do its work.
 *
 * The log begins anew only behind a checkpoint that nothing was written beside, and under load something always is. So
 * one carries over nearly all of it while commits go on, and a second, for which they are held back, the rest.
 */
export class Checkpoints {
  #worker: Worker | null = null
  #pages = 0
  #step: 'none' | 'beside commits' | 'alone' = 'none'
  /** Whether something was committed since the last step began. */
  #isBehind = false
  #isOff = false

  constructor(
    private readonly file: ThreadFile,
    private readonly commits: Commits,
  ) {}

  /** These are in what was committed last. */
  wrote(batch: readonly Write[]): void {
    for (const write of batch) this.#pages += pagesOf(write)
    this.#look()
  }

  committed(): void {
    this.#pages += pagesPerCommit
    this.#isBehind = true
    this.#look()
  }

  async close(): Promise<void> {
    this.#isOff = true
    const worker = this.#worker
    this.#worker = null
    if (worker) await dismiss(worker, closeCheckpoints)
  }

  #look(): void {
    if (this.#pages < pagesBetween || this.#step !== 'none' || this.#isOff) return
    this.#step = 'beside commits'
    this.#ask(makeCheckpoint)
  }

  /** Never throws: what was committed must not be refused because a thread cannot be started. */
  #ask(message: string): void {
    this.#pages = 0
    this.#isBehind = false
    try {
      this.#worker ??= this.#start()
      this.#worker.postMessage(message)
    } catch {
      this.#giveUp()
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./checkpoint-worker.js', import.meta.url), { workerData: this.file })
    worker.unref()
    worker.on('message', (message: unknown) => {
      if (message === checkpointDone) this.#proceed(worker)
    })
    worker.on('error', () => this.#lose(worker))
    worker.on('exit', () => this.#lose(worker))
    return worker
  }

  #proceed(worker: Worker): void {
    if (this.#step === 'beside commits' && this.#isBehind && !this.#isOff) {
      this.#step = 'alone'
      this.commits.hold()
      // The process must not end while a commit waits.
      worker.ref()
      this.#ask(restartLog)
      return
    }
    if (this.#step === 'alone') {
      worker.unref()
      this.commits.release()
    }
    this.#step = 'none'
  }

  #lose(worker: Worker): void {
    if (this.#worker === worker) this.#giveUp()
  }

  #giveUp(): void {
    this.#worker = null
    this.#isOff = true
    this.#step = 'none'
    this.commits.release()
  }
}

function pagesOf({ previous, next }: Write): number {
  const text = previous === null ? next.args : (next.result ?? '')
  return pagesPerChange + text.length * pagesPerCharacter
}
