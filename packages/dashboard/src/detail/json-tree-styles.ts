import { css } from 'lit'

export const jsonTreeStyles = css`
  .tree {
    padding: 5px 4px;
    max-block-size: 480px;
    overflow: auto;
    background: var(--td-sunken);
    border: 1px solid var(--td-line-2);
    border-radius: 6px;
    font: 11.5px/20px var(--td-mono);
  }
  .row {
    position: relative;
    display: flex;
    align-items: start;
    padding-inline-start: calc(var(--level) * 14px);
    border-radius: 4px;
    cursor: default;
  }
  .row[aria-expanded],
  .row:has(.more) {
    cursor: pointer;
  }
  .row:hover {
    background: var(--td-hover);
  }
  .row:focus-visible {
    outline-offset: -2px;
  }
  .caret {
    flex: none;
    inline-size: 18px;
    block-size: 20px;
    display: grid;
    place-content: center;
  }
  .caret::before {
    content: '';
    border-block: 4px solid transparent;
    border-inline-start: 5px solid var(--td-text-3);
  }
  .caret.open::before {
    transform: rotate(90deg);
  }
  .caret.none::before {
    display: none;
  }
  .words {
    flex: 1;
    min-inline-size: 0;
    overflow-wrap: anywhere;
    white-space: pre-wrap;
    text-align: start;
  }
  .key {
    color: var(--td-text);
  }
  .string {
    color: var(--td-success);
  }
  .number,
  .boolean {
    color: var(--td-running);
  }
  .object {
    color: var(--td-text-2);
  }
  small {
    font-size: 11px;
    color: var(--td-text-3);
  }
  .tools button {
    display: grid;
    place-content: center;
    inline-size: 22px;
    block-size: 20px;
    padding: 0;
    border: 0;
    background: none;
    color: var(--td-text-3);
    cursor: pointer;
  }
  .tools button:hover {
    color: var(--td-text);
  }
  .tools svg {
    inline-size: 12px;
    block-size: 12px;
  }
  .more,
  .words button {
    padding: 0;
    border: 0;
    background: none;
    color: var(--td-text-2);
    text-decoration: underline;
    text-underline-offset: 3px;
    white-space: normal;
    cursor: pointer;
  }
  .tools {
    position: absolute;
    inset-block-start: 0;
    inset-inline-end: 0;
    display: flex;
    block-size: 20px;
    align-items: center;
    border-radius: 4px;
    background: var(--td-hover);
    opacity: 0;
  }
  .row:is(:hover, :focus-within) > .tools {
    opacity: 1;
  }
  @media (hover: none) {
    .row[aria-selected='true'] > .tools {
      opacity: 1;
    }
  }
  @media (forced-colors: active) {
    .caret::before {
      border-inline-start-color: CanvasText;
    }
  }
`
