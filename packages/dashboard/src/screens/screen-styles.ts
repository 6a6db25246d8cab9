import { css } from 'lit'
import { choiceStyles } from '../figures/choice-styles.ts'
import { markStyles } from '../figures/mark-styles.ts'
import { base, buttons, chips, inputs, tables } from '../styles/controls.ts'
import { answerStyles } from './answers.ts'
import { listStyles } from './list-styles.ts'

/** What screens with a bar above rows and figures in them have in common. */
export const screenStyles = [
  base,
  buttons,
  chips,
  inputs,
  choiceStyles,
  tables,
  listStyles,
  markStyles,
  answerStyles,
  css`
    :host {
      container-type: inline-size;
    }
    .bar {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px;
      padding-block-end: 12px;
    }
    .bar .find {
      flex: 0 1 260px;
    }
    .sort-menu {
      display: none;
    }
    .card + .card,
    details.card {
      margin-block-start: 12px;
    }
    details.card > summary {
      padding: 9px 12px;
      color: var(--td-text-2);
      cursor: pointer;
    }
    details.card[open] > summary {
      border-block-end: 1px solid var(--td-line-2);
    }
    details.card > summary:focus-visible {
      outline-offset: -2px;
    }
    .late,
    .hot {
      color: var(--td-interrupted);
    }
    .tag.late {
      border-color: currentColor;
    }
    .calm-list {
      display: grid;
      gap: 2px;
      padding: 8px 12px 10px;
    }
    .foot {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px;
      padding-block: 10px;
      color: var(--td-text-2);
    }
    td.nothing {
      padding: 0;
    }
    time {
      white-space: nowrap;
    }
    @container (max-width: 760px) {
      .sort-menu {
        display: block;
        flex: 1 1 140px;
      }
      .bar .find {
        flex: 1 1 140px;
      }
      .bar .spacer {
        display: none;
      }
      .bar > .btn {
        flex: 1 1 120px;
      }
    }
  `,
]
