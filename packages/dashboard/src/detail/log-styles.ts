import { css } from 'lit'

export const logStyles = css`
  :host {
    display: grid;
    gap: 8px;
    background: var(--td-surface);
    color: var(--td-text);
  }
  :host(:fullscreen) {
    grid-template-rows: auto minmax(0, 1fr) auto;
    padding: 16px;
  }
  .bar,
  .find,
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
  }
  /* One line where there is room for both, else the tools stand under the search. */
  .find,
  .tools {
    flex: 1 1 280px;
    min-inline-size: 0;
  }
  .tools {
    color: var(--td-text-2);
  }
  .find input {
    flex: 1 1 80px;
  }
  .find .text {
    block-size: 28px;
    border-color: var(--td-line);
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
  .narrow .row {
    gap: 8px;
    padding: 0 8px;
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
  .narrow .level {
    inline-size: 1ch;
    overflow: hidden;
    text-transform: uppercase;
  }
  .message {
    flex: 1;
    min-inline-size: 0;
    overflow: hidden;
    white-space: pre;
  }
  /* The button is the ellipsis. */
  .message + button {
    margin-inline-start: -8px;
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
  .number {
    flex: none;
    min-inline-size: 3ch;
    text-align: end;
    color: var(--td-text-3);
    user-select: none;
  }
  mark {
    background: var(--td-interrupted-bg);
    color: var(--td-text);
    outline: 1px solid var(--td-interrupted);
    border-radius: 2px;
  }
  .red {
    color: var(--td-failed);
  }
  .green {
    color: var(--td-success);
  }
  .yellow {
    color: var(--td-interrupted);
  }
  .blue,
  .cyan {
    color: var(--td-running);
  }
  .magenta {
    color: var(--td-cancelled);
  }
  .dim {
    color: var(--td-text-3);
  }
  .bold {
    font-weight: 700;
  }
  .italic {
    font-style: italic;
  }
  .underline {
    text-decoration: underline;
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
`
