import { css } from 'lit'

/** Errors by window: red by orders of magnitude, and cards of few lines where it is narrow. */
export const matrixStyles = css`
  :host {
    container-type: inline-size;
  }
  .function {
    inline-size: 14%;
  }
  .trend-cell {
    inline-size: 115px;
  }
  th.num {
    inline-size: 68px;
  }
  th {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .seen {
    inline-size: 108px;
  }
  th.acts {
    inline-size: 140px;
  }
  .acts > div {
    display: flex;
    align-items: center;
    justify-content: flex-end;
    gap: 2px;
  }
  td.acts {
    overflow: visible;
  }
  .error-words > div {
    display: flex;
    align-items: center;
    gap: 8px;
    min-inline-size: 0;
  }
  .link {
    min-inline-size: 0;
    padding: 0;
    border: 0;
    background: none;
    color: var(--td-failed);
    text-align: start;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    unicode-bidi: isolate;
    cursor: pointer;
  }
  .link:hover {
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  .put-away :is(.link, .heat) {
    color: var(--td-text-2);
  }
  .put-away .function {
    color: var(--td-text-2);
  }
  .tag {
    display: inline-flex;
    align-items: center;
    gap: 3px;
    flex: none;
  }
  .tag svg {
    inline-size: 10px;
    block-size: 10px;
  }
  .tag:is(.growing, .back) {
    color: var(--td-interrupted);
    border-color: currentColor;
  }
  .heat {
    min-inline-size: 44px;
    padding: 1px 8px;
    border: 1px solid transparent;
    border-radius: 4px;
    background: color-mix(in srgb, var(--td-failed) calc(var(--heat) * 0.24), var(--td-surface));
    text-align: end;
    cursor: pointer;
  }
  .put-away .heat {
    background: var(--td-neutral-bg);
  }
  .heat:hover {
    border-color: currentColor;
  }
  .zero {
    display: inline-block;
    padding: 1px 9px;
    color: var(--td-text-3);
  }
  .label {
    display: none;
  }
  .item.bad {
    color: var(--td-failed);
  }
  .more {
    display: flex;
    gap: 4px;
    padding: 4px 0;
    border-block-start: 1px solid var(--td-line-2);
  }
  .more [aria-expanded='true'] .caret {
    transform: scaleY(-1);
  }
  .calm td {
    color: var(--td-text-2);
  }
  .calm svg {
    margin-inline-end: 6px;
    vertical-align: -2px;
  }
  @container (max-width: 1120px) {
    .seen.first {
      display: none;
    }
  }
  @container (max-width: 960px) {
    .function {
      display: none;
    }
  }
  @container (max-width: 840px) {
    .seen.last {
      display: none;
    }
    .trend-cell {
      inline-size: 92px;
    }
    th.num {
      inline-size: 62px;
    }
    .num {
      padding-inline: 4px;
    }
  }
  @container (max-width: 620px) {
    table,
    tbody {
      display: block;
    }
    thead {
      display: none;
    }
    tbody tr {
      display: grid;
      grid-template-columns: repeat(3, 52px) minmax(0, 1fr);
      align-items: end;
      gap: 4px 8px;
      padding: 10px 8px 10px 12px;
      border-block-end: 1px solid var(--td-line-2);
    }
    tbody tr:last-child {
      border: 0;
    }
    tbody tr.selected {
      background: var(--td-selected);
    }
    tbody tr td {
      block-size: auto;
      padding: 0;
      border: 0;
      background: none !important;
    }
    .error-words,
    .calm td {
      grid-column: 1 / -1;
    }
    .error-words > div {
      align-items: flex-start;
      padding-inline-end: 4px;
    }
    .error-words .link {
      flex: 1;
      display: -webkit-box;
      -webkit-box-orient: vertical;
      -webkit-line-clamp: 2;
      white-space: normal;
      overflow-wrap: anywhere;
    }
    td.num {
      padding: 0;
      text-align: start;
    }
    .label {
      font-size: 11.5px;
      line-height: 16px;
      color: var(--td-text-3);
    }
    .num .label {
      display: block;
    }
    .seen .label {
      display: inline;
    }
    .heat,
    .zero {
      inline-size: 100%;
      text-align: start;
    }
    td.trend-cell,
    td.seen.first,
    td.seen.last {
      display: block;
      inline-size: auto;
      align-self: center;
      font-size: 12px;
      line-height: 16px;
    }
    td.trend-cell {
      grid-area: 2 / 1 / 4 / 3;
    }
    .trend-cell ~ td.seen {
      grid-column: 3 / -1;
    }
    td.seen {
      grid-column: 1 / -1;
    }
    td.seen.last {
      grid-row: 2;
    }
    td.seen.first {
      grid-row: 3;
    }
    svg.trend {
      inline-size: 100%;
      block-size: 28px;
    }
    td:is(.num, .acts) {
      grid-row: 4;
    }
  }
  @media (forced-colors: active) {
    .heat {
      border-color: ButtonBorder;
    }
  }
`
