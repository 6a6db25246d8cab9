import { css } from 'lit'

/** The box with its chips, and what is said below it. */
export const searchStyles = css`
  :host {
    position: relative;
  }
  .box {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 6px;
    min-block-size: 32px;
    padding: 3px 8px;
    border: 1px solid var(--td-line);
    border-radius: var(--td-radius-control);
    background: var(--td-surface);
    cursor: text;
  }
  .box:focus-within {
    outline: 2px solid var(--td-focus);
    outline-offset: -1px;
  }
  .box.wrong {
    border-color: var(--td-failed);
  }
  .box:has(.chip button:focus-visible) {
    outline: 0;
  }
  .chip b {
    font-weight: 540;
    color: var(--td-failed);
  }
  .chip.term {
    gap: 0;
    padding-inline-start: 3px;
  }
  .chip .words {
    display: block;
    inline-size: auto;
    min-inline-size: 0;
    padding: 0 4px;
    overflow: hidden;
    text-overflow: ellipsis;
    color: var(--td-text);
    unicode-bidi: isolate;
  }
  .chip .not {
    opacity: 0.55;
  }
  .chip .not:is([aria-pressed='true'], :hover, :focus-visible) {
    opacity: 1;
  }
  .chip .not[aria-pressed='true'] {
    color: var(--td-failed);
  }
  input {
    flex: 1 1 120px;
    min-inline-size: 60px;
    block-size: 24px;
    padding: 0;
    border: 0;
    background: none;
    text-overflow: ellipsis;
  }
  input:focus-visible {
    outline: 0;
  }
  input::-webkit-search-cancel-button {
    display: none;
  }
  .hint {
    pointer-events: none;
  }
  .box:focus-within .hint {
    visibility: hidden;
  }
  .problem {
    padding: 4px 8px 0;
    font-size: 12px;
    line-height: 16px;
    color: var(--td-failed);
    overflow-wrap: anywhere;
  }
  mark {
    background: var(--td-failed-bg);
    color: inherit;
    text-decoration: underline wavy;
    text-underline-offset: 2px;
    white-space: pre;
  }
  @container (max-width: 700px) {
    .hint {
      display: none;
    }
  }
`
