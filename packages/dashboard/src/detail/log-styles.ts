import { css } from 'lit'

export const logStyles = css`
  :host {
    display: grid;
    gap: 8px;
    background: var(--td-surface);
    color: var(--td-text);
  }
  :host(:fullscreen) {
    grid-template-rows: auto minmax(0, 1fr) auto auto;
    padding: 16px;
  }
  .bar,
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
  }
  .bar input {
    flex: 1 1 80px;
  }
  .btn[aria-pressed='true'] {
    background: var(--td-neutral-bg);
    border-color: var(--td-control-line);
  }
  .lines {
    min-block-size: 120px;
    max-block-size: max(240px, 100vh - 320px);
    overflow: auto;
    border: 1px solid var(--td-line-2);
    border-radius: 6px;
    background: var(--td-sunken);
    font: 11.5px/20px var(--td-mono);
    overscroll-behavior: contain;
  }
  :host(:fullscreen) .lines {
    max-block-size: none;
  }
  .all {
    position: relative;
    overflow: hidden;
  }
  .row {
    display: flex;
    gap: 10px;
    block-size: 20px;
    padding: 0 10px;
    white-space: nowrap;
  }
  .row time {
    flex: none;
    color: var(--td-text-3);
  }
  .level {
    flex: none;
    inline-size: 52px;
    color: var(--td-text-3);
  }
  .message {
    flex: 1;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: pre;
  }
  .row.level-error .level,
  .row.level-error .message {
    color: var(--td-failed);
  }
  .row.level-warning .level {
    color: var(--td-interrupted);
  }
  .row.level-debug .message {
    color: var(--td-text-2);
  }
  .row.head {
    align-items: center;
    font-weight: 600;
    color: var(--td-text-2);
    background: var(--td-neutral-bg);
  }
  .row button {
    flex: none;
    padding: 0 4px;
    border: 0;
    border-radius: 3px;
    background: none;
    color: var(--td-text-2);
    cursor: pointer;
  }
  .row button:hover {
    background: var(--td-neutral-bg);
  }
  .none {
    padding: 24px 12px;
    text-align: center;
    color: var(--td-text-2);
  }
  .chosen {
    border: 1px solid var(--td-line);
    border-radius: 6px;
  }
  .chosen header {
    display: flex;
    align-items: center;
    padding: 2px 4px 2px 10px;
    color: var(--td-text-2);
  }
  .chosen pre {
    margin: 0;
    padding: 8px 10px;
    max-block-size: 240px;
    overflow: auto;
    border-block-start: 1px solid var(--td-line-2);
    background: var(--td-sunken);
    font: 11.5px/17px var(--td-mono);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    unicode-bidi: plaintext;
  }
  .foot {
    color: var(--td-text-2);
  }
`
