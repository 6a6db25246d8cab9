import { bodyParser } from '@koa/bodyparser'
import { Router } from '@koa/router'
import Koa from 'koa'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/koa'

const tasks = new TaskManager({ store: 'tasks.db' })
const countWords = tasks.define('count_words', { retries: 3 }, (text: string) => text.match(/\S+/g)?.length ?? 0)

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Taskloom in Koa</title>
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

const router = new Router()

router.get('/', (context) => {
  context.body = page
})

router.post('/texts', async (context) => {
  const { text = '' } = (context.request.body ?? {}) as { text?: string }
  await countWords.enqueue(text)
  context.status = 303
  context.redirect('/')
})

const app = new Koa()
mount(app, tasks, { path: '/tasks' })
app.use(bodyParser())
app.use(router.routes())

const port = Number(process.env.PORT ?? 3000)
const server = app.listen(port, () => console.log(`http://localhost:${port}`))

// What runs may end; what waits is taken up by the next start.
process.once('SIGTERM', () => server.close(() => void tasks.shutdown()))
