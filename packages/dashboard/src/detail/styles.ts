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
    display: grid;
    grid-template-columns: auto 1fr auto auto;
    align-items: center;
    gap: 4px 8px;
    padding: 7px 6px 7px 10px;
    overflow-wrap: anywhere;
  }
  .attempt header > .faint {
    text-align: end;
  }
  .attempt .block {
    border-width: 1px 0 0;
    border-radius: 0;
  }
  .attempt p {
    padding: 0 10px 8px;
    overflow-wrap: anywhere;
  }
  .runs li {
    display: grid;
    grid-template-columns: auto auto minmax(16px, 1fr) minmax(52px, auto) minmax(72px, auto);
    align-items: center;
    gap: 10px;
    padding-inline-end: 4px;
    white-space: nowrap;
    min-block-size: 30px;
    border-block-end: 1px solid var(--td-line-2);
  }
  .runs task-status-badge {
    min-inline-size: 92px;
  }
  .runs .name {
    min-inline-size: 64px;
  }
  .runs > li > :nth-last-child(-n + 2) {
    text-align: end;
  }
  @container (max-width: 400px) {
    .runs li {
      grid-template-columns: auto 1fr auto auto;
    }
    .run-bar {
      display: none;
    }
    .attempt header {
      grid-template-columns: auto 1fr auto;
    }
    .attempt header > .faint {
      grid-area: 2 / 1 / 3 / 4;
      text-align: start;
    }
  }
  .runs .this {
    background: var(--td-sunken);
  }
  .run-bar {
    block-size: 6px;
    border-radius: 3px;
    background: var(--td-line-2);
    overflow: hidden;
  }
  .run-bar i {
    display: block;
    block-size: 100%;
    border-radius: 3px;
    background: var(--td-bar);
  }
  .run-bar .failed {
    background: var(--td-failed);
  }
  .this .run-bar i:not(.failed) {
    background: var(--td-ink);
  }
  .runs li:last-child {
    border: 0;
  }
  button.tag {
    cursor: pointer;
  }
  button.tag:hover {
    color: var(--td-text);
    border-color: var(--td-control-line);
  }
  .link.quiet {
    font-size: 12px;
    font-weight: 450;
    color: var(--td-text-2);
    text-decoration: none;
  }
  .link.quiet:hover {
    color: var(--td-text);
    text-decoration: underline;
  }
  .drawn {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }
  .stale {
    margin-block-end: 14px;
  }
  .reveal {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
    margin-block-start: 10px;
    font-size: 12px;
  }
  .reveal .btn {
    font-size: 13px;
  }
  .reveal-form {
    margin-block-start: 10px;
    padding: 12px;
    border: 1px solid var(--td-line);
    border-radius: 6px;
  }
  .words {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    overflow-wrap: anywhere;
  }

  .lines {
    border-block-start: 1px solid var(--td-line-2);
    padding: 5px 10px 7px;
    font-size: 12px;
  }
  .lines summary {
    padding: 0;
  }
  .lines li {
    display: flex;
    gap: 10px;
    font: 11.5px/18px var(--td-mono);
    overflow-wrap: anywhere;
  }
  .lines time {
    flex: none;
    color: var(--td-text-3);
  }
  .lines .level-error {
    color: var(--td-failed);
  }
  .steps {
    display: grid;
    gap: 3px;
    margin-block: 8px;
  }
  .steps li {
    display: flex;
    align-items: center;
    gap: 8px;
    color: var(--td-text-3);
    overflow-wrap: anywhere;
  }
  .steps .done svg {
    color: var(--td-success);
  }
  .steps .now {
    color: var(--td-text);
    font-weight: 540;
  }
  .steps .now svg {
    color: var(--td-running);
  }
  .progress.unknown i {
    inline-size: 30%;
    opacity: 0.6;
  }
  .deeds li {
    padding-block: 9px;
    border-block-end: 1px solid var(--td-line-2);
  }
  .deeds li:first-child {
    padding-block-start: 0;
  }
  .deeds li:last-child {
    border: 0;
  }
  .deed {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 6px;
    overflow-wrap: anywhere;
  }
  .deed b {
    font-weight: 560;
  }
  .bad-deed svg {
    color: var(--td-failed);
  }
  .reason {
    margin-block-start: 3px;
    padding-inline-start: 10px;
    border-inline-start: 2px solid var(--td-line);
    color: var(--td-text-2);
    overflow-wrap: anywhere;
  }
  @media (forced-colors: active) {
    .run-bar i,
    .progress i,
    .lifecycle li::before {
      forced-color-adjust: none;
      background: CanvasText;
    }
    .run-bar .failed {
      background: Highlight;
    }
  }
`
