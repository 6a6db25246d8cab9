import { partnerNames } from './receiver.ts'
import type { ShopDb } from './shop-db.ts'
import type { Work } from './tasks/index.ts'

export const products = ['Business cards', 'Poster A2', 'Postcards', 'Brochure 16 pages', 'Stickers'] as const

export interface OrderForm {
  readonly customer: string
  readonly email: string
  readonly product: string
  readonly quantity: number
  readonly partner: string
}

/** Reads the form; a sentence says what is wrong with it. */
export function readOrderForm(body: unknown): OrderForm | string {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  const field = (name: string) => (typeof fields[name] === 'string' ? fields[name].trim() : '')
  const quantity = Number(field('quantity'))
  const form = {
    customer: field('customer'),
    email: field('email'),
    product: field('product'),
    partner: field('partner'),
  }
  if (form.customer.length < 1 || form.customer.length > 100) return 'Who orders? A name of up to 100 letters.'
  if (!/^[^\s@<>]{1,64}@[^\s@<>]{1,190}$/.test(form.email)) return 'The mail address does not look like one.'
  if (!(products as readonly string[]).includes(form.product)) return 'We do not print that.'
  if (!(partnerNames as readonly string[]).includes(form.partner)) return 'We have no such partner.'
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 100_000) return 'From 1 to 100,000 pieces.'
  return { ...form, quantity }
}

/** Writes the order down and hands the mail and the partner's webhook to the background. */
export async function placeOrder(db: ShopDb, work: Work, form: OrderForm): Promise<number> {
  const id = db.addOrder({ ...form, placedAt: Date.now() })
  const tags = { order: String(id), partner: form.partner }
  await work.sendOrderMail.with({ tags }).enqueue(id)
  await work.deliverWebhook.with({ tags }).enqueue(id)
  return id
}

const customers = [
  'Ann Ritter',
  'Bo Lindqvist',
  'Chiara Neri',
  'Dov Katz',
  'Eila Niemi',
  'Farid Aziz',
  'Grete Holm',
  'Hugo Paz',
]

/** Twelve orders of eight customers at all partners; one customer's mailbox is full. */
export function sampleOrders(): readonly OrderForm[] {
  return Array.from({ length: 12 }, (_, index) => {
    const customer = pick(customers, index)
    const host = index === 7 ? 'full.example' : 'customers.example'
    return {
      customer,
      email: `${customer.split(' ')[0]?.toLowerCase()}@${host}`,
      product: pick(products, index),
      quantity: 50 * (index + 1),
      partner: pick(partnerNames, index),
    }
  })
}

function pick<T>(items: readonly T[], index: number): T {
  return items[index % items.length] as T
}
