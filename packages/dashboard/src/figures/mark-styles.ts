import { css } from 'lit'

/** For `meter`, `stackBar` and `sparkline`; `.cells` is a quiet row of figures as above the rows. */
export const markStyles = css`
  .meter,
  .stack {
    display: block;
    block-size: 4px;
    min-inline-size: 40px;
    border-radius: 2px;
    overflow: hidden;
    background: var(--td-neutral-bg);
  }
  .meter svg,
  .stack svg {
    display: block;
    inline-size: 100%;
    block-size: 100%;
    stroke: none;
  }
  .meter .fill {
    fill: var(--td-running);
  }
  .meter.hot .fill {
    fill: var(--td-interrupted);
  }
  :host(:dir(rtl)) :is(.meter, .stack) svg {
    transform: scaleX(-1);
  }
  .stack {
    background: none;
  }
  .stack .pending {
    fill: var(--td-bar);
  }
  .stack .running {
    fill: var(--td-running);
  }
  .stack .interrupted {
    fill: var(--td-interrupted);
  }
  .sparkline {
    display: block;
    inline-size: 88px;
    block-size: 20px;
    overflow: visible;
  }
  .sparkline polygon {
    fill: var(--td-neutral-bg);
    stroke: none;
  }
  .sparkline polyline {
    stroke: var(--td-text-3);
    stroke-width: 1.2;
    vector-effect: non-scaling-stroke;
  }
  .cells {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(132px, 1fr));
    margin-block-end: 12px;
    overflow: hidden;
  }
  .cells > div {
    padding: 10px 14px 9px;
    border-inline-start: 1px solid var(--td-line-2);
    margin-inline-start: -1px;
  }
  .cells dt {
    font-size: 11.5px;
    line-height: 16px;
    color: var(--td-text-2);
  }
  .cells dd {
    font-size: 18px;
    line-height: 26px;
    font-weight: 580;
    letter-spacing: -0.01em;
    white-space: nowrap;
  }
  .cells small {
    font-size: 12px;
    font-weight: 450;
    letter-spacing: 0;
    color: var(--td-text-2);
  }
  .cells .meter {
    margin-block-start: 2px;
  }
  @media (forced-colors: active) {
    .meter,
    .stack {
      forced-color-adjust: none;
      background: Canvas;
      border: 1px solid CanvasText;
    }
    .sparkline polyline {
      stroke: CanvasText;
    }
  }
`
