import { mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { createApp } from './app.ts'
import { openMailRoom } from './mail.ts'
import { openReceiver } from './receiver.ts'
import { openShopDb, type ShopDb } from './shop-db.ts'
import { defineTasks } from './tasks/index.ts'

export interface ShopOptions {
  /** The folder for databases, uploads, thumbnails and reports; made when it is not there. */
  readonly dataDir: string
  /** The first port to try; when it is taken the next free one is used. 0 takes any. */
  readonly port: number
  /** How long a webhook waits before its first retry; doubles with each. */
  readonly webhookDelayMs?: number
  /** How long a partner may take to answer a webhook. */
  readonly webhookTimeoutMs?: number
}

export interface Shop {
  readonly url: string
  readonly db: ShopDb
  readonly tasks: TaskManager
  /** Stops taking requests and work, lets running work finish within five seconds, closes everything. */
  close(): Promise<void>
}

/** Opens the print shop: its databases, its mail server, its partners' webhook receiver, its tasks and its pages. */
export async function createShop(options: ShopOptions): Promise<Shop> {
  const { dataDir } = options
  for (const folder of ['uploads', 'thumbnails', 'reports']) await mkdir(join(dataDir, folder), { recursive: true })
  const db = openShopDb(join(dataDir, 'shop.db'))
  const mailRoom = await openMailRoom(db)
  const receiver = await openReceiver()
  const tasks = new TaskManager({ store: join(dataDir, 'tasks.db'), concurrency: 4 })
  const work = defineTasks(tasks, {
    db,
    dataDir,
    sendMail: mailRoom.send,
    receiverUrl: receiver.url,
    webhookDelayMs: options.webhookDelayMs ?? 1_000,
    webhookTimeoutMs: options.webhookTimeoutMs ?? 3_000,
  })
  const { app, mounted } = createApp({ dataDir, db, tasks, work, receiver })
  const server = createServer(app)
  await tasks.start()
  await listen(server, options.port)

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    db,
    tasks,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      await mounted.close()
      await tasks.shutdown({ timeoutMs: 5_000 })
      server.closeAllConnections()
      await closed
      await Promise.all([mailRoom.close(), receiver.close()])
      db.close()
    },
  }
}

const portsToTry = 20

async function listen(server: Server, firstPort: number): Promise<void> {
  for (let port = firstPort; ; port += 1) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(port, '127.0.0.1', () => {
          server.off('error', reject)
          resolve()
        })
      })
      return
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (!isTaken || port - firstPort >= portsToTry) throw error
    }
  }
}
