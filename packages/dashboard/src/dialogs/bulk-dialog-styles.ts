import { css } from 'lit'
import { base, buttons, chips, dialogs, inputs } from '../styles/controls.ts'

export const bulkDialogStyles = [
  base,
  buttons,
  chips,
  dialogs,
  inputs,
  css`
    dialog {
      inline-size: min(520px, calc(100vw - 24px));
    }
    .dialog-body,
    .answer {
      grid-template-columns: minmax(0, 1fr);
    }
    .answer {
      display: grid;
      gap: 10px;
      min-block-size: 20px;
    }
    .sample {
      border: 1px solid var(--td-line-2);
      border-radius: var(--td-radius-control);
      background: var(--td-sunken);
    }
    .sample li {
      display: flex;
      align-items: center;
      gap: 8px;
      min-inline-size: 0;
      padding: 4px 10px;
    }
    .sample li + li {
      border-block-start: 1px solid var(--td-line-2);
    }
    .sample .name {
      flex: 0 1 auto;
      max-inline-size: 45%;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
      font-weight: 540;
    }
    .sample .mono,
    .sample .tag {
      flex: none;
    }
    .sample .note {
      flex: 1 1 0;
      min-inline-size: 0;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
      color: var(--td-text-2);
    }
    .slow {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 8px;
    }
    .slow label {
      display: flex;
      align-items: center;
      gap: 8px;
    }
    .slow .text {
      inline-size: 84px;
    }
    .slow .text:disabled {
      color: var(--td-text-3);
    }
  `,
]
