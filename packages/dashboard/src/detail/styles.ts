import { css } from 'lit'

/** What the tabs of an open task are made of: sections, blocks of text, lifecycle, attempts, sparkline. */
export const detailStyles = css`
  .sec {
    margin-block-start: 18px;
    padding-block-start: 14px;
    border-block-start: 1px solid var(--td-line-2);
  }
  .sec:first-child {
    margin-block-start: 0;
    padding-block-start: 0;
    border: 0;
  }
  h4 {
    display: flex;
    align-items: center;
    gap: 8px;
    min-block-size: 24px;
    margin-block-end: 6px;
    font-size: 12px;
    font-weight: 560;
    color: var(--td-text-2);
  }
  h4 small {
    font-size: 12px;
    font-weight: 450;
    color: var(--td-text-3);
  }
  .note {
    margin-block-start: 6px;
    font-size: 12px;
    color: var(--td-text-2);
  }
  .block {
    margin: 0;
    padding: 9px 11px;
    max-block-size: 420px;
    overflow: auto;
    background: var(--td-sunken);
    border: 1px solid var(--td-line-2);
    border-radius: 6px;
    font: 11.5px/17px var(--td-mono);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    text-align: start;
    unicode-bidi: plaintext;
  }
  .stack {
    white-space: normal;
  }
  .stack b,
  .frame {
    white-space: pre-wrap;
  }
  .stack b {
    display: block;
    font-weight: 600;
    color: var(--td-failed);
  }
  .frame {
    display: block;
    padding-inline-start: 14px;
    color: var(--td-text);
  }
  .frame.other,
  summary {
    color: var(--td-text-3);
  }
  summary {
    padding-inline-start: 14px;
    cursor: pointer;
    list-style: none;
  }
  summary:hover {
    color: var(--td-text);
  }
  .link {
    padding: 0;
    border: 0;
    background: none;
    color: var(--td-text);
    text-decoration: underline;
    text-decoration-color: var(--td-text-3);
    text-underline-offset: 3px;
    cursor: pointer;
    text-align: start;
  }
  .lifecycle li {
    display: grid;
    grid-template-columns: 14px minmax(0, 1fr) auto;
    gap: 0 10px;
    position: relative;
    padding-block-end: 8px;
    overflow-wrap: anywhere;
    color: var(--td-text);
  }
  .lifecycle li::before {
    content: '';
    margin: 6px 0 0 3px;
    inline-size: 7px;
    block-size: 7px;
    border-radius: 50%;
    background: currentColor;
  }
  .lifecycle li:not(:last-child)::after {
    content: '';
    position: absolute;
    inset-inline-start: 6px;
    inset-block: 17px -3px;
    inline-size: 1px;
    background: var(--td-line);
  }
  .lifecycle .quiet::before {
    background: var(--td-text-3);
  }
  .lifecycle .running::before {
    background: var(--td-running);
  }
  .lifecycle .success::before {
    background: var(--td-success);
  }
  .lifecycle .failed::before {
    background: var(--td-failed);
  }
  .lifecycle .interrupted::before {
    background: var(--td-interrupted);
  }
  .lifecycle .cancelled::before {
    background: var(--td-cancelled);
  }
  .lifecycle .aside {
    color: var(--td-text-2);
  }
  .lifecycle .aside::before {
    transform: scale(0.6);
  }
  .lifecycle time {
    font-size: 12px;
    color: var(--td-text-3);
  }
  .progress {
    display: block;
    inline-size: 100%;
    block-size: 4px;
    margin-block: 6px;
    border-radius: 2px;
    background: var(--td-neutral-bg);
    overflow: hidden;
  }
  .progress i {
    display: block;
    block-size: 100%;
    background: var(--td-running);
  }
  .attempt {
    border: 1px solid var(--td-line);
    border-radius: 6px;
    margin-block-end: 8px;
    overflow: hidden;
  }
  .attempt header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    padding: 7px 10px;
  }
  .attempt .block {
    border-width: 1px 0 0;
    border-radius: 0;
  }
  .attempt p {
    padding: 0 10px 8px;
    overflow-wrap: anywhere;
  }
  .spark {
    display: flex;
    align-items: flex-end;
    gap: 2px;
    block-size: 28px;
    inline-size: min(100%, 160px);
    margin-block-end: 8px;
  }
  .spark i {
    flex: 0 1 14px;
    min-block-size: 2px;
    border-radius: 1px;
    background: var(--td-bar);
  }
  .spark i.failed {
    background: var(--td-failed);
  }
  .spark i.this {
    background: var(--td-ink);
  }
  .runs li {
    display: grid;
    grid-template-columns: minmax(96px, auto) minmax(0, 1fr) auto auto;
    align-items: center;
    gap: 8px;
    min-block-size: 30px;
    border-block-end: 1px solid var(--td-line-2);
  }
  .runs li:last-child {
    border: 0;
  }
  .words {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    overflow-wrap: anywhere;
  }
`
