import { css } from 'lit'

/** Groups differ by tone, not by colour: that speaks of status alone. */
export const groupTones = css`
  .group-0 {
    --tone: 78%;
  }
  .group-1 {
    --tone: 54%;
  }
  .group-2 {
    --tone: 32%;
  }
  .group-3 {
    --tone: 14%;
  }
  [class*='group'] {
    fill: color-mix(in srgb, var(--td-text-2) var(--tone), var(--td-bar));
    background: color-mix(in srgb, var(--td-text-2) var(--tone), var(--td-bar));
  }
`

/** The plot with its axis; the tools stand on the line of the axis, before its end. */
export const chartStyles = css`
  :host {
    container-type: inline-size;
    padding: 12px 14px 8px;
    border-block-start: 1px solid var(--td-line-2);
  }
  .plot {
    position: relative;
    direction: ltr;
    border-radius: 3px;
    cursor: crosshair;
    touch-action: pan-y;
    user-select: none;
  }
  svg {
    display: block;
    inline-size: 100%;
    block-size: 64px;
    stroke: none;
    overflow: visible;
  }
  .bar {
    fill: var(--td-bar);
  }
  .bar.at {
    fill: color-mix(in srgb, var(--td-bar) 70%, var(--td-text-2));
  }
  .fail {
    fill: var(--td-failed);
  }
  .none {
    position: absolute;
    inset: 20px 0 auto;
    text-align: center;
    font-size: 12px;
    color: var(--td-text-2);
    pointer-events: none;
  }
  .brush {
    fill: color-mix(in srgb, var(--td-focus) 9%, transparent);
    stroke: color-mix(in srgb, var(--td-focus) 55%, transparent);
    stroke-width: 1;
  }
  .axis {
    display: flex;
    justify-content: space-between;
    direction: ltr;
    padding-block-start: 4px;
    font-size: 11px;
    line-height: 16px;
    color: var(--td-text-3);
  }
  .readout {
    position: absolute;
    inset-block-start: -4px;
    inset-inline-end: 0;
    padding: 0 6px;
    border-radius: 4px;
    background: var(--td-surface);
    font-size: 11px;
    line-height: 18px;
    color: var(--td-text-2);
    white-space: nowrap;
    pointer-events: none;
  }
  .readout.start {
    inset-inline: 0 auto;
  }
  .readout.brushing {
    color: var(--td-focus);
    font-weight: 500;
  }
  @container (max-width: 1100px) {
    .axis :nth-child(4) {
      visibility: hidden;
    }
  }
  @container (max-width: 700px) {
    .axis .mid {
      display: none;
    }
  }
  @media (forced-colors: active) {
    .bar {
      fill: CanvasText;
    }
    .fail {
      fill: Mark;
    }
  }
  task-chart-tools,
  .tools {
    display: block;
    min-block-size: 28px;
    margin-block: -23px -5px;
  }
`
