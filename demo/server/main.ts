import { fileURLToPath } from 'node:url'
import { createShop } from './shop.ts'

const dataDir = process.env['DEMO_DATA'] ?? fileURLToPath(new URL('../.data', import.meta.url))
const shop = await createShop({ dataDir, port: readPort(process.env['DEMO_PORT']) })

console.log(`
Printworks is open:       ${shop.url}/admin/orders
Its background work:      ${shop.url}/admin/work
Everything is kept in:    ${dataDir}

Start with "Upload the sample folder" on the catalogue page. Ctrl-C closes the shop.
`)

let isClosing = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, closeShop)

function closeShop(): void {
  // The second Ctrl-C of somebody who will not wait.
  if (isClosing) process.exit(130)
  isClosing = true
  console.log('Closing; running work gets a few seconds to finish.')
  shop.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
}

function readPort(text: string | undefined): number {
  const port = Number(text ?? 3000)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  console.error(`DEMO_PORT is "${text}"; it must be a number up to 65535.`)
  process.exit(1)
}
