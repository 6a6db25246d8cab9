import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'

const tasks = new TaskManager({ store: 'tasks.db' })
const countWords = tasks.define('count_words', { retries: 3 }, (text: string) => text.match(/\S+/g)?.length ?? 0)

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Taskloom in plain node:http</title>
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

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy())
})
mount(server, tasks, { path: '/tasks' })

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = `${request.method} ${request.url}`
  if (route === 'GET /') {
    response.setHeader('content-type', 'text/html').end(page)
  } else if (route === 'POST /texts') {
    const form = new URLSearchParams(await textOf(request))
    await countWords.enqueue(form.get('text') ?? '')
    response.writeHead(303, { location: '/' }).end()
  } else {
    response.writeHead(404).end()
  }
}

const port = Number(process.env.PORT ?? 3000)
server.listen(port, () => console.log(`http://localhost:${port}`))

// What runs may end; what waits is taken up by the next start.
process.once('SIGTERM', () => server.close(() => void tasks.shutdown()))
