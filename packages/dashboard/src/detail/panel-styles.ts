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
  /* Parts measure the panel, not the page: it may be made narrow on a wide one. */
  .head,
  #content {
    container-type: inline-size;
  }
  .head {
    border-block-end: 1px solid var(--td-line);
  }
  .who {
    display: grid;
    grid-template:
      'badge acts acts close' auto 'names names names names' auto 'id id steps steps' auto / auto minmax(0, 1fr)
      auto auto;
    align-items: center;
    gap: 4px 8px;
    padding: 12px 16px 0;
  }
  .who > task-status-badge {
    grid-area: badge;
    justify-self: start;
  }
  .acts {
    grid-area: acts;
    justify-content: end;
  }
  .close {
    grid-area: close;
    justify-self: end;
  }
  .gone {
    grid-column: 1 / -1;
  }
  @container (max-width: 420px) {
    .who {
      grid-template: 'badge steps close' auto 'names names names' auto 'id id id' auto 'acts acts acts' auto / 1fr auto auto;
    }
    .acts {
      justify-content: start;
      margin-block-start: 4px;
    }
    .head .tabs {
      gap: 0;
      margin-inline: 8px;
    }
    .tab {
      gap: 4px;
      padding: 0 8px;
    }
    .tab .count {
      padding: 0;
      background: none;
    }
  }
  .line {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    min-inline-size: 0;
  }
  .names {
    grid-area: names;
    margin-block-start: 4px;
  }
  .names h3 {
    font-size: 15px;
    line-height: 22px;
    font-weight: 600;
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .id {
    grid-area: id;
    flex-wrap: nowrap;
    gap: 4px;
  }
  .id span {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .boxed {
    --td-text-3: var(--td-text);
    border: 1px solid var(--td-line);
    border-radius: var(--td-radius-control);
    padding: 1px;
  }
  .steps-pair {
    grid-area: steps;
    display: inline-flex;
    justify-self: end;
  }
  .up svg {
    transform: rotate(180deg);
  }
  [aria-disabled='true'].ghost {
    background: none;
    opacity: 0.5;
  }
  .conflict {
    margin: 8px 14px 0;
    flex-wrap: wrap;
    align-items: center;
  }
  .conflict p {
    flex: 1 1 160px;
  }
  .conflict svg {
    margin: 0;
  }
  .tabs {
    margin: 6px 6px 0;
    border: 0;
  }
  .head:not(:has(.tabs)) .who {
    grid-template: 'id steps close' auto / minmax(0, 1fr) auto auto;
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
