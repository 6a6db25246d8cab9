// One process of the fleet: a web instance that runs no tasks, or a worker without a site. The functions are the same in both.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { bullmq } from '@taskloom/engine/bullmq'
import { postgres } from '@taskloom/engine/postgres'
import { createApp } from '../app.ts'
import { openMailRoom } from '../mail.ts'
import type { Partner, Receiver } from '../receiver.ts'
import { openShopDb } from '../shop-db.ts'
import { defineTasks } from '../tasks/index.ts'
import type { FromPart, PartTerms, ToPart } from './words.ts'

const { role, dataDir, storeUrl, queueUrl, receiverUrl } = JSON.parse(process.argv[2] ?? '{}') as PartTerms
const db = openShopDb(join(dataDir, 'shop.db'))
const mailRoom = await openMailRoom(db)
const tasks = new TaskManager({
  store: postgres(storeUrl),
  queue: bullmq({ connection: queueUrl }),
  work: role === 'worker',
  concurrency: 4,
})
// What is away comes back; the dashboard shows it, too.
tasks.on('error', ({ during, error }) => console.error(`${role} ${process.pid}: ${during}: ${String(error)}`))
const work = defineTasks(tasks, {
  db,
  dataDir,
  sendMail: mailRoom.send,
  receiverUrl,
  webhookDelayMs: 1_000,
  webhookTimeoutMs: 3_000,
})
await tasks.start()
const site = role === 'web' ? await openSite() : null
tell({ kind: 'ready', port: site?.port ?? null })

let isClosing = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void close())
// Whoever started us is gone.
process.on('disconnect', () => process.exit(1))

async function openSite() {
  const { app, mounted } = createApp({ dataDir, db, tasks, work, receiver: distantReceiver() })
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async close(): Promise<void> {
      await mounted.close()
      server.close()
      server.closeAllConnections()
    },
  }
}

/** What is known here of the receiver, which whoever started us runs. */
function distantReceiver(): Receiver {
  let partners: readonly Partner[] = []
  process.on('message', (message: ToPart) => (partners = message.partners))
  return {
    url: receiverUrl,
    partners: () => partners,
    setBroken: (name, isBroken) => tell({ kind: 'setBroken', name, isBroken }),
    close: () => Promise.resolve(),
  }
}

async function close(): Promise<void> {
  if (isClosing) return
  isClosing = true
  await site?.close()
  await tasks.shutdown({ timeoutMs: 3_000 })
  await mailRoom.close()
  db.close()
  process.exit(0)
}

function tell(word: FromPart): void {
  process.send?.(word)
}
