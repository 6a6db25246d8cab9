import { css } from 'lit'

/** For `task-plot`. Time runs from left to right in every language. */
export const plotStyles = css`
  figure {
    margin: 0;
    padding: 12px 14px 10px;
  }
  figcaption {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0 14px;
    min-block-size: 24px;
    padding-block-end: 8px;
  }
  figcaption strong {
    font-weight: 560;
  }
  .key {
    display: inline-flex;
    align-items: baseline;
    gap: 5px;
    font-size: 12px;
    color: var(--td-text-2);
    white-space: nowrap;
  }
  .key b {
    font-weight: 500;
    color: var(--td-text);
    font-variant-numeric: tabular-nums;
  }
  .key svg {
    inline-size: 14px;
    block-size: 8px;
    align-self: center;
  }
  .when {
    margin-inline-start: auto;
    font-size: 12px;
    color: var(--td-text-2);
    white-space: nowrap;
  }
  .plot {
    position: relative;
    direction: ltr;
    block-size: 132px;
    margin-inline-start: 52px;
    border-radius: 2px;
    cursor: crosshair;
    touch-action: pan-y;
  }
  .plot:focus-visible {
    outline-offset: 3px;
  }
  .plot > svg {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    overflow: visible;
  }
  .grid {
    stroke: var(--td-line-2);
    stroke-width: 1;
    vector-effect: non-scaling-stroke;
  }
  .level {
    position: absolute;
    inset-inline: -52px auto;
    inline-size: 46px;
    transform: translateY(-50%);
    text-align: end;
    font-size: 10.5px;
    line-height: 12px;
    color: var(--td-text-3);
    white-space: nowrap;
  }
  .level.top {
    inset-block-start: 0;
  }
  .level.middle {
    inset-block-start: 50%;
  }
  .level.foot {
    inset-block-start: 100%;
  }
  .line {
    stroke: var(--td-text-3);
    stroke-width: 1.25;
    vector-effect: non-scaling-stroke;
  }
  .line.main {
    stroke: var(--td-ink);
    stroke-width: 1.75;
  }
  .line.far {
    stroke: var(--td-interrupted);
    stroke-dasharray: 3 3;
  }
  .bar {
    stroke: none;
    fill: var(--td-bar);
  }
  .bar.failed {
    fill: var(--td-failed);
  }
  .bar.at {
    fill: color-mix(in srgb, var(--td-bar) 70%, var(--td-text-2));
  }
  .bar.failed.at {
    fill: var(--td-failed);
  }
  .cursor {
    stroke: var(--td-text-3);
    stroke-width: 1;
    vector-effect: non-scaling-stroke;
  }
  .ticks {
    position: relative;
    direction: ltr;
    block-size: 16px;
    margin-block-start: 6px;
    margin-inline-start: 52px;
    font-size: 11px;
    line-height: 16px;
    color: var(--td-text-3);
  }
  .ticks span {
    position: absolute;
    transform: translateX(-50%);
    white-space: nowrap;
  }
  .ticks .first {
    transform: none;
  }
  .ticks .last {
    transform: translateX(-100%);
  }
  .none {
    display: grid;
    place-items: center;
    block-size: 154px;
    color: var(--td-text-3);
  }
  details {
    margin-block-start: 4px;
    font-size: 12px;
  }
  summary {
    inline-size: fit-content;
    color: var(--td-text-3);
    cursor: pointer;
  }
  summary:hover {
    color: var(--td-text);
  }
  .numbers {
    max-block-size: 240px;
    margin-block-start: 6px;
    overflow: auto;
    border: 1px solid var(--td-line-2);
    border-radius: var(--td-radius-control);
  }
  .numbers th {
    position: sticky;
    inset-block-start: 0;
    block-size: 28px;
  }
  .numbers td {
    block-size: 26px;
  }
  @container (max-width: 420px) {
    .ticks .less {
      display: none;
    }
  }
  @media (forced-colors: active) {
    .line,
    .cursor {
      stroke: CanvasText;
    }
    .bar {
      fill: CanvasText;
    }
    .bar.failed {
      fill: Mark;
    }
  }
`
