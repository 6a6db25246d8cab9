import { noChange } from 'lit'
import { AsyncDirective, directive } from 'lit/async-directive.js'

const gapMs = 5_000

/**
 * A text for a live region that follows what changes by itself: said at once, then at most every five seconds, and always the
 * latest. What is seen beside it may change as it likes.
 */
class Seldom extends AsyncDirective {
  #latest = ''
  #timer: ReturnType<typeof setTimeout> | undefined

  override render(text: string): string | typeof noChange {
    this.#latest = text
    if (this.#timer !== undefined) return noChange
    this.#rest()
    return text
  }

  override disconnected(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #rest(said = this.#latest): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (said === this.#latest) return
      this.setValue(this.#latest)
      this.#rest()
    }, gapMs)
  }
}

export const seldom = directive(Seldom)
