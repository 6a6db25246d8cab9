// A host with pages of its own, in the folder that is named, and one task.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' }
const [folder] = process.argv.slice(2)
const tasks = new TaskManager({ store: 'tasks.db' })
const drawChart = tasks.define('draw_chart', async (month) => `chart of ${month}`)

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost')
  const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname
  try {
    const content = await readFile(join(folder, path))
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(content)
  } catch {
    response.writeHead(404).end()
  }
})

mount(server, tasks, { path: '/tasks' })
server.listen(process.env.PORT ?? 3000, 'localhost', async () => {
  await drawChart.enqueue('May')
  console.log(`http://localhost:${server.address().port}/`)
})
