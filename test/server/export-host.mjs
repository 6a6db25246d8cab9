// Serves a store whose exports are measured from outside: `/rss` tells the bytes of memory in use and their peak since
// `/rss?reset`. Collects garbage before the measure begins, so that what it finds is the export's own.
import { createServer } from 'node:http'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'

const [file] = process.argv.slice(2)
let base = 0
let peak = 0
setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20).unref()

const server = createServer((request, response) => {
  if (request.url === '/rss?reset') {
    globalThis.gc?.()
    base = process.memoryUsage.rss()
    peak = base
  }
  response.end(JSON.stringify({ base, peak }))
})
const tasks = new TaskManager({ store: file })
mount(server, tasks, { path: '/tasks' })
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`))
