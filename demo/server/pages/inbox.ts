import type { Mail } from '../shop-db.ts'
import { html } from './html.ts'
import { layout, when } from './layout.ts'

export function inboxPage(mails: readonly Mail[]): string {
  return layout({
    title: 'Inbox',
    section: '/admin/inbox',
    body: html`<h1>Inbox</h1>
      <p class="quiet">What the shop's own SMTP server received for its customers.</p>
      ${mails.length === 0 && html`<p class="empty">No mail yet.</p>`}
      ${mails.map(
        (mail) =>
          html`<article class="card mail">
            <header>
              <strong>${mail.subject}</strong><span class="quiet">to ${mail.recipient}, ${when(mail.receivedAt)}</span>
            </header>
            <pre>${mail.text}</pre>
          </article>`,
      )}`,
  })
}
