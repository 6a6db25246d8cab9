// Works off a bulk operation on one file, says when it has come so far, and goes on: it is killed then. The first of them
// begins the operation, the others find it. One retry that it mints runs for ever, so that the others only wait.
import { TaskManager } from '@taskloom/engine'
import { anyTask } from '@taskloom/protocol'

const [file, deed, phase, far] = process.argv.slice(2)
const tasks = new TaskManager({ store: file, concurrency: 1, bulk: { perSecond: 1_000_000 } })
tasks.define('work', () => new Promise(() => undefined))

const say = (line) => process.stdout.write(`${line}\n`)
const { operations } = tasks.source
let isTold = false
const look = async () => {
  const [operation] = await operations.list(null, 1)
  if (!operation) return
  const { status, endedAt, total, succeeded, skipped, failed } = operation
  const come = phase === 'collected' ? total : succeeded + skipped + failed
  if (!isTold && come >= Number(far)) {
    isTold = true
    say(`reached ${come}`)
  }
  if (endedAt !== null) say(`ended ${status}`)
}
await tasks.start()
setInterval(() => void look(), 5)
if (deed === 'begin') {
  const target = { filter: { ...anyTask, statuses: ['failed'] } }
  await operations.begin({ action: 'retry', target }, { actor: 'ann', reason: 'outage' })
}
