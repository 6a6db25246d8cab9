import { join } from 'node:path'
import express from 'express'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/express'

interface Order {
  readonly id: number
  readonly customer: string
  invoice: number | null
}

const orders: Order[] = []
const tasks = new TaskManager({ store: 'tasks.db' })
const bookOrder = tasks.define('book_order', { retries: 3 }, (id: number) => {
  const order = orders.find((candidate) => candidate.id === id)
  if (!order) throw new Error(`There is no order ${id}`)
  order.invoice = 10_000 + id
  return { invoice: order.invoice }
})

// A panel of the server: the shop's figures in a tab of the dashboard, asked for when somebody looks.
tasks.panel({
  id: 'orders',
  title: 'Orders',
  render() {
    const open = orders.filter(({ invoice }) => invoice === null).length
    return [
      {
        kind: 'stats',
        stats: [
          { label: 'Orders', value: orders.length },
          { label: 'Without an invoice', value: open, tone: open > 0 ? 'warning' : 'good' },
        ],
      },
      {
        kind: 'table',
        columns: ['order', 'customer', 'invoice'],
        rows: orders.map(({ id, customer, invoice }) => [id, customer, invoice]),
      },
    ]
  },
})

const app = express()
app.use(express.urlencoded())
mount(app, tasks, { path: '/tasks' })
app.use(express.static(join(import.meta.dirname, 'public')))

app.post('/orders', async (request, response) => {
  const { customer = 'nobody' } = (request.body ?? {}) as { customer?: string }
  const order: Order = { id: orders.length + 1, customer, invoice: null }
  orders.push(order)
  await bookOrder.enqueue(order.id)
  response.redirect(303, '/')
})

const port = Number(process.env.PORT ?? 3000)
const server = app.listen(port, (error) => {
  if (error) throw error
  console.log(`http://localhost:${port}`)
})

process.once('SIGTERM', () => server.close(() => void tasks.shutdown()))
