import type { Order } from '../shop-db.ts'
import { html } from './html.ts'
import { layout, when } from './layout.ts'

export function reportPage(figures: Readonly<Record<string, number>>, orders: readonly Order[]): string {
  return layout({
    title: 'Nightly report',
    section: '/admin/catalogue',
    body: html`<h1>Nightly report</h1>
      <dl class="card figures">
        ${Object.entries(figures).map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value.toLocaleString('en')}</dd>
            </div>`,
        )}
      </dl>
      <h2>Last orders</h2>
      <ul>
        ${orders.map(({ id, customer, product, placedAt }) => html`<li>${id}: ${product} for ${customer}, ${when(placedAt)}</li>`)}
      </ul>`,
  })
}
