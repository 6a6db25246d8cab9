import { css } from 'lit'

/** For the queues alone. */
export const queueStyles = css`
  .queues [data-column='name'] {
    inline-size: 15%;
  }
  .queues [data-column='depth'] {
    text-align: start;
  }
  /* As high as the words beside them. */
  .acts {
    margin-block: -4px;
    flex-wrap: wrap;
  }
  /* Wide enough that what comes and goes in a row moves nothing in the others. */
  @container (min-width: 1100px) {
    .queues {
      table-layout: fixed;
    }
    th[data-column='wait'] {
      inline-size: 108px;
    }
    th[data-column='throughput'] {
      inline-size: 172px;
    }
    th[data-column='workers'] {
      inline-size: 11%;
    }
    th[data-column='actions'] {
      inline-size: 204px;
    }
  }
  .queues tr.paused td:not([data-column='actions'], [data-column='name']) {
    color: var(--td-text-2);
  }
  .tag svg {
    inline-size: 9px;
    block-size: 9px;
    margin-inline-end: 3px;
    stroke-width: 2;
    vertical-align: -0.5px;
  }
  .depth {
    display: grid;
    grid-template-columns: minmax(var(--digits), max-content) minmax(60px, 240px) 1fr;
    align-items: center;
    gap: 2px 8px;
  }
  .depth b {
    font-weight: 540;
  }
  .counts {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    gap: 0 10px;
  }
  .count-link {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-block-size: 24px;
    padding: 0;
    border: 0;
    background: none;
    font-size: 12px;
    line-height: 18px;
    color: var(--td-text-2);
    white-space: nowrap;
    cursor: pointer;
  }
  .count-link:hover {
    color: var(--td-text);
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  .count-link.failed {
    color: var(--td-failed);
  }
  .count-link i {
    inline-size: 6px;
    block-size: 6px;
    border-radius: 2px;
    background: var(--td-pending);
  }
  .count-link.running i {
    background: var(--td-running);
  }
  .count-link.success i {
    background: var(--td-success);
  }
  .count-link.failed i {
    background: var(--td-failed);
  }
  .count-link.interrupted i {
    background: var(--td-interrupted);
  }
  .count-link.cancelled i {
    background: var(--td-cancelled);
  }
  .flow {
    display: flex;
    align-items: center;
    justify-content: flex-end;
    gap: 10px;
  }
  .flow .n {
    min-inline-size: 3ch;
    text-align: end;
  }
  .late svg {
    inline-size: 11px;
    block-size: 11px;
    vertical-align: -1px;
  }
  /* Its name and what can be done with it, and below them the figures, as many on a line as there is room. */
  @container (max-width: 760px) {
    .queues tbody tr {
      display: flex;
      flex-wrap: wrap;
      align-items: flex-start;
      gap: 4px 16px;
      padding-block: 10px;
    }
    .queues td {
      flex: none;
    }
    .queues td[data-column='name'] {
      order: -2;
      flex: 1;
      inline-size: auto;
    }
    .queues td[data-column='actions'] {
      order: -1;
    }
    .queues td[data-column='depth'] {
      flex: 1 1 100%;
    }
    .queues td.num {
      padding-inline-end: 0;
    }
    .queues td.none {
      display: none;
    }
    .flow {
      justify-content: flex-start;
    }
    .flow .n {
      min-inline-size: 0;
    }
    .acts {
      margin-block: 0;
      padding: 0;
    }
  }
  @media (forced-colors: active) {
    .count-link i {
      forced-color-adjust: none;
    }
  }
`
