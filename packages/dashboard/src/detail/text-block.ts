import { html, nothing, type TemplateResult } from 'lit'
import type { Formats } from '../format.ts'
import { foldRepeats, splitStack } from './stack.ts'

const shownMost = 20_000

/** A stack with the host's own frames first; the others are folded away. Its words are left out where they stand above. */
export function stackBlock(
  error: string | null,
  stack: string | null,
  formats: Formats,
  isSaid = false,
): TemplateResult {
  const { head, appFrames, otherFrames, othersFrom } = splitStack((stack ?? '').slice(0, shownMost))
  const words = head === '' ? (error ?? '') : head
  const { say, sayCount } = formats
  const from = othersFrom ?? say('the runtime')
  return html`<div class="block stack" tabindex="0" role="group" aria-label=${say('Error and stack')}>
    ${isSaid ? nothing : html`<b>${words.slice(0, shownMost)}</b>`}${foldRepeats(appFrames).map((line) => html`<span class="frame">${line}</span>`)}${
      otherFrames.length > 0
        ? html`<details>
            <summary>
              … ${sayCount(otherFrames.length, '{n} frame of {origin}', '{n} frames of {origin}', { origin: from })}
            </summary>
            ${otherFrames.map((line) => html`<span class="frame other">${line}</span>`)}
          </details>`
        : nothing
    }
  </div>`
}

/** Text of unknown length, as much as a line wants. */
export function clip(text: string, length = 200): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}
