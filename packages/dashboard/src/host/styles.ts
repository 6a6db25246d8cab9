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
  /* As high as what will stand there, so that nothing moves when it comes. */
  .head-to-come {
    block-size: 32px;
    margin-block-end: 14px;
  }
  .tabs-to-come {
    block-size: 35px;
    margin-block-start: 16px;
  }
  .filters-to-come {
    block-size: 56px;
  }
  .figures {
    min-block-size: 168px;
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
  .panel-to-come {
    inline-size: 456px;
    max-inline-size: 100%;
    min-block-size: 400px;
    padding: 18px;
    color: var(--td-text-2);
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
  /* Rows come with what stands above them. */
  .skeleton ~ *,
  [pending] ~ * {
    display: none;
  }
  .aside {
    min-inline-size: 0;
    margin-block: 12px;
  }
  .screen[hidden] {
    display: none;
  }
  @container (max-width: 940px) {
    .filters-to-come {
      block-size: 96px;
    }
  }
  @container (max-width: 420px) {
    .head-to-come {
      block-size: 48px;
    }
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
