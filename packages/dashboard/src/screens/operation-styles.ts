import { css } from 'lit'
import { base, buttons, chips, inputs, keyValues, tables } from '../styles/controls.ts'
import { answerStyles } from './answers.ts'
import { listStyles } from './list-styles.ts'

export const operationStyles = [
  base,
  buttons,
  chips,
  inputs,
  tables,
  keyValues,
  listStyles,
  answerStyles,
  css`
    :host {
      container-type: inline-size;
    }
    table {
      table-layout: fixed;
    }
    th.what {
      inline-size: 200px;
    }
    th.progress-head {
      inline-size: 24%;
    }
    th.who {
      inline-size: 15%;
    }
    th.when {
      inline-size: 104px;
    }
    th.id-head {
      inline-size: 120px;
    }
    td.what .link {
      display: inline-flex;
      align-items: center;
      gap: 6px;
      margin-inline-end: 6px;
      vertical-align: middle;
    }
    td.what .tag {
      vertical-align: middle;
    }
    .link.mono {
      font: 12px/20px var(--td-mono);
    }
    .tag.bad {
      color: var(--td-failed);
      border-color: currentColor;
    }
    .tag.live {
      color: var(--td-running);
      border-color: currentColor;
    }
    .bar {
      display: flex;
      block-size: 6px;
      margin-block: 7px 4px;
      border-radius: 3px;
      background: var(--td-neutral-bg);
      overflow: hidden;
    }
    .bar .succeeded {
      background: var(--td-success);
    }
    .bar .failed {
      background: var(--td-failed);
    }
    .bar .skipped {
      background: var(--td-bar);
    }
    .counts {
      display: flex;
      flex-wrap: wrap;
      gap: 0 10px;
    }
    task-operation-report {
      padding-block-start: 8px;
    }
    .back::before {
      content: '‹';
    }
    :host(:dir(rtl)) .back::before {
      content: '›';
    }
    .summary {
      display: grid;
      gap: 8px;
      padding: 14px 16px 16px;
    }
    .summary header {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px;
      min-block-size: 28px;
    }
    h3 {
      display: flex;
      align-items: center;
      gap: 6px;
      font-size: 14px;
      line-height: 20px;
      font-weight: 580;
    }
    .kv {
      grid-template-columns: repeat(auto-fill, minmax(200px, 1fr));
      margin-block-start: 6px;
    }
    .reasons {
      display: grid;
      gap: 6px;
      margin-block-start: 12px;
      padding: 12px 16px;
    }
    .reasons ul {
      display: grid;
      grid-template-columns: auto auto minmax(0, 1fr);
      align-items: baseline;
      justify-items: start;
      gap: 6px 10px;
      overflow-wrap: anywhere;
    }
    .reasons li {
      display: contents;
    }
    .reasons b {
      justify-self: end;
      font-weight: 560;
    }
    .kinds {
      display: flex;
      flex-wrap: wrap;
      gap: 4px;
      padding-block: 12px 8px;
    }
    .kinds .on {
      background: var(--td-neutral-bg);
      font-weight: 540;
    }
    .none {
      padding: 18px;
    }
    .foot {
      display: flex;
      gap: 8px;
      padding-block: 10px;
    }
    @container (max-width: 760px) {
      td.who,
      td.when {
        display: inline-block;
        padding-inline-end: 12px;
        font-size: 12px;
      }
    }
    @media (forced-colors: active) {
      .bar i {
        forced-color-adjust: none;
      }
    }
  `,
]
