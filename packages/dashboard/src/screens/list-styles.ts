import { css } from 'lit'

/** A table of few rows with much to say: top-aligned cells that wrap, and cards of one column where it is narrow. */
export const listStyles = css`
  :host {
    padding-block-start: 12px;
  }
  table {
    table-layout: auto;
  }
  td {
    padding-block: 9px;
    white-space: normal;
    overflow-wrap: anywhere;
    vertical-align: top;
  }
  td p + p,
  td .words {
    margin-block-start: 2px;
  }
  td > .words:first-child {
    margin: 0;
  }
  td .name {
    font-weight: 540;
  }
  .small {
    font-size: 12px;
  }
  .words {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
  }
  .acts {
    display: flex;
    justify-content: flex-end;
    gap: 6px;
    /* A button is in line with the words of the first line. */
    margin-block: -4px;
  }
  .link {
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font-weight: 540;
    text-align: start;
    overflow-wrap: anywhere;
    cursor: pointer;
  }
  .link:hover {
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  .label {
    display: none;
  }
  @container (max-width: 760px) {
    table,
    tbody,
    tr,
    td {
      display: block;
    }
    thead {
      display: none;
    }
    tbody tr {
      padding: 8px 12px;
      border-block-end: 1px solid var(--td-line-2);
    }
    tbody tr:last-child {
      border: 0;
    }
    td {
      block-size: auto;
      padding: 2px 0;
      border: 0;
      background: none !important;
    }
    td.num {
      display: inline-block;
      padding-inline-end: 14px;
    }
    .label {
      display: inline;
      color: var(--td-text-3);
    }
    .acts {
      justify-content: flex-start;
      flex-wrap: wrap;
      margin-block: 0;
      padding-block: 4px;
    }
  }
`
