// Our dashboard over queues of plain BullMQ: `node source-host.mjs <port of Redis> <queue>`. Says its port, and serves until it is
// ended.
import { createServer } from 'node:http'
import { bullmqSource } from '@taskloom/engine/bullmq'
import { mount } from '@taskloom/engine/node'

const [port, queue] = process.argv.slice(2)
const server = createServer()
const connection = { host: '127.0.0.1', port: Number(port) }
const mounted = mount(server, bullmqSource({ connection, queues: [queue] }), { path: '/tasks' })
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`))

process.once('SIGTERM', async () => {
  await mounted.close()
  server.close()
  server.closeAllConnections()
  process.exit(0)
})
