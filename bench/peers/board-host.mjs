// `@bull-board` over a queue of finished jobs, as its README mounts it: `node board-host.mjs <jobs>`. Says its port and the port of
// Redis when they are all there, and serves until it is ended.
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { ExpressAdapter } from '@bull-board/express'
import { Queue, Worker } from 'bullmq'
import express from 'express'
import { startRedis } from './servers.mjs'

const count = Number(process.argv[2] ?? 10_000)
const batch = 1_000
const redis = await startRedis()
const queue = new Queue('mail', { connection: redis.connection })
for (let added = 0; added < count; added += batch) {
  await queue.addBulk(Array.from({ length: batch }, (_, index) => ({ name: 'send_mail', data: { to: added + index } })))
}
const worker = new Worker('mail', async () => null, { connection: redis.connection, concurrency: 100 })
await new Promise((resolve) => worker.on('drained', resolve))
await worker.close()

const adapter = new ExpressAdapter()
adapter.setBasePath('/board')
createBullBoard({ queues: [new BullMQAdapter(queue)], serverAdapter: adapter })
const app = express()
app.use('/board', adapter.getRouter())
const server = app.listen(0, '127.0.0.1', () =>
  process.stdout.write(`port ${server.address().port} redis ${redis.connection.port}\n`),
)

process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await queue.close()
  await redis.close()
  process.exit(0)
})
