import { css } from 'lit'

/** `.menu` holds `.item`s: buttons or labels with a checkbox; `.item .n` is a count at the end; `.menu hr`; `.menu h3`. */
export const menus = css`
  .menu {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    padding: 4px;
    border-radius: var(--td-radius);
    min-inline-size: 200px;
    max-inline-size: min(340px, 92vw);
    max-block-size: min(420px, 70vh);
    overflow: auto;
  }
  .menu .item {
    display: flex;
    align-items: center;
    gap: 8px;
    min-block-size: 30px;
    padding: 0 8px;
    border: 0;
    border-radius: 5px;
    background: none;
    color: var(--td-text);
    text-align: start;
    white-space: nowrap;
    cursor: pointer;
  }
  .menu .item:hover {
    background: var(--td-hover);
  }
  .menu .item:has(:focus-visible) {
    outline: 2px solid var(--td-focus);
    outline-offset: -2px;
  }
  .menu .item input:focus-visible {
    outline: 0;
  }
  .menu .item > span:not(.n) {
    overflow: hidden;
    text-overflow: ellipsis;
    min-inline-size: 0;
  }
  .menu .item .n {
    margin-inline-start: auto;
    padding-inline-start: 16px;
    color: var(--td-text-2);
    font-size: 12px;
  }
  .menu hr {
    border: 0;
    border-block-start: 1px solid var(--td-line-2);
    margin: 4px 0;
    inline-size: 100%;
  }
  .menu h3 {
    padding: 6px 8px 2px;
    font-size: 11.5px;
    line-height: 16px;
    font-weight: 500;
    color: var(--td-text-2);
  }
`

/** `.tabs` with `.tab[aria-selected]`. */
export const tabStyles = css`
  .tabs {
    display: flex;
    gap: 2px;
    border-block-end: 1px solid var(--td-line);
    overflow-x: auto;
    overflow-y: hidden;
    scrollbar-width: none;
  }
  .tab {
    display: flex;
    align-items: center;
    gap: 6px;
    block-size: 34px;
    padding: 0 10px;
    border: 0;
    background: none;
    color: var(--td-text-2);
    position: relative;
    white-space: nowrap;
    cursor: pointer;
    flex: none;
  }
  .tab:hover {
    color: var(--td-text);
  }
  .tab:focus-visible {
    outline-offset: -2px;
    border-radius: 6px;
  }
  .tab[aria-selected='true'] {
    color: var(--td-text);
    font-weight: 560;
  }
  .tab[aria-selected='true']::after {
    content: '';
    position: absolute;
    inset-inline: 8px;
    inset-block-end: 0;
    block-size: 2px;
    background: var(--td-ink);
  }
  @media (forced-colors: active) {
    .tab[aria-selected='true']::after {
      background: Highlight;
    }
  }
`

/** `.card` around a `<table>`: 34-px heads, 38-px rows, hairlines; `.num` aligns at the end, `tr[aria-selected]`. */
export const tables = css`
  .card {
    background: var(--td-surface);
    border: 1px solid var(--td-line);
    border-radius: var(--td-radius);
  }
  table {
    border-collapse: separate;
    border-spacing: 0;
    inline-size: 100%;
    table-layout: fixed;
  }
  th {
    block-size: 34px;
    padding: 0 10px;
    text-align: start;
    font-weight: 500;
    font-size: 12px;
    color: var(--td-text-2);
    border-block-end: 1px solid var(--td-line);
    background: var(--td-sunken);
    white-space: nowrap;
  }
  th:first-child {
    border-start-start-radius: calc(var(--td-radius) - 1px);
  }
  th:last-child {
    border-start-end-radius: calc(var(--td-radius) - 1px);
  }
  td {
    block-size: var(--td-row);
    padding: 0 10px;
    border-block-end: 1px solid var(--td-line-2);
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  tbody tr:last-child td {
    border-block-end: 0;
  }
  tbody tr:last-child td:first-child {
    border-end-start-radius: calc(var(--td-radius) - 1px);
  }
  tbody tr:last-child td:last-child {
    border-end-end-radius: calc(var(--td-radius) - 1px);
  }
  tbody tr:hover td {
    background: var(--td-hover);
  }
  tbody tr[aria-selected='true'] td,
  tbody tr.selected td {
    background: var(--td-selected);
  }
  .num {
    text-align: end;
  }
  th button {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 4px 0;
    border: 0;
    background: none;
    font-weight: inherit;
    cursor: pointer;
  }
  th button:hover,
  th[aria-sort] button {
    color: var(--td-text);
  }
`

/** `dl.kv`: a grid of small captions over values. */
export const keyValues = css`
  .kv {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(118px, 1fr));
    gap: 12px 16px;
  }
  .kv dt {
    font-size: 11.5px;
    line-height: 16px;
    color: var(--td-text-3);
  }
  .kv dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
`

/** A native `<dialog>`: `.dialog-body` and `.dialog-actions`. */
export const dialogs = css`
  dialog {
    inline-size: min(460px, calc(100vw - 24px));
    max-block-size: calc(100vh - 48px);
    padding: 0;
    border: 1px solid var(--td-line);
    border-radius: 10px;
    background: var(--td-raised);
    color: var(--td-text);
    overflow: auto;
    box-shadow: 0 16px 48px rgb(0 0 0 / 0.22);
  }
  dialog::backdrop {
    background: rgb(10 12 16 / 0.42);
  }
  .dialog-body {
    display: grid;
    gap: 12px;
    padding: 18px 20px 4px;
  }
  dialog h2,
  dialog h3 {
    font-size: 15px;
    line-height: 22px;
    font-weight: 600;
  }
  .dialog-actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 8px;
    padding: 14px 20px 18px;
  }
`
