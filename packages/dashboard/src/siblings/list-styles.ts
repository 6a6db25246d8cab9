import { css } from 'lit'

/** `<task-list>`: one line for each row where there is room, two where there is not. */
export const listStyles = css`
  :host {
    container-type: inline-size;
  }
  .rows > * + * {
    border-block-start: 1px solid var(--td-line-2);
  }
  .row {
    display: grid;
    grid-template-columns: 108px minmax(0, 1fr) minmax(0, 1.2fr) 96px;
    align-items: center;
    gap: 0 12px;
    min-block-size: var(--td-row);
    inline-size: 100%;
    padding: 4px 0;
    margin: 0;
    border: 0;
    background: none;
    color: inherit;
    text-align: start;
    text-decoration: none;
  }
  a.row,
  button.row {
    cursor: pointer;
  }
  a.row:hover,
  button.row:hover {
    background: var(--td-hover);
  }
  .name,
  .note {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .name {
    font-weight: 520;
  }
  .note,
  time {
    font-size: 12px;
    color: var(--td-text-2);
  }
  .failed .note {
    color: var(--td-failed);
  }
  time {
    text-align: end;
    white-space: nowrap;
  }
  .row .skeleton {
    grid-column: 1 / -1;
    block-size: 14px;
    inline-size: 60%;
  }
  .row:nth-child(even) .skeleton {
    inline-size: 44%;
  }
  .empty,
  p.problem {
    padding: 12px 0;
    color: var(--td-text-2);
  }
  .foot {
    display: flex;
    justify-content: space-between;
    gap: 12px;
    font-size: 12px;
    color: var(--td-text-2);
  }
  @container (max-width: 520px) {
    .row {
      grid-template-columns: minmax(0, 1fr) auto;
      gap: 0 12px;
      padding-block: 7px;
    }
    .row > task-status-badge {
      grid-area: 1 / 2;
      justify-self: end;
    }
    .row > time {
      grid-area: 2 / 2;
      justify-self: end;
    }
    .row > .name {
      grid-area: 1 / 1;
    }
    .row > .note {
      grid-area: 2 / 1;
    }
  }
`
