import { taskLog, type TaskManager } from '@taskloom/engine'
import type { Workshop } from './index.ts'
import { taskSignal } from './signal.ts'

export function defineOrderTasks(tasks: TaskManager, workshop: Workshop) {
  const { db, sendMail, receiverUrl, webhookDelayMs, webhookTimeoutMs } = workshop

  const sendOrderMail = tasks.define(
    'send_order_mail',
    { queue: 'mail', retries: 2, delay: '1s', backoff: 2, priority: 5 },
    async (orderId: number) => {
      const order = knownOrder(orderId)
      const { response } = await sendMail({
        to: order.email,
        subject: `Your order ${order.id} at Printworks`,
        text: `Dear ${order.customer},\n\nwe print ${order.quantity} × ${order.product} for you; our partner ${order.partner} delivers.\n\nPrintworks`,
      })
      db.setMailed(order.id, Date.now())
      taskLog(`${order.email}: ${response}`)
      return { response }
    },
  )

  const deliverWebhook = tasks.define(
    'deliver_webhook',
    { queue: 'hooks', retries: 3, delay: webhookDelayMs, backoff: 2 },
    async (orderId: number) => {
      const order = knownOrder(orderId)
      const response = await fetch(`${receiverUrl}/partners/${order.partner}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ order: order.id, product: order.product, quantity: order.quantity }),
        signal: AbortSignal.any([taskSignal(), AbortSignal.timeout(webhookTimeoutMs)]),
      })
      const words = await response.text()
      taskLog(`${order.partner} answered ${response.status}: ${words}`, {
        level: response.ok ? 'info' : 'warning',
      })
      if (!response.ok) throw new DeliveryError(`${order.partner} answered ${response.status}: ${words}`)
      db.setDelivered(order.id, Date.now())
      return { status: response.status }
    },
  )

  function knownOrder(orderId: number) {
    const order = db.order(orderId)
    if (!order) throw new Error(`There is no order ${orderId}`)
    return order
  }

  return { sendOrderMail, deliverWebhook }
}

class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
}
