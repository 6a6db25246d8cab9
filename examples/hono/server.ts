import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { TaskManager } from '@taskloom/engine'
import { createFetch } from '@taskloom/engine/fetch'

const tasks = new TaskManager({ store: 'tasks.db' })
const countWords = tasks.define('count_words', { retries: 3 }, (text: string) => text.match(/\S+/g)?.length ?? 0)

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Taskloom in Hono</title>
    <script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script>
  </head>
  <body>
    <form method="post" action="/texts">
      <label>A text <input name="text" value="to be or not to be" required></label>
      <button>Count its words</button>
    </form>
    <task-dashboard src="/tasks"></task-dashboard>
  </body>
</html>`

const app = new Hono()
const dashboard = createFetch(tasks, { path: '/tasks' })
app.all('/tasks/*', (c) => dashboard(c.req.raw, { native: c }))

app.get('/', (c) => c.html(page))

app.post('/texts', async (c) => {
  const { text } = await c.req.parseBody()
  await countWords.enqueue(typeof text === 'string' ? text : '')
  return c.redirect('/', 303)
})

const port = Number(process.env.PORT ?? 3000)
const server = serve({ fetch: app.fetch, port }, () => console.log(`http://localhost:${port}`))

// What runs may end; what waits is taken up by the next start.
process.once('SIGTERM', () => void dashboard.close().then(() => server.close()))
