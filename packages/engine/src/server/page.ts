/** The stylesheet of the page around the element; everything else the element brings itself. */
export const pageStyle = `html, body { height: 100%; margin: 0; }
body { color-scheme: light dark; }
task-dashboard { display: block; min-height: 100%; }
noscript { display: block; margin: 2rem; font: 1rem/1.5 system-ui, sans-serif; }
`

/**
 * The dashboard alone on a page. Every address in it is relative to the page's own, so that it works under any mount path
 * and behind a proxy that takes a prefix away. Nothing is inline: the page's policy forbids it.
 */
export function renderPage(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="dashboard/assets/page.css">
<script type="module" src="dashboard/assets/task-dashboard.js"></script>
</head>
<body>
<task-dashboard src="."></task-dashboard>
<noscript>The dashboard needs JavaScript.</noscript>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
