import { css } from 'lit'

export const hostStyles = css`
  :host {
    container-type: inline-size;
    position: relative;
    font-family: var(--td-font);
    font-size: var(--task-font-size, 13px);
    line-height: 20px;
    font-variant-numeric: tabular-nums;
    text-align: start;
    color: var(--td-text);
    -webkit-text-size-adjust: 100%;
  }
  .split {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    align-items: start;
    gap: 0 16px;
  }
  .figures {
    margin-block-end: 0;
  }
  .notices {
    display: grid;
    gap: 8px;
    margin-block-end: 12px;
  }
  pre.snippet {
    margin: 4px 0 0;
    padding: 10px 14px;
    text-align: start;
    white-space: pre-wrap;
    font: 12px/18px var(--td-mono);
    color: var(--td-text);
    background: var(--td-sunken);
    border: 1px solid var(--td-line-2);
    border-radius: 6px;
  }
  .skeleton {
    display: grid;
  }
  .skeleton i {
    block-size: var(--td-row);
    border-block-end: 1px solid var(--td-line-2);
    background: linear-gradient(var(--td-line-2) 0 0) 14px 50% / 34% 8px no-repeat;
  }
  .skeleton i:nth-child(even) {
    background-size: 46% 8px;
  }
  .aside {
    min-inline-size: 0;
    margin-block: 12px;
  }
  .screen[hidden] {
    display: none;
  }
  @container (min-width: 1001px) {
    .split.open {
      grid-template-columns: minmax(0, 1fr) auto;
    }
  }
  @container (max-width: 700px) {
    .figures:has(~ .split.open),
    task-tab-bar:has(~ .split.open) {
      display: none;
    }
  }
  @container (max-width: 1000px) {
    .split.open > .screen {
      display: none;
    }
  }
`
