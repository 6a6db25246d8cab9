import { css, html, type TemplateResult } from 'lit'

/** One bar. */
export interface Bar {
  /** Of the highest, 0–1. */
  readonly share: number
  /** The status that it stands for, which gives its colour and its shape. */
  readonly status: string
  readonly title: string
  /** What a click does; nothing without. */
  readonly open?: (() => void) | undefined
}

/** Small bars, oldest first; `label` says the same to those who do not see them. */
export function sparkline(bars: readonly Bar[], label: string): TemplateResult {
  return html`<span class="spark" role="img" aria-label=${label} dir="ltr">
    ${bars.map(
      ({ share, status, title, open }) =>
        html`<i
          class=${open ? `${status} opens` : status}
          title=${title}
          .style=${`block-size:${Math.round(12 + Math.max(0, Math.min(1, share)) * 88)}%`}
          @click=${open}
        ></i>`,
    )}
  </span>`
}

/** Colour and shape: failed bars are pointed, called-off ones hollow, those under way striped. */
export const sparkStyles = css`
  .spark {
    display: inline-flex;
    align-items: flex-end;
    gap: 2px;
    block-size: 20px;
    vertical-align: middle;
  }
  .spark i {
    inline-size: 5px;
    background: var(--td-bar);
  }
  .spark i.success {
    background: color-mix(in srgb, var(--td-success) 55%, var(--td-surface));
  }
  .spark i.failed {
    min-block-size: 8px;
    background: var(--td-failed);
    clip-path: polygon(50% 0, 100% 5px, 100% 100%, 0 100%, 0 5px);
  }
  .spark i.interrupted,
  .spark i.cancelled {
    background: none;
    border: 1px solid var(--td-interrupted);
  }
  .spark i.cancelled {
    border-color: var(--td-cancelled);
  }
  .spark i.running,
  .spark i.pending {
    background: repeating-linear-gradient(var(--td-running) 0 2px, transparent 2px 4px);
  }
  .spark i.opens {
    cursor: pointer;
  }
  @media (forced-colors: active) {
    .spark i {
      forced-color-adjust: none;
      background-color: CanvasText;
    }
  }
`
