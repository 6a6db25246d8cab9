import { products } from '../orders.ts'
import type { Partner } from '../receiver.ts'
import type { Order } from '../shop-db.ts'
import { html } from './html.ts'
import { layout, when } from './layout.ts'

export function ordersPage(orders: readonly Order[], partners: readonly Partner[]): string {
  return layout({
    title: 'Orders',
    section: '/admin/orders',
    body: html`<h1>Orders</h1>
      <div class="columns">
        <section class="card">
          <h2>Place an order</h2>
          <form method="post" action="/admin/orders" class="fields">
            <label
              >Customer <input name="customer" required maxlength="100" value="Ann Ritter" autocomplete="off"
            /></label>
            <label
              >Mail <input name="email" type="email" required value="ann@customers.example" autocomplete="off"
            /></label>
            <label
              >Product
              <select name="product">
                ${products.map((name) => html`<option>${name}</option>`)}
              </select></label
            >
            <label>Pieces <input name="quantity" type="number" min="1" max="100000" value="100" required /></label>
            <label
              >Delivered by
              <select name="partner">
                ${partners.map(({ name }) => html`<option>${name}</option>`)}
              </select></label
            >
            <button class="button ink">Place order</button>
          </form>
          <form method="post" action="/admin/orders/samples">
            <button class="button">Place twelve sample orders</button>
          </form>
        </section>
        <section class="card">
          <h2>Partners</h2>
          <p class="quiet">Each order is announced to its partner by a webhook. Some partners are not reliable.</p>
          <ul class="partners">
            ${partners.map(partnerItem)}
          </ul>
        </section>
      </div>
      ${orders.length === 0 ? html`<p class="empty">No orders yet.</p>` : orderTable(orders)}`,
  })
}

function partnerItem({ name, habit, isBroken, received }: Partner) {
  return html`<li>
    <strong>${name}</strong><span class="quiet">${isBroken ? 'down: answers 503' : habit}; took ${received}</span>
    <form method="post" action="/admin/partners/${name}">
      <input type="hidden" name="broken" value="${isBroken ? 'no' : 'yes'}" />
      <button class="button small">${isBroken ? 'Mend' : 'Break'}</button>
    </form>
  </li>`
}

function orderTable(orders: readonly Order[]) {
  return html`<div class="card table">
    <table>
      <thead>
        <tr>
          <th>Order</th>
          <th>Customer</th>
          <th>Product</th>
          <th class="number">Pieces</th>
          <th>Partner</th>
          <th>Placed</th>
          <th>Mailed</th>
          <th>Announced</th>
        </tr>
      </thead>
      <tbody>
        ${orders.map(
          (order) =>
            html`<tr>
              <td>${order.id}</td>
              <td>${order.customer}</td>
              <td>${order.product}</td>
              <td class="number">${order.quantity}</td>
              <td>${order.partner}</td>
              <td>${when(order.placedAt)}</td>
              <td>${when(order.mailedAt)}</td>
              <td>${when(order.deliveredAt)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
