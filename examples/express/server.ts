import express from 'express'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/express'

const tasks = new TaskManager({ store: 'tasks.db' })
const countWords = tasks.define('count_words', { retries: 3 }, (text: string) => text.match(/\S+/g)?.length ?? 0)

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Taskloom in Express</title>
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

const app = express()
app.use(express.urlencoded())
mount(app, tasks, { path: '/tasks' })

app.get('/', (_request, response) => {
  response.send(page)
})

app.post('/texts', async (request, response) => {
  const { text = '' } = (request.body ?? {}) as { text?: string }
  await countWords.enqueue(text)
  response.redirect(303, '/')
})

const port = Number(process.env.PORT ?? 3000)
const server = app.listen(port, (error) => {
  if (error) throw error
  console.log(`http://localhost:${port}`)
})

// What runs may end; what waits is taken up by the next start.
process.once('SIGTERM', () => server.close(() => void tasks.shutdown()))
