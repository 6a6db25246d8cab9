import { css } from 'lit'

/** Columns leave one by one as the table narrows; below 700 px a row is two lines with its status at the end. */
export const tableStyles = css`
  :host {
    container-type: inline-size;
  }
  th[data-column='check'] {
    inline-size: 38px;
  }
  th[data-column='status'] {
    inline-size: 124px;
  }
  th[data-column='id'] {
    inline-size: 112px;
  }
  th[data-column='queue'] {
    inline-size: 96px;
  }
  th[data-column='retries'] {
    inline-size: 104px;
  }
  th[data-column='duration'] {
    inline-size: 96px;
  }
  th[data-column='created'] {
    inline-size: 104px;
  }
  th[data-column='error'] {
    inline-size: 25%;
  }
  tbody tr {
    cursor: pointer;
  }
  tbody tr:focus-visible {
    outline-offset: -2px;
  }
  tbody tr.open td,
  tbody tr.selected td {
    background: var(--td-selected);
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
    max-inline-size: 70%;
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
    flex: 0 1000 auto;
    flex-wrap: wrap;
    gap: 8px;
    min-inline-size: 0;
    block-size: 19px;
    overflow: hidden;
  }
  .tags .tag {
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
  .span {
    display: flex;
    flex-direction: column;
    align-items: flex-end;
    gap: 2px;
    line-height: 18px;
    color: var(--td-text-2);
  }
  .span i {
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
  .failed .error-cell {
    color: var(--td-failed);
  }
  .note.error-note {
    display: none;
    font-family: inherit;
    font-size: inherit;
  }
  .failed .error-note {
    color: var(--td-failed);
  }
  @container (max-width: 1040px) {
    [data-column='queue'],
    [data-column='error'] {
      display: none;
    }
    .note.error-note {
      display: block;
    }
    .has-error .note:not(.error-note),
    .has-error .tags {
      display: none;
    }
  }
  @container (max-width: 820px) {
    [data-column='retries'] {
      display: none;
    }
  }
  @container (max-width: 700px) {
    table,
    tbody,
    td {
      display: block;
    }
    thead,
    td[data-column='check'],
    td[data-column='id'],
    td[data-column='duration'] {
      display: none;
    }
    tbody tr {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto;
      align-items: start;
      gap: 1px 8px;
      padding: 9px 12px;
      border-block-end: 1px solid var(--td-line-2);
    }
    tbody tr:last-child {
      border: 0;
    }
    tbody tr:hover,
    tbody tr.open,
    tbody tr.selected {
      background: var(--td-hover);
    }
    tbody tr td,
    tbody tr:hover td,
    tbody tr.open td,
    tbody tr.selected td {
      block-size: auto;
      padding: 0;
      border: 0;
      background: none;
    }
    td[data-column='function'] {
      grid-row: 1 / span 2;
      grid-column: 1;
    }
    td[data-column='status'] {
      grid-row: 1;
      grid-column: 2;
      text-align: end;
    }
    td[data-column='created'] {
      grid-row: 2;
      grid-column: 2;
      font-size: 12px;
      text-align: end;
    }
    .function > div {
      flex-wrap: wrap;
      gap: 1px 8px;
    }
    .name {
      flex: 0 1 auto;
      max-inline-size: 100%;
      line-height: 22px;
    }
    .note {
      flex: 1 0 100%;
      max-inline-size: 100%;
      line-height: 20px;
    }
    .has-error .error-note {
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
