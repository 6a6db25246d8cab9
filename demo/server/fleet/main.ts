import { sendCustomers } from './customers.ts'
import { openFleet, type Fleet } from './fleet.ts'
import { missingServers } from './servers.ts'

const missing = missingServers()
if (missing.length > 0) {
  for (const sentence of missing) console.error(sentence)
  process.exit(1)
}

const restartMs = 5_000
const say = (sentence: string): void => console.log(sentence)
console.log('Starting Redis, PostgreSQL, two web instances and three workers …')
const fleet = await openFleet({ port: Number(process.env['DEMO_PORT'] ?? 0), restartMs, say })
const stopOrders = sendCustomers(fleet.url)
tellAll(fleet)
listenToKeys(fleet)

let isClosing = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => close(signal === 'SIGINT'))

function tellAll({ url, parts }: Fleet): void {
  const lines = [...parts].map(([key, { name, pid }]) => `  ${key}  ${name.padEnd(12)} pid ${pid ?? 'is away'}`)
  console.log(`
Printworks is open:       ${url}/admin/orders
Its background work:      ${url}/admin/work

${lines.join('\n')}

${process.stdin.isTTY ? 'Press the key in front to kill one (kill -9); l lists them again, q ends everything.' : 'kill -9 any of them; SIGTERM to this process ends everything.'}
What dies comes back after ${restartMs / 1_000} seconds. Work goes on all the time.
`)
}

/** Where there is a terminal. */
function listenToKeys(running: Fleet): void {
  const { stdin } = process
  if (!stdin.isTTY) return
  stdin.setRawMode(true).setEncoding('utf8')
  stdin.on('data', (key: string) => {
    if (key === 'q' || key === '\u0003') return close(true)
    if (key === 'l') return tellAll(running)
    running.parts.get(key)?.kill()
  })
}

function close(isByHand: boolean): void {
  // The second Ctrl-C of somebody who will not wait.
  if (isClosing && isByHand) process.exit(130)
  if (isClosing) return
  isClosing = true
  console.log('Closing; running work gets three seconds to finish.')
  stopOrders()
  fleet.close().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
}
