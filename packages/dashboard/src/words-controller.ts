import { lazily } from '@taskloom/client'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { createFormats, type Formats } from './format.ts'

/** What asks for words, and where whoever gives them writes them. */
export interface WordsReader {
  /** Called by the giver, at once and whenever the language changes. */
  give(formats: Formats): void
  /** Set by the giver: the reader needs them no more. */
  leave: (() => void) | null
}

/** The event that carries a {@link WordsReader} up to the dashboard. */
export const wordsEvent = 'request-words'

/** For small elements that stand everywhere: the words of the dashboard they are in, English outside of one. */
export class WordsController implements ReactiveController, WordsReader {
  leave: (() => void) | null = null
  #formats: Formats | null = null
  readonly #host: ReactiveControllerHost & EventTarget

  constructor(host: ReactiveControllerHost & EventTarget) {
    this.#host = host
    host.addController(this)
  }

  get formats(): Formats {
    return this.#formats ?? plain()
  }

  hostConnected(): void {
    this.#host.dispatchEvent(new CustomEvent<WordsReader>(wordsEvent, { detail: this, bubbles: true, composed: true }))
  }

  hostDisconnected(): void {
    this.leave?.()
    this.leave = null
  }

  give(formats: Formats): void {
    if (formats === this.#formats) return
    this.#formats = formats
    this.#host.requestUpdate()
  }
}

const plain = lazily(() => createFormats('en'))

/** Gives words to whoever asks from below, and anew when they are others. */
export class WordsGiver {
  readonly #readers = new Set<WordsReader>()
  #formats: Formats

  constructor(host: EventTarget, formats: Formats) {
    this.#formats = formats
    host.addEventListener(wordsEvent, (event) => {
      event.stopPropagation()
      const reader = (event as CustomEvent<WordsReader>).detail
      this.#readers.add(reader)
      reader.leave = () => void this.#readers.delete(reader)
      reader.give(this.#formats)
    })
  }

  give(formats: Formats): void {
    this.#formats = formats
    for (const reader of this.#readers) reader.give(formats)
  }
}
