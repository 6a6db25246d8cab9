import { css } from 'lit'

/** What the small elements share. They take the page's font and its size as their own. */
export const siblingStyles = css`
  :host {
    color: var(--td-text);
    font-family: var(--td-font);
    font-variant-numeric: tabular-nums;
    line-height: 20px;
    text-align: start;
  }
  .skeleton {
    display: inline-block;
    border-radius: 4px;
    background: var(--td-neutral-bg);
  }
  .problem {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    font-size: 12px;
    color: var(--td-text-2);
  }
  .problem span {
    overflow-wrap: anywhere;
  }
  .problem.bad {
    color: var(--td-failed);
  }
  .stale {
    display: inline-flex;
    align-items: center;
    gap: 5px;
    font-size: 12px;
    color: var(--td-text-2);
  }
  .stale i {
    inline-size: 6px;
    block-size: 6px;
    border-radius: 50%;
    border: 1.5px solid currentColor;
  }
`
