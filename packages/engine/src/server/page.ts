import { escapeHtml } from './html.ts'
import type { Caller } from './identity/caller.ts'

/** The stylesheet of the page around the element; everything else the element brings itself. */
export const pageStyle = `html, body { height: 100%; margin: 0; }
body { color-scheme: light dark; }
task-dashboard {
  display: block;
  box-sizing: border-box;
  min-height: 100%;
  padding: 18px clamp(12px, 2.4vw, 32px) 28px;
}
noscript { display: block; margin: 2rem; font: 1rem/1.5 system-ui, sans-serif; }
.who { display: flex; gap: 8px; align-items: center; margin: 0; font: inherit; color: inherit; }
.who span { max-inline-size: 16ch; overflow: hidden; opacity: 0.75; text-overflow: ellipsis; white-space: nowrap; }
.who button {
  block-size: 32px;
  padding: 0 12px;
  color: inherit;
  background: none;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent);
  border-radius: 7px;
  font: inherit;
  cursor: pointer;
}
.who button:hover { background: color-mix(in srgb, currentColor 7%, transparent); }
.who button:focus-visible { outline: 2px solid light-dark(#2563eb, #6d9bff); outline-offset: 2px; }
@media (max-width: 720px) { .who span { display: none; } }
`

/**
 * The dashboard alone on a page. Every address in it is relative to the page's own, so that it works under any mount path
 * and behind a proxy that takes a prefix away. No script or style is inline: the page's policy forbids it. `firstRows` is JSON, see
 * `readFirstRows`.
 */
export function renderPage(title: string, caller: Caller, firstRows: string | null): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="dashboard/assets/page.css">
<script type="module" async src="dashboard/assets/task-dashboard.js"></script>
</head>
<body>
${firstRows === null ? '' : renderData(firstRows)}<task-dashboard src="." first-rows="first-rows">${renderWho(caller)}</task-dashboard>
<noscript>The dashboard needs JavaScript.</noscript>
</body>
</html>
`
}

/** Data, which no browser runs. Within a string of JSON every letter may be written as its number. */
function renderData(json: string): string {
  return `<script type="application/json" id="first-rows">${json.replace(/</g, '\\u003c')}</script>
`
}

/** Who is signed in and the way out; nothing where the page has no part in it. */
function renderWho({ via, name, role }: Caller): string {
  if (via !== 'session') return ''
  const words = escapeHtml(name)
  return `<form class="who" slot="toolbar" method="post" action="auth/logout">
<span title="${words}, ${role}">${words}</span><button>Sign out</button>
</form>`
}
