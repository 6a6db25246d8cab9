import type { TaskSource } from './source.ts'
import { bytesOf } from './whole-response.ts'

/** How many pages are kept, and how large they may be together. */
const maxPages = 100
const maxBytes = 4 * 1024 * 1024

/** An answer as it went out. */
export interface KeptPage {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

interface Page extends KeptPage {
  readonly version: string
}

/**
 * Answers that are good until something is stored: many look at the same page, and often nothing happens. What they are
 * answers to must say everything that they depend on beside what is stored.
 */
export class KeptPages {
  readonly #source: TaskSource
  readonly #pages = new Map<string, Page>()
  #bytes = 0

  constructor(source: TaskSource) {
    this.#source = source
  }

  /** What of the store an answer that is made from now on holds at least; null when nobody can say. */
  version(): string | null {
    try {
      return this.#source.version?.() ?? null
    } catch {
      // It is not open; who asks it for the answer itself will be told.
      return null
    }
  }

  /** The answer to the same question, if nothing was stored since. */
  find(question: string, version = this.version()): KeptPage | null {
    const page = this.#pages.get(question)
    if (!page || page.version === version) return page ?? null
    this.#forget(question, page)
    return null
  }

  /** `version` is that of before the question was asked: what is stored meanwhile may be in the answer or not. */
  keep(question: string, version: string, response: Response): void {
    const bytes = bytesOf(response)
    if (bytes === null || response.status !== 200) return
    const before = this.#pages.get(question)
    if (before) this.#forget(question, before)
    this.#pages.set(question, { version, bytes, headers: [...response.headers] })
    this.#bytes += bytes.byteLength
    for (const [oldest, page] of this.#pages) {
      if (this.#pages.size <= maxPages && this.#bytes <= maxBytes) break
      this.#forget(oldest, page)
    }
  }

  #forget(question: string, { bytes }: Page): void {
    this.#pages.delete(question)
    this.#bytes -= bytes.byteLength
  }
}
