import { css } from 'lit'

/** For the audit log alone. */
export const auditStyles = css`
  .audit {
    table-layout: fixed;
  }
  .audit [data-column='when'] {
    inline-size: 116px;
  }
  .audit [data-column='from'] {
    inline-size: 20%;
  }
  .audit [data-column='seq'] {
    inline-size: 76px;
  }
  .bar select.text {
    max-inline-size: 180px;
  }
  .bar .find {
    flex: 0 1 160px;
  }
  .role:not(:last-child) {
    margin-inline-end: 8px;
  }
  .why {
    color: var(--td-text-2);
  }
  .tag.bad {
    border-color: currentColor;
    color: var(--td-failed);
  }
  .links,
  .links details {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px 12px;
  }
  .links details:not([open]) {
    display: inline-block;
  }
  .links summary {
    inline-size: fit-content;
    font-size: 12px;
    color: var(--td-text-2);
    cursor: pointer;
  }
  .links .link {
    min-block-size: 24px;
    font-weight: 450;
    color: var(--td-text-2);
    text-decoration: underline;
    text-decoration-color: var(--td-line);
    text-underline-offset: 3px;
  }
  .links .link:hover {
    color: var(--td-text);
    text-decoration-color: currentColor;
  }
  .result {
    display: flex;
    align-items: flex-start;
    gap: 8px;
    margin-block-end: 12px;
    color: var(--td-text-2);
  }
  .result svg {
    margin-block-start: 3px;
  }
  .result.whole svg {
    color: var(--td-success);
  }
  .result.error,
  .result.warn {
    color: var(--td-failed);
  }
  .result.warn {
    color: var(--td-interrupted);
  }
  @container (max-width: 760px) {
    .bar select.text {
      flex: 1 1 120px;
      max-inline-size: none;
    }
    .audit [data-column] {
      inline-size: auto;
    }
    .audit td[data-column='seq'] {
      display: none;
    }
  }
`
