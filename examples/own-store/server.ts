import { createServer } from 'node:http'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'
import { jsonLines } from './json-lines.ts'

const tasks = new TaskManager({ store: jsonLines('tasks.jsonl') })
const rollDice = tasks.define('roll_dice', () => 1 + Math.floor(Math.random() * 6))

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>A store of one's own</title>
    <script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script>
  </head>
  <body>
    <form method="post" action="/dice"><button>Roll a die</button></form>
    <task-dashboard src="/tasks"></task-dashboard>
  </body>
</html>`

const server = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/dice') {
    response.setHeader('content-type', 'text/html').end(page)
    return
  }
  rollDice.enqueue().then(
    () => response.writeHead(303, { location: '/' }).end(),
    () => response.writeHead(503).end('Not stored: try again.'),
  )
})
mount(server, tasks, { path: '/tasks' })

const port = Number(process.env.PORT ?? 3000)
server.listen(port, () => console.log(`http://localhost:${port}`))

process.once('SIGTERM', () => server.close(() => void tasks.shutdown()))
