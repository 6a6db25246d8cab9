import { css } from 'lit'

export const panelStyles = css`
  :host {
    position: relative;
    min-inline-size: 0;
    margin-block-start: 12px;
  }
  .panel {
    background: var(--td-surface);
    border: 1px solid var(--td-line);
    border-radius: var(--td-radius);
  }
  .panel:focus {
    outline: none;
  }
  .handle {
    display: none;
  }
  .head {
    padding: 12px 16px 0;
    border-block-end: 1px solid var(--td-line);
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    min-inline-size: 0;
  }
  .names {
    margin-block-start: 8px;
  }
  .names h3 {
    font-size: 15px;
    line-height: 22px;
    font-weight: 600;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .id {
    flex-wrap: nowrap;
    gap: 4px;
  }
  .id span {
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .boxed {
    border: 1px solid var(--td-line);
    border-radius: var(--td-radius-control);
    padding: 1px;
  }
  .gone {
    margin-block: 8px 0;
  }
  .tabs {
    margin: 6px -10px 0;
    border: 0;
  }
  .head:not(:has(.tabs)) {
    padding-block-end: 12px;
  }
  .body {
    padding: 16px 16px 20px;
  }
  .kv {
    grid-template-columns: repeat(auto-fill, minmax(112px, 1fr));
  }
  .kv div:has(.wide) {
    grid-column: span 2;
  }
  .message {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
    unicode-bidi: plaintext;
  }
  .item.bad {
    color: var(--td-failed);
  }
  .skeleton {
    display: grid;
    gap: 16px;
  }
  .skeleton i {
    block-size: 10px;
    border-radius: 3px;
    background: var(--td-line-2);
  }
  .skeleton i:nth-child(3n) {
    inline-size: 55%;
  }
  .skeleton i:nth-child(3n + 1) {
    inline-size: 80%;
  }
  @container (min-width: 1001px) {
    :host {
      inline-size: var(--td-panel-width, 456px);
      max-inline-size: 100cqi;
      justify-self: end;
      position: sticky;
      inset-block-start: 0;
    }
    .panel {
      display: flex;
      flex-direction: column;
      max-block-size: 100vh;
    }
    .body {
      overflow: auto;
      min-block-size: 0;
    }
    .handle {
      display: block;
      position: absolute;
      z-index: 1;
      inset-block: 0;
      inset-inline-start: -6px;
      inline-size: 12px;
      cursor: col-resize;
      touch-action: none;
    }
    .handle:hover::after,
    .handle:focus-visible::after {
      content: '';
      position: absolute;
      inset-block: 0;
      inset-inline-start: 5px;
      inline-size: 2px;
      background: var(--td-focus);
    }
    .handle:focus-visible {
      outline: none;
    }
    @media (prefers-reduced-motion: no-preference) {
      .panel {
        animation: arrive 120ms ease-out;
      }
    }
  }
  @keyframes arrive {
    from {
      opacity: 0;
      transform: translateX(12px);
    }
  }
`
