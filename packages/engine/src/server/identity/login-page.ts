import { escapeHtml } from '../html.ts'

/** What the page shows beside its form. */
export interface LoginView {
  readonly title: string
  readonly environment: string | null
  /** Where to go afterwards, relative to the mount. */
  readonly next: string
  /** What was typed; empty at first. Passwords are never given back. */
  readonly username: string
  /** What went wrong, in words; null at first. */
  readonly error: string | null
}

/**
 * The page to sign in on, without a script. Its addresses are relative to its own, so that it works below any path and
 * behind a proxy that takes a prefix away; nothing is inline.
 */
export function renderLogin({ title, environment, next, username, error }: LoginView): string {
  const tag = environment === null ? '' : `<span class="tag">${escapeHtml(environment)}</span>`
  const alert =
    error === null ? '' : `<p class="alert" role="alert" id="error">${alertIcon}<span>${escapeHtml(error)}</span></p>`
  const fault = error === null ? '' : ' aria-invalid="true" aria-describedby="error"'
  const [nameFocus, passwordFocus] = username === '' ? [' autofocus', ''] : ['', ' autofocus']
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Sign in · ${escapeHtml(title)}</title>
<link rel="stylesheet" href="../dashboard/assets/login.css">
</head>
<body>
<main>
${bars}
<header><h1>${escapeHtml(title)}</h1>${tag}</header>
<p class="lead">Please sign in.</p>
${alert}
<form method="post" action="login">
<input type="hidden" name="next" value="${escapeHtml(next)}">
<label for="username">User name</label>
<input id="username" name="username" type="text" value="${escapeHtml(username)}" autocomplete="username"
 autocapitalize="none" autocorrect="off" spellcheck="false" maxlength="200" required${nameFocus}${fault}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${passwordFocus}${fault}>
<button>Sign in</button>
</form>
</main>
</body>
</html>
`
}

/** Heights of a quiet day with one bad hour. */
const heights = [9, 14, 12, 18, 22, 17, 20, 24, 21, 26, 19, 23, 25, 20, 16, 21, 24, 18, 22, 15, 19, 23, 17, 12]
const badHour = 15

const bars = `<svg class="bars" viewBox="0 0 288 28" preserveAspectRatio="none" aria-hidden="true" focusable="false">${heights
  .map((height, hour) => {
    const rect = (y: number, high: number, kind: string) =>
      `<rect class="${kind}" x="${hour * 12 + 1}" y="${y}" width="9" height="${high}" rx="1"/>`
    return rect(28 - height, height, 'bar') + (hour === badHour ? rect(22, 6, 'bad') : '')
  })
  .join('')}</svg>`

const alertIcon =
  '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">' +
  '<circle cx="8" cy="8" r="6.25"/><path d="M8 4.8v3.9M8 11.1v.1"/></svg>'
