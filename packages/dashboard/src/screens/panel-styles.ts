import { css } from 'lit'

/** For panels of the host. */
export const panelStyles = css`
  .pace {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    color: var(--td-text-2);
  }
  .text-block {
    max-inline-size: 80ch;
    margin-block-end: 12px;
    padding-inline: 2px;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .scroll {
    margin-block-end: 12px;
    overflow-x: auto;
  }
  .cells dd {
    overflow-wrap: anywhere;
    white-space: normal;
  }
  .cells .tone svg {
    inline-size: 13px;
    block-size: 13px;
    margin-inline-start: 2px;
    stroke-width: 1.9;
  }
  .good .tone {
    color: var(--td-success);
  }
  .warning dd {
    color: var(--td-interrupted);
  }
  .bad dd {
    color: var(--td-failed);
  }
  .tree {
    margin-block-end: 12px;
    padding: 10px 14px;
    font: 12px/20px var(--td-mono);
    overflow-wrap: anywhere;
  }
  .tree ul ul {
    padding-inline-start: 16px;
    border-inline-start: 1px solid var(--td-line-2);
  }
  .tree .key {
    color: var(--td-text-2);
  }
  .tree details {
    display: inline;
  }
  .tree details > ul {
    margin-block: 2px;
  }
  .tree summary {
    display: inline;
    color: var(--td-text-3);
    cursor: pointer;
  }
  .leaf.string {
    color: var(--td-success);
  }
  .leaf:is(.number, .boolean) {
    color: var(--td-running);
  }
`
