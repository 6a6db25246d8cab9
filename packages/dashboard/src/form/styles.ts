import { css } from 'lit'

/** Fields below one another, those inside others behind a hairline. */
export const formStyles = css`
  .fields {
    display: grid;
    gap: 14px;
    min-inline-size: 0;
  }
  .entry {
    display: grid;
    gap: 4px;
    min-inline-size: 0;
  }
  .head {
    display: flex;
    align-items: center;
    gap: 2px 8px;
    min-block-size: 22px;
    min-inline-size: 0;
  }
  .head > label,
  .head > .name {
    font-weight: 540;
    overflow-wrap: anywhere;
    min-inline-size: 0;
  }
  .head .kind {
    font-size: 12px;
    color: var(--td-text-3);
    white-space: nowrap;
  }
  .head .btn {
    min-block-size: 22px;
    padding: 0 6px;
    font-size: 12px;
    line-height: 16px;
  }
  .head .btn.icon {
    inline-size: 22px;
    padding: 0;
  }
  .about {
    font-size: 12px;
    line-height: 17px;
    color: var(--td-text-2);
    overflow-wrap: anywhere;
  }
  .text {
    inline-size: 100%;
  }
  textarea.text {
    min-block-size: 64px;
    resize: vertical;
    line-height: 19px;
  }
  textarea.code {
    font-family: var(--td-mono);
    font-size: 12px;
  }
  .text[aria-invalid='true'] {
    border-color: var(--td-failed);
  }
  .issue {
    font-size: 12px;
    line-height: 17px;
    color: var(--td-failed);
    overflow-wrap: anywhere;
  }
  .inner {
    display: grid;
    gap: 12px;
    min-inline-size: 0;
    margin-inline-start: 3px;
    padding-inline-start: 12px;
    border-inline-start: 1px solid var(--td-line);
  }
  .locked {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    min-block-size: 32px;
    padding: 0 4px 0 8px;
    border: 1px dashed var(--td-control-line);
    border-radius: var(--td-radius-control);
    color: var(--td-text-2);
    background: var(--td-sunken);
  }
  .locked .mono {
    color: var(--td-text-3);
  }
  .adds {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px;
    font-size: 12px;
    color: var(--td-text-3);
  }
  .adds .btn {
    min-block-size: 24px;
    padding: 0 8px;
    font-size: 12px;
    max-inline-size: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .adds .text {
    inline-size: 140px;
    block-size: 26px;
  }
`
