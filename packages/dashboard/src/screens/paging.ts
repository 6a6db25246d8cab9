import { html } from 'lit'

/** The way to the page that is shown: where each page before it began. Empty on the first. */
export type Trail = readonly string[]

/** What the foot of a list that is read page by page says. */
export interface PagingWords {
  /** Back to the first page; absent where one step at a time is enough. */
  readonly first?: string
  readonly back: string
  readonly on: string
}

/** The foot of a list that is read page by page; `nextCursor` is where the next page begins, null at the end. */
export function renderPaging(
  trail: Trail,
  nextCursor: string | null,
  words: PagingWords,
  onTurn: (trail: Trail) => void,
) {
  const isFirst = trail.length === 0
  return html`<div class="foot">
    ${words.first === undefined ? html`<span class="spacer"></span>` : button(words.first, isFirst, () => onTurn([]))}
    ${button(words.back, isFirst, () => onTurn(trail.slice(0, -1)))}
    ${button(words.on, nextCursor === null, () => nextCursor !== null && onTurn([...trail, nextCursor]))}
  </div>`
}

function button(word: string, isDisabled: boolean, onClick: () => void) {
  return html`<button class="btn" type="button" ?disabled=${isDisabled} @click=${onClick}>${word}</button>`
}
