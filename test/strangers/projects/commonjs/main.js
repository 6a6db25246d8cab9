const express = require('express')
const { TaskManager } = require('@taskloom/engine')
const { mount } = require('@taskloom/engine/express')

const app = express()
const tasks = new TaskManager({ store: 'tasks.db' })
const sendInvoice = tasks.define('send_invoice', { retries: 3 }, async (number) => `invoice ${number} sent`)

mount(app, tasks, { path: '/tasks' })
const server = app.listen(process.env.PORT ?? 3000, 'localhost', async () => {
  await sendInvoice.enqueue(7)
  console.log(`http://localhost:${server.address().port}/tasks/dashboard`)
})
