import { css } from 'lit'

export const waterfallStyles = css`
  .waterfall {
    position: relative;
    padding-block-start: 22px;
  }
  .axis {
    position: absolute;
    inset-block: 0;
    inset-inline: 34px 68px;
    font-size: 11px;
    line-height: 16px;
    color: var(--td-text-3);
  }
  .axis span {
    position: absolute;
    inset-block: 0;
    padding-inline-start: 4px;
    border-inline-start: 1px solid var(--td-line-2);
    white-space: nowrap;
  }
  .axis .last {
    padding: 0;
    inline-size: 0;
    overflow: visible;
  }
  @container (max-width: 400px) {
    .axis span:nth-child(even) {
      color: transparent;
    }
  }
  .waterfall ol {
    position: relative;
  }
  .waterfall li {
    display: grid;
    grid-template-columns: 24px minmax(0, 1fr) 58px;
    align-items: center;
    gap: 10px;
    min-block-size: 26px;
  }
  .waterfall li > :first-child {
    text-align: end;
    text-decoration: none;
  }
  .waterfall li:hover {
    background: color-mix(in srgb, var(--td-text) 4%, transparent);
  }
  .waterfall .link:hover {
    text-decoration: underline;
  }
  .span {
    text-align: end;
    font-size: 12px;
    color: var(--td-text-2);
    white-space: nowrap;
  }
  .lane {
    position: relative;
    block-size: 12px;
  }
  .lane i {
    position: absolute;
    inset-block: 0;
    min-inline-size: 2px;
    border-radius: 2px;
    background: var(--bar);
  }
  .lane .run {
    --bar: var(--td-pending);
  }
  .lane .success {
    --bar: var(--td-success);
  }
  .lane .running {
    --bar: var(--td-running);
  }
  .lane .failed {
    --bar: var(--td-failed);
  }
  .lane .interrupted {
    --bar: var(--td-interrupted);
  }
  .lane .cancelled {
    --bar: var(--td-cancelled);
  }
  .lane .wait {
    --bar: repeating-linear-gradient(-45deg, var(--td-text-3) 0 1px, transparent 1px 5px);
    inset-block: 2px;
    opacity: 0.75;
  }
  .lane .wait.live {
    outline: 1px dashed var(--td-text-3);
    outline-offset: -1px;
  }
  .lane .short::after {
    content: '';
    position: absolute;
    inset-block: -4px;
    inset-inline-start: calc(50% - 3px);
    inline-size: 6px;
    background: var(--td-surface);
    border-inline: 1px solid var(--td-text-3);
    transform: skewX(-18deg);
  }
  .attempt:focus {
    outline: 2px solid var(--td-focus);
    outline-offset: 1px;
  }
  @media (forced-colors: active) {
    .lane i {
      forced-color-adjust: none;
      background: CanvasText;
    }
    .lane .wait {
      background: repeating-linear-gradient(-45deg, CanvasText 0 1px, Canvas 1px 5px);
    }
    .lane .failed {
      background: Highlight;
    }
  }
`
