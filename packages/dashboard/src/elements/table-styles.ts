import { css } from 'lit'

/** Columns leave one by one as the table narrows; below 700 px a row is two lines with its status at the end. */
export const tableStyles = css`
  :host {
    container-type: inline-size;
    max-block-size: var(--td-table-height);
    overflow: auto;
    border-radius: inherit;
  }
  th {
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
  }
  .narrower {
    max-inline-size: 100%;
    padding: 0;
    border: 0;
    background: none;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    text-align: start;
    vertical-align: middle;
    cursor: pointer;
  }
  .narrower.tag {
    padding: 0 5px;
    border: 1px solid var(--td-line);
  }
  .narrower:hover {
    color: var(--td-text);
    text-decoration: underline;
    text-decoration-color: var(--td-text-3);
    text-underline-offset: 3px;
  }
  th[data-column='check'] {
    inline-size: 38px;
  }
  /* All of the cell answers: a finger is wider than the box. */
  td input {
    position: relative;
  }
  td input::after {
    content: '';
    position: absolute;
    inset: -28px -12px;
  }
  :host(:not([chosen])) th[data-column='error'] {
    inline-size: 25%;
  }
  tbody tr {
    cursor: pointer;
  }
  tbody tr:focus-visible {
    outline-offset: -2px;
  }
  tbody tr.open td {
    background: var(--td-selected);
  }
  tr.going td:not([data-column='check']) {
    color: var(--td-text-3);
    text-decoration: line-through;
  }
  .function > div {
    display: flex;
    align-items: center;
    gap: 8px;
    min-inline-size: 0;
  }
  .name {
    font-weight: 540;
    flex: none;
    max-inline-size: 60%;
    overflow: hidden;
    text-overflow: ellipsis;
    unicode-bidi: isolate;
  }
  .note {
    flex: 0 1 auto;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    font-family: var(--td-mono);
    font-size: 11.5px;
    color: var(--td-text-3);
    unicode-bidi: isolate;
  }
  /* Tags give way to words of the state: one that does not fit on the line is not seen. */
  .tags {
    display: flex;
    flex: 0 99999 auto;
    flex-wrap: wrap;
    gap: 8px;
    min-inline-size: 0;
    block-size: 19px;
    overflow: hidden;
  }
  /* Nothing stands first on the line, so that even the first tag may leave it. */
  .tags::before {
    content: '';
    block-size: 100%;
    margin-inline-end: -8px;
  }
  .tags .tag {
    flex: none;
    max-inline-size: 140px;
  }
  .tag.fixed {
    flex: none;
  }
  .progress {
    flex: none;
    inline-size: 44px;
    block-size: 3px;
    border-radius: 2px;
    background: var(--td-line);
    overflow: hidden;
  }
  .progress i {
    display: block;
    block-size: 100%;
    background: var(--td-running);
  }
  .id task-copy-button {
    opacity: 0;
    margin-inline-start: 2px;
  }
  tr:hover .id task-copy-button,
  tr:focus-within .id task-copy-button {
    opacity: 1;
  }
  .pips {
    display: inline-flex;
    gap: 3px;
    vertical-align: middle;
    margin-inline-end: 6px;
  }
  .pips i {
    inline-size: 5px;
    block-size: 10px;
    border-radius: 1.5px;
    background: var(--td-line);
  }
  .pips i.used {
    background: var(--td-text-3);
  }
  .failed .pips i.used {
    background: var(--td-failed);
  }
  /* The bar hangs below the words, so that these stand on the line of their row. */
  .span {
    position: relative;
    unicode-bidi: plaintext;
    color: var(--td-text-2);
  }
  .span i {
    position: absolute;
    inset-block-end: -5px;
    inset-inline-end: 0;
    block-size: 2px;
    border-radius: 1px;
    background: var(--td-bar);
  }
  .running .span {
    color: var(--td-text);
  }
  .running .span i {
    background: var(--td-running);
  }
  .failed .span i {
    background: var(--td-failed);
  }
  .error-cell {
    color: var(--td-text-2);
    unicode-bidi: isolate;
  }
  .note.error-note {
    display: none;
    font-family: inherit;
    font-size: inherit;
  }
  .note.refused {
    flex-shrink: 2;
    font-family: inherit;
    color: var(--td-interrupted);
  }
  .failed .error-cell,
  .failed .error-note {
    color: var(--td-failed);
  }
  @container (max-width: 1040px) {
    :host(:not([chosen])) :is([data-column='queue'], [data-column='error']) {
      display: none;
    }
    :host(:not([chosen])) .note.error-note {
      display: block;
    }
    :host(:not([chosen])) .has-error :is(.note:not(.error-note, .refused), .tags) {
      display: none;
    }
  }
  @container (max-width: 820px) {
    :host(:not([chosen])) [data-column='retries'] {
      display: none;
    }
  }
  @container (min-width: 1600px) {
    :host(:not([chosen])) th[data-column='error'] {
      inline-size: 42%;
    }
  }
  @container (max-width: 700px) {
    table,
    thead,
    tbody,
    th,
    td {
      display: block;
    }
    table {
      min-inline-size: 0 !important;
    }
    :is(th, td):not([data-column='check'], [data-column='function'], [data-column='status'], [data-column='created']) {
      display: none !important;
    }
    tr {
      display: grid;
      grid-template: auto 1fr / auto minmax(0, 1fr) auto auto;
      gap: 1px 0;
      padding: 9px 12px;
      border-block-end: 1px solid var(--td-line-2);
    }
    thead tr {
      padding-block: 6px;
      background: var(--td-sunken);
    }
    tbody tr:last-child {
      border: 0;
    }
    tbody tr:hover {
      background: var(--td-hover);
    }
    tbody tr:is(.open, .selected) {
      background: var(--td-selected);
    }
    th,
    td {
      block-size: auto;
      inline-size: auto !important;
      padding: 0;
      border: 0;
      background: none !important;
    }
    tr > [data-column='check'] {
      grid-area: 1 / 1 / span 2;
      display: grid;
      align-items: center;
      margin-block: -9px;
      margin-inline-start: -12px;
      padding-inline: 12px;
    }
    tr > [data-column='function'] {
      grid-area: 1 / 2 / span 2;
    }
    [data-column='status'],
    [data-column='created'] {
      grid-area: 1 / 3;
      padding-inline-start: 8px;
      text-align: end;
    }
    td[data-column='created'] {
      grid-row: 2;
      font-size: 12px;
    }
    th[data-column='created'] {
      grid-column: 4;
    }
    .function > div {
      flex-wrap: wrap;
      align-content: flex-start;
      gap: 1px 8px;
      block-size: 43px;
      overflow: hidden;
    }
    .name {
      flex: 1 0 100%;
      max-inline-size: 100%;
      line-height: 22px;
    }
    .note {
      line-height: 20px;
    }
    .note.error-note {
      display: block;
      font-size: 12px;
    }
  }
  @media (forced-colors: active) {
    .pips i.used,
    .span i,
    .progress i {
      forced-color-adjust: none;
    }
    tbody tr.open td,
    tbody tr.selected td {
      border-block-end-color: Highlight;
    }
  }
`
