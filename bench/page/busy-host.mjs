// A host whose tasks change so many times a second: `node busy-host.mjs <changes per second>`. Says its port, and changes until
// it is ended.
import { createServer } from 'node:http'
import { setInterval } from 'node:timers'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'

/** Enqueued, begun, ended. */
const changesPerTask = 3
const everyMs = 50
const changesPerSecond = Number(process.argv[2] ?? 1_000)
const tasks = new TaskManager()
const work = tasks.define('resize_image', { queue: 'media' }, (index) => {
  if (index % 50 === 0) throw new Error(`ImageTorn: no end of file in ${index}.jpg`)
  return index
})
const server = createServer((_request, response) => response.writeHead(404).end())
mount(server, tasks, { path: '/tasks' })
await tasks.start()
let owed = 0
let index = 0
setInterval(() => {
  owed += (changesPerSecond * everyMs) / 1_000 / changesPerTask
  const requests = Array.from({ length: Math.floor(owed) }, () => ({ name: 'resize_image', args: [(index += 1)] }))
  owed -= requests.length
  if (requests.length > 0) void tasks.enqueueMany(requests)
}, everyMs)
await work.enqueue(0)
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`))
