import { svg, html, type SVGTemplateResult, type TemplateResult } from 'lit'

/** Strokes on a 16-px grid; the sheet `base` gives them size and line. */
const strokes = {
  check: svg`<path d="M3 8.5 6.3 12 13 4.5"/>`,
  close: svg`<path d="m4 4 8 8M12 4l-8 8"/>`,
  alert: svg`<circle cx="8" cy="8" r="6"/><path d="M8 5v3.5M8 11v.2"/>`,
  running: svg`<path d="M8 2a6 6 0 1 1-5.6 3.9"/><path d="M6.6 5.6v4.8L10.4 8z" fill="currentColor" stroke="none"/>`,
  clock: svg`<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.3 1.6"/>`,
  zap: svg`<path d="M8.6 1.8 3.6 9h4l-.6 5.2L12.4 7h-4z"/>`,
  ban: svg`<circle cx="8" cy="8" r="6"/><path d="m3.8 3.8 8.4 8.4"/>`,
  unknown: svg`<circle cx="8" cy="8" r="6" stroke-dasharray="2.4 2.2"/>`,
  search: svg`<circle cx="7" cy="7" r="4.6"/><path d="m10.5 10.5 3.2 3.2"/>`,
  pause: svg`<path d="M5.5 3.5v9M10.5 3.5v9"/>`,
  play: svg`<path d="M5 3.2v9.6L12.6 8z"/>`,
  moon: svg`<path d="M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6z"/>`,
  sun: svg`<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1"/>`,
  down: svg`<path d="m4.5 6.5 3.5 3.5 3.5-3.5"/>`,
  sortDown: svg`<path d="M8 3v10M4.5 9.5 8 13l3.5-3.5"/>`,
  sortUp: svg`<path d="M8 13V3M4.5 6.5 8 3l3.5 3.5"/>`,
  download: svg`<path d="M8 2.5v8M4.8 7.5 8 10.7l3.2-3.2M3 13.5h10"/>`,
  more: svg`<path d="M3.5 8h.01M8 8h.01M12.5 8h.01" stroke-width="2.4"/>`,
  retry: svg`<path d="M13 8a5 5 0 1 1-1.6-3.7L13 5.6M13 2.6v3h-3"/>`,
  copy: svg`<path d="M5.5 5.5h7v7h-7zM3.5 10.5v-7h7"/>`,
  link: svg`<path d="M6.5 9.5 9.5 6.5M7 4.5l1.2-1.2a3 3 0 0 1 4.3 4.3L11.3 8.8M9 11.5l-1.2 1.2a3 3 0 0 1-4.3-4.3l1.2-1.2"/>`,
  trash: svg`<path d="M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4"/>`,
  keyboard: svg`<rect x="1.8" y="4" width="12.4" height="8" rx="1.4"/><path d="M4.4 6.7h.01M7 6.7h.01M9.4 6.7h.01M11.8 6.7h.01M5 9.5h6"/>`,
  inbox: svg`<path d="M2.5 9 4.4 3.5h7.2L13.5 9v3.5h-11zM2.5 9h3l1 1.6h3l1-1.6h3"/>`,
  lock: svg`<rect x="3.2" y="7" width="9.6" height="6.4" rx="1.2"/><path d="M5.2 7V5a2.8 2.8 0 0 1 5.6 0v2"/>`,
  refresh: svg`<path d="M13 8a5 5 0 0 1-9.3 2.5M3 8a5 5 0 0 1 9.3-2.5M12.6 2.6v3h-3M3.4 13.4v-3h3"/>`,
  expand: svg`<path d="M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5 9.2 6.8M2.5 13.5l4.3-4.3"/>`,
  stop: svg`<rect x="4" y="4" width="8" height="8" rx="1.2"/>`,
  columns: svg`<rect x="2.5" y="3.5" width="11" height="9" rx="1.2"/><path d="M8 3.5v9"/>`,
  star: svg`<path d="m8 2.2 1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4-2.9-2.8 4-.6z"/>`,
  calendar: svg`<rect x="2.5" y="3.5" width="11" height="10" rx="1.4"/><path d="M2.5 6.8h11M5.5 2v3M10.5 2v3"/>`,
} as const satisfies Record<string, SVGTemplateResult>

export type IconName = keyof typeof strokes

/** An icon that says nothing to a screen reader: the words beside it, or its button's label, do. */
export function icon(name: IconName): TemplateResult {
  return html`<svg viewBox="0 0 16 16" aria-hidden="true">${strokes[name]}</svg>`
}
