import formbody from '@fastify/formbody'
import Fastify from 'fastify'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/fastify'

const tasks = new TaskManager({ store: 'tasks.db' })
const countWords = tasks.define('count_words', { retries: 3 }, (text: string) => text.match(/\S+/g)?.length ?? 0)

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Taskloom in Fastify</title>
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

const app = Fastify()
await app.register(formbody)
mount(app, tasks, { path: '/tasks' })

app.get('/', (_request, reply) => reply.type('text/html').send(page))

app.post<{ Body: { text?: string } }>('/texts', async (request, reply) => {
  await countWords.enqueue(request.body.text ?? '')
  return reply.redirect('/', 303)
})

const port = Number(process.env.PORT ?? 3000)
await app.listen({ port })
console.log(`http://localhost:${port}`)

// What runs may end; what waits is taken up by the next start.
process.once('SIGTERM', () => void app.close())
