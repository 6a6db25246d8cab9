import { css } from 'lit'

/** For the metrics alone. */
export const metricsStyles = css`
  .plots {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 12px;
    margin-block-end: 12px;
  }
  .plots .wide {
    grid-column: 1 / -1;
  }
  .plots .card + .card {
    margin: 0;
  }
  .segments {
    display: inline-flex;
    flex-wrap: wrap;
    margin: 0;
    padding: 2px;
    border: 1px solid var(--td-line);
    border-radius: var(--td-radius-control);
    background: var(--td-surface);
  }
  .segments label {
    position: relative;
    cursor: pointer;
  }
  .segments input {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    opacity: 0;
  }
  .segments span {
    display: block;
    padding: 3px 10px;
    border-radius: 4px;
    color: var(--td-text-2);
  }
  .segments label:hover span {
    color: var(--td-text);
  }
  .segments input:checked + span {
    background: var(--td-neutral-bg);
    color: var(--td-text);
    font-weight: 540;
  }
  .segments input:focus-visible + span {
    outline: 2px solid var(--td-focus);
  }
  .bar.below {
    padding-block: 6px 8px;
  }
  .bar.below strong {
    font-weight: 560;
  }
  .aside {
    margin-block: -4px 12px;
    color: var(--td-text-3);
  }
  .functions td .tag {
    margin-inline-start: 4px;
  }
  .rows-to-come,
  .plots + .card {
    margin-block-end: 12px;
  }
  @container (max-width: 900px) {
    .plots {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media (forced-colors: active) {
    .segments input:checked + span {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
  }
`
