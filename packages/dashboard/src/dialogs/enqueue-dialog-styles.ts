import { css } from 'lit'

export const enqueueDialogStyles = css`
  dialog {
    inline-size: min(720px, calc(100vw - 24px));
    max-block-size: calc(100dvh - 32px);
    overflow: hidden;
    container-type: inline-size;
  }
  dialog[open],
  form {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
  }
  form {
    flex: 1;
  }
  header {
    display: flex;
    align-items: center;
    gap: 12px;
    padding: 14px 14px 12px 20px;
    border-block-end: 1px solid var(--td-line);
  }
  header h2 {
    flex: 1;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .body {
    display: grid;
    align-content: start;
    gap: 18px;
    padding: 16px 20px 20px;
    overflow: auto;
    flex: 1;
    min-block-size: 0;
  }
  footer {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: flex-end;
    gap: 8px;
    padding: 12px 20px;
    border-block-start: 1px solid var(--td-line);
    background: var(--td-raised);
  }
  footer .error {
    flex: 1 1 100%;
  }
  footer .ask {
    flex: 1 1 200px;
    color: var(--td-text);
  }
  .subject {
    display: grid;
    gap: 6px;
  }
  .subject > p:first-child {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    overflow-wrap: anywhere;
    min-inline-size: 0;
  }
  .subject strong {
    font-weight: 580;
    min-inline-size: 0;
  }
  .link {
    padding: 0;
    border: 0;
    background: none;
    color: var(--td-text-2);
    text-decoration: underline;
    text-underline-offset: 3px;
    cursor: pointer;
  }
  section {
    min-inline-size: 0;
  }
  .bar {
    display: flex;
    align-items: center;
    gap: 8px;
    min-block-size: 28px;
    margin-block-end: 8px;
  }
  dialog .bar h3 {
    font-size: 13px;
    line-height: 20px;
    font-weight: 580;
  }
  .views {
    display: inline-flex;
    padding: 2px;
    border: 1px solid var(--td-line);
    border-radius: var(--td-radius-control);
    background: var(--td-sunken);
  }
  .views button {
    min-block-size: 24px;
    padding: 0 10px;
    border: 1px solid transparent;
    border-radius: 4px;
    background: none;
    color: var(--td-text-2);
    font-size: 12px;
    cursor: pointer;
  }
  .views button[aria-pressed='true'] {
    background: var(--td-surface);
    border-color: var(--td-line);
    color: var(--td-text);
    font-weight: 540;
  }
  .small {
    font-size: 12px;
    line-height: 17px;
    margin-block-end: 8px;
  }
  .kept {
    display: flex;
    gap: 8px;
    align-items: center;
    padding: 8px 10px;
    border: 1px dashed var(--td-control-line);
    border-radius: var(--td-radius-control);
    color: var(--td-text-2);
    background: var(--td-sunken);
  }
  .issues {
    display: grid;
    gap: 2px;
    font-size: 12px;
    line-height: 17px;
    color: var(--td-failed);
    overflow-wrap: anywhere;
  }
  .issues code {
    font: 12px/17px var(--td-mono);
  }
  .skeleton {
    display: grid;
    gap: 14px;
  }
  .skeleton i {
    block-size: 28px;
    border-radius: 4px;
    background: var(--td-neutral-bg);
  }
  @container (max-width: 480px) {
    header {
      padding-inline-start: 14px;
    }
    .body,
    footer {
      padding-inline: 14px;
    }
  }
  @media (forced-colors: active) {
    .views button[aria-pressed='true'] {
      border-color: Highlight;
    }
  }
`
