import { css, html, nothing, type TemplateResult } from 'lit'
import { choiceStyles } from '../figures/choice-styles.ts'
import type { Formats } from '../format.ts'

/** What stands over a list: a search, menus, how many there are, and what can be done. */
export interface Toolbar {
  /** What the search is called and says while it is empty. */
  readonly findWord: string
  readonly onFind: (text: string) => void
  readonly menus: readonly TemplateResult[]
  /** How many there are, in words. */
  readonly found: string
  readonly actions: unknown
}

export function renderToolbar({ findWord, onFind, menus, found, actions }: Toolbar): TemplateResult {
  return html`<div class="toolbar">
    <input
      class="text"
      type="search"
      aria-label=${findWord}
      placeholder=${findWord}
      autocomplete="off"
      @input=${(event: Event) => onFind((event.target as HTMLInputElement).value)}
    />
    ${menus}
    <span class="spacer"></span>
    <span class="muted found" role="status">${found}</span>
    ${actions}
  </div>`
}

/** A menu of few words in a toolbar. */
export function sortMenu<V extends string>(
  label: string,
  words: Readonly<Record<V, string>>,
  chosen: V,
  onChoose: (value: V) => void,
): TemplateResult {
  return html`<select
    class="text"
    aria-label=${label}
    title=${label}
    @change=${(event: Event) => onChoose((event.target as HTMLSelectElement).value as V)}
  >
    ${Object.entries<string>(words).map(
      ([value, word]) => html`<option value=${value} ?selected=${value === chosen}>${word}</option>`,
    )}
  </select>`
}

/** A button at the foot of a list for the rows that are not drawn yet; nothing where all are. */
export function renderMore(rest: number, onMore: () => void, { sayCount }: Formats): TemplateResult | typeof nothing {
  if (rest <= 0) return nothing
  return html`<div class="more">
    <button class="btn" type="button" @click=${onMore}>${sayCount(rest, 'Show {n} more', 'Show more of {n}')}</button>
  </div>`
}

/** A search, menus and buttons in a row over a list; below one another where it is narrow. */
export const toolbarStyles = [
  choiceStyles,
  css`
    .toolbar {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px;
      margin-block-end: 12px;
    }
    .toolbar input {
      flex: 0 1 300px;
    }
    .toolbar .spacer {
      flex: 1;
    }
    .toolbar .found {
      padding-inline: 4px;
      white-space: nowrap;
    }
    .more {
      display: flex;
      justify-content: center;
      padding: 10px;
      border-block-start: 1px solid var(--td-line-2);
    }
    .note {
      padding: 8px 12px;
      font-size: 12px;
      color: var(--td-text-2);
      border-block-start: 1px solid var(--td-line-2);
    }
    .snippet {
      margin: 12px 0 0;
      padding: 10px 14px;
      border: 1px solid var(--td-line);
      border-radius: var(--td-radius-control);
      background: var(--td-sunken);
      font: 12px/18px var(--td-mono);
      text-align: start;
      white-space: pre-wrap;
      overflow-wrap: anywhere;
    }
    @container (max-width: 760px) {
      .toolbar input {
        flex: 1 1 160px;
      }
    }
    @container (max-width: 520px) {
      .toolbar input {
        flex-basis: 100%;
      }
      .toolbar select {
        flex: 1 1 120px;
      }
      .toolbar .spacer {
        display: none;
      }
      .toolbar .found {
        flex: 1;
      }
    }
  `,
]
