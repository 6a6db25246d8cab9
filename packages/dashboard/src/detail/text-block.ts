import type { Json } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { splitStack } from './stack.ts'

const shownMost = 20_000

/** A value as indented JSON with a button that copies it whole. What was cut says so. */
export function jsonBlock(label: string, value: Json | undefined, isTruncated: boolean): TemplateResult {
  const text = toText(value)
  const isClipped = text.length > shownMost
  return html`
    <section class="sec">
      <h4>
        ${label}<span class="spacer"></span
        ><task-copy-button text=${text} label="Copy ${label.toLowerCase()}"></task-copy-button>
      </h4>
      <pre class="block" tabindex="0" role="group" aria-label=${label}>${text.slice(0, shownMost)}</pre>
      ${isTruncated ? html`<p class="note">Cut by the server to fit its cap: the end is missing.</p>` : nothing}
      ${isClipped ? html`<p class="note">Only the beginning is shown; copy takes all of it.</p>` : nothing}
    </section>
  `
}

/** A stack with the host's own frames first; the others are folded away. */
export function stackBlock(error: string | null, stack: string | null): TemplateResult {
  const { head, appFrames, otherFrames, othersFrom } = splitStack((stack ?? '').slice(0, shownMost))
  const words = head === '' ? (error ?? '') : head
  return html`<div class="block stack" tabindex="0" role="group" aria-label="Error and stack">
    <b>${words.slice(0, shownMost)}</b>${appFrames.map((line) => html`<span class="frame">${line}</span>`)}${
      otherFrames.length > 0
        ? html`<details>
            <summary>… ${otherFrames.length} ${otherFrames.length === 1 ? 'frame' : 'frames'} of ${othersFrom}</summary>
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

function toText(value: Json | undefined): string {
  return typeof value === 'string' && value.length > shownMost ? value : (JSON.stringify(value, null, 2) ?? '')
}
