import { html, type Html } from './html.ts'

const sections = [
  ['/admin/orders', 'Orders'],
  ['/admin/catalogue', 'Catalogue'],
  ['/admin/inbox', 'Inbox'],
  ['/admin/work', 'Background work'],
] as const

export interface Page {
  readonly title: string
  /** The path of the section it belongs to. */
  readonly section: string | null
  readonly head?: Html
  readonly body: Html
}

export function layout({ title, section, head, body }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Printworks</title>
        <link rel="icon" href="/public/icon.svg" />
        <link rel="stylesheet" href="/public/shop.css" />
        ${head ?? null}
      </head>
      <body>
        <header class="top">
          <a class="brand" href="/admin/orders">Printworks</a>
          <nav aria-label="Sections">
            ${sections.map(
              ([path, name]) => html`<a href="${path}" ${path === section && html`aria-current="page"`}>${name}</a>`,
            )}
          </nav>
          <span class="who">ann@printworks.example</span>
        </header>
        <main>${body}</main>
      </body>
    </html>`.text
}

export function messagePage(title: string, words: string): string {
  return layout({
    title,
    section: null,
    body: html`<h1>${title}</h1>
      <p>${words}</p>
      <p><a class="button" href="/admin/orders">Back to the orders</a></p>`,
  })
}

export function when(at: number | null): Html {
  if (at === null) return html`<span class="quiet">—</span>`
  const text = new Date(at).toISOString()
  return html`<time datetime="${text}">${text.slice(0, 16).replace('T', ' ')}</time>`
}

export function bytes(count: number): string {
  return count < 1_000_000 ? `${Math.ceil(count / 1_000)} kB` : `${(count / 1_000_000).toFixed(1)} MB`
}
