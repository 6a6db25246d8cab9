import { css } from 'lit'

export { base } from './base.ts'
export { dialogs, keyValues, menus, tables, tabStyles } from './surfaces.ts'

/** `.btn` with `ghost`, `icon` (square), `ink` (the one primary), `danger`, `tall` (32 px, in filter rows); `kbd`. */
export const buttons = css`
  .btn {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-block-size: 28px;
    padding: 0 10px;
    border: 1px solid var(--td-line);
    border-radius: var(--td-radius-control);
    background: var(--td-surface);
    color: var(--td-text);
    line-height: 20px;
    text-decoration: none;
    white-space: nowrap;
    cursor: pointer;
    flex: none;
  }
  .btn:hover {
    background: var(--td-hover);
  }
  .btn:disabled,
  .btn[aria-disabled='true'] {
    color: var(--td-text-3);
    cursor: default;
    background: var(--td-sunken);
  }
  .btn.tall {
    min-block-size: 32px;
  }
  .btn.ghost {
    border-color: transparent;
    background: none;
  }
  .btn.ghost:not(:disabled) {
    color: var(--td-text-2);
  }
  .btn.ghost:hover:not(:disabled) {
    background: var(--td-hover);
    color: var(--td-text);
  }
  .btn.icon {
    inline-size: 28px;
    padding: 0;
  }
  .btn.icon.tall {
    inline-size: 32px;
  }
  .btn.ink:not(:disabled) {
    background: var(--td-ink);
    color: var(--td-on-ink);
    border-color: var(--td-ink);
  }
  .btn.ink:hover:not(:disabled) {
    background: color-mix(in srgb, var(--td-ink) 86%, var(--td-surface));
  }
  .btn.danger:not(:disabled) {
    color: var(--td-failed);
  }
  .btn .caret {
    color: var(--td-text-3);
  }
  kbd {
    font: 11px/16px var(--td-mono);
    border: 1px solid var(--td-line);
    border-block-end-width: 2px;
    border-radius: 4px;
    padding: 0 4px;
    color: var(--td-text-3);
    background: var(--td-surface);
  }
  @media (forced-colors: active) {
    .btn.ink {
      forced-color-adjust: none;
      background: Highlight;
      color: HighlightText;
    }
  }
`

/** `.tag` (outlined word), `.chip` (removable filter), `.count` (pill in tabs; `bad`). */
export const chips = css`
  .tag {
    display: inline-block;
    max-inline-size: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    vertical-align: middle;
    font-size: 11px;
    line-height: 17px;
    padding: 0 5px;
    border: 1px solid var(--td-line);
    border-radius: 4px;
    color: var(--td-text-2);
    background: none;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-block-size: 22px;
    max-inline-size: 220px;
    padding: 0 2px 0 7px;
    border-radius: 4px;
    background: var(--td-neutral-bg);
    font-size: 12px;
    line-height: 18px;
    white-space: nowrap;
  }
  .chip > span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .chip em {
    font-style: normal;
    color: var(--td-text-2);
  }
  .chip button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    inline-size: 18px;
    block-size: 18px;
    padding: 0;
    border: 0;
    border-radius: 3px;
    background: none;
    color: var(--td-text-2);
    cursor: pointer;
  }
  .chip button:hover {
    background: color-mix(in srgb, var(--td-text) 10%, transparent);
    color: var(--td-text);
  }
  .chip svg {
    inline-size: 10px;
    block-size: 10px;
  }
  .count {
    font-size: 11px;
    line-height: 16px;
    padding: 0 5px;
    border-radius: 9px;
    background: var(--td-neutral-bg);
    color: var(--td-text-2);
    font-weight: 500;
  }
  .count.bad {
    background: var(--td-failed-bg);
    color: var(--td-failed);
  }
`

/** `.field` (label above control), `input.text`, `select.text`, checkboxes and radios, `.warn` and `.error` notes. */
export const inputs = css`
  .field {
    display: grid;
    gap: 4px;
  }
  .field > span,
  .field > label {
    font-size: 12px;
    line-height: 16px;
    color: var(--td-text-2);
  }
  .text {
    block-size: 32px;
    min-inline-size: 0;
    padding: 0 8px;
    border: 1px solid var(--td-control-line);
    border-radius: var(--td-radius-control);
    background: var(--td-surface);
    color: var(--td-text);
  }
  textarea.text {
    block-size: auto;
    padding: 6px 8px;
  }
  .text:focus-visible {
    outline-offset: -1px;
  }
  input[type='checkbox'],
  input[type='radio'] {
    appearance: none;
    display: inline-grid;
    place-content: center;
    flex: none;
    inline-size: 14px;
    block-size: 14px;
    margin: 0;
    border: 1px solid var(--td-control-line);
    border-radius: 3.5px;
    vertical-align: middle;
    background: var(--td-surface);
    cursor: pointer;
  }
  input[type='radio'] {
    border-radius: 50%;
  }
  input[type='checkbox']::before,
  input[type='radio']::before {
    content: '';
    inline-size: 10px;
    block-size: 10px;
    background: var(--td-on-ink);
    opacity: 0;
  }
  input[type='checkbox']::before {
    clip-path: polygon(12% 52%, 26% 38%, 42% 56%, 76% 14%, 90% 28%, 42% 84%);
  }
  input[type='radio']::before {
    inline-size: 6px;
    block-size: 6px;
    border-radius: 50%;
  }
  input[type='checkbox']:indeterminate::before {
    clip-path: inset(40% 12%);
  }
  input:checked:is([type='checkbox'], [type='radio']),
  input:indeterminate[type='checkbox'] {
    background: var(--td-ink);
    border-color: var(--td-ink);
  }
  input:checked:is([type='checkbox'], [type='radio'])::before,
  input:indeterminate[type='checkbox']::before {
    opacity: 1;
  }
  .warn,
  .error {
    display: flex;
    gap: 8px;
    padding: 9px 11px;
    border-radius: var(--td-radius-control);
    background: var(--td-interrupted-bg);
    color: var(--td-interrupted);
    font-size: 12.5px;
    line-height: 18px;
    overflow-wrap: anywhere;
  }
  .error {
    background: var(--td-failed-bg);
    color: var(--td-failed);
  }
  .warn svg,
  .error svg {
    margin-block-start: 2px;
  }
  @media (forced-colors: active) {
    input[type='checkbox'],
    input[type='radio'] {
      appearance: auto;
    }
  }
`
