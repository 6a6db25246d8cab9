import { statSync } from 'node:fs'
import { TaskError } from '../../core/errors.ts'

/** The file is looked at this often at most. */
const everyMs = 1_000

/**
 * Notices that the database file is not the one that was opened any more: a deleted file goes on taking writes until the
 * process ends, and all of them are lost with it.
 */
export class FileWatch {
  readonly #opened: string | null
  #lookAtMs = performance.now() + everyMs
  #lost: string | null = null

  /** Made right after the file was opened. */
  constructor(private readonly path: string) {
    this.#opened = identityOf(path)
  }

  /** Throws `store_lost` as long as the file is deleted or another one; one that is put back is taken again. */
  require(): void {
    const nowMs = performance.now()
    if (nowMs >= this.#lookAtMs) {
      this.#lookAtMs = nowMs + everyMs
      this.#lost = this.#look()
    }
    if (this.#lost !== null) throw new TaskError('store_lost', { message: this.#lost, path: this.path })
  }

  #look(): string | null {
    const found = identityOf(this.path)
    if (found === this.#opened) return null
    const what = found === null ? 'was deleted' : 'was replaced by another one'
    return `The database file ${what} while it was open; nothing is taken until it is put back or the process starts anew`
  }
}

function identityOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? `${found.dev}:${found.ino}` : null
}
