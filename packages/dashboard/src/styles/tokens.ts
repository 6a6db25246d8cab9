import { css } from 'lit'

/**
 * The colour table. Every private `--td-*` name has a public `--task-*` that a host page may set; both themes come from
 * `light-dark()`, so that `theme` and an inherited `color-scheme` need no second sheet. Only the host element adopts it:
 * custom properties inherit into the shadow roots below.
 */
export const tokens = css`
  :host {
    --td-surface: var(--task-surface, light-dark(#fff, #131518));
    --td-raised: var(--task-raised, light-dark(#fff, #181b1f));
    --td-sunken: var(--task-sunken, light-dark(#fafaf9, #0f1113));
    --td-line: var(--task-line, light-dark(#e7e7e4, #262a30));
    --td-line-2: var(--task-line-2, light-dark(#efefec, #1e2126));
    --td-text: var(--task-text, light-dark(#1b1c1e, #e9eaec));
    --td-text-2: var(--task-text-2, light-dark(#5d6066, #a2a7b0));
    --td-text-3: var(--task-text-3, light-dark(#6b6e75, #858b95));
    --td-ink: var(--task-ink, light-dark(#1b1c1e, #eceef1));
    --td-on-ink: var(--task-on-ink, light-dark(#fff, #121417));
    --td-focus: var(--task-focus, light-dark(#2563eb, #6d9bff));
    --td-hover: var(--task-hover, light-dark(#f5f5f3, #1a1d21));
    --td-selected: var(--task-selected, light-dark(#eef3fe, #16233d));
    --td-bar: var(--task-bar, light-dark(#cfd6d1, #39423c));
    --td-control-line: var(--task-control-line, light-dark(#8d9096, #6a7079));

    --td-pending: var(--task-pending, light-dark(#5f6673, #9aa1ac));
    --td-running: var(--task-running, light-dark(#1d57d8, #7aa5ff));
    --td-success: var(--task-success, light-dark(#137538, #4cc27b));
    --td-failed: var(--task-failed, light-dark(#c81e1e, #ff7b7b));
    --td-interrupted: var(--task-interrupted, light-dark(#a34a08, #f0ab4c));
    --td-cancelled: var(--task-cancelled, light-dark(#7c5c99, #c3a1e3));
    --td-neutral-bg: var(--task-neutral-bg, light-dark(#f1f2f4, #22262c));
    --td-running-bg: var(--task-running-bg, light-dark(#e8effe, #172544));
    --td-failed-bg: var(--task-failed-bg, light-dark(#fdecec, #371819));
    --td-interrupted-bg: var(--task-interrupted-bg, light-dark(#fdf1e0, #33240f));

    --td-radius: var(--task-radius, 8px);
    --td-radius-control: var(--task-radius-control, 6px);
    --td-row: var(--task-row-height, 38px);
    --td-table-height: var(--task-table-height, none);
    --td-font: var(--task-font-family, inherit);
    --td-mono: var(--task-font-mono, ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace);
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([density='compact']) {
    --td-row: var(--task-row-height, 30px);
  }
  :host([density='comfortable']) {
    --td-row: var(--task-row-height, 44px);
  }
`
