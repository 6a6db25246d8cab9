import { css } from 'lit'

/** A `select.text` that looks like the buttons beside it, with a drawn caret; the system's own where colours are forced. */
export const choiceStyles = css`
  select.text {
    --caret: var(--td-text-2);
    appearance: none;
    max-inline-size: 100%;
    padding-inline: 11px 26px;
    border-color: var(--td-line);
    text-overflow: ellipsis;
    cursor: pointer;
    background:
      linear-gradient(45deg, transparent 38%, var(--caret) 38% 62%, transparent 62%) right 14px top 54% / 4px 4px
        no-repeat,
      linear-gradient(135deg, transparent 38%, var(--caret) 38% 62%, transparent 62%) right 10px top 54% / 4px 4px
        no-repeat,
      var(--td-surface);
  }
  select.text:hover {
    background-color: var(--td-hover);
  }
  :host(:dir(rtl)) select.text {
    background-position:
      left 10px top 54%,
      left 14px top 54%,
      0 0;
  }
  @media (forced-colors: active) {
    select.text {
      appearance: auto;
      background: none;
    }
  }
`
