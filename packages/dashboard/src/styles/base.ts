import { css } from 'lit'

/** What every shadow root of ours begins with. */
export const base = css`
  :host {
    display: block;
    min-inline-size: 0;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
  }
  ::placeholder {
    color: var(--td-text-3);
    opacity: 1;
  }
  :focus-visible {
    outline: 2px solid var(--td-focus);
    outline-offset: 1px;
  }
  svg {
    inline-size: 14px;
    block-size: 14px;
    flex: none;
    stroke: currentColor;
    fill: none;
    stroke-width: 1.5;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  h2,
  h3,
  h4,
  p,
  dl,
  dd,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  .mono {
    font-family: var(--td-mono);
    font-size: 12px;
  }
  .muted {
    color: var(--td-text-2);
  }
  .faint {
    color: var(--td-text-3);
  }
  .bad {
    color: var(--td-failed);
  }
  .spacer {
    flex: 1;
  }
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`
