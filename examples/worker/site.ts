import { createServer } from 'node:http'
import { mount } from '@taskloom/engine/node'
import { openTasks } from './tasks.ts'

const { tasks, countPrimes } = openTasks({ work: false })

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>A site and its worker</title>
    <script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script>
  </head>
  <body>
    <form method="post" action="/primes"><button>Count the primes below a million</button></form>
    <task-dashboard src="/tasks"></task-dashboard>
  </body>
</html>`

const server = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/primes') {
    response.setHeader('content-type', 'text/html').end(page)
    return
  }
  countPrimes.enqueue(1_000_000).then(
    () => response.writeHead(303, { location: '/' }).end(),
    () => response.writeHead(503).end('Not stored: try again.'),
  )
})
mount(server, tasks, { path: '/tasks' })

const port = Number(process.env.PORT ?? 3000)
server.listen(port, () => console.log(`http://localhost:${port}`))

process.once('SIGTERM', () => server.close(() => void tasks.shutdown()))
