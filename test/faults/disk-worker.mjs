// Fills a disk with tasks until it is full, waits until there is room again, and goes on.
import { TaskManager } from '@taskloom/engine'
import { anyTask } from '@taskloom/protocol'
import Database from 'better-sqlite3'

const [file, pages] = process.argv.slice(2)
/** Connections of this process, to be limited to so many pages; without `pages` somebody else limits the file. */
const connections = []
const { pragma } = Database.prototype
Database.prototype.pragma = function (...words) {
  if (!connections.includes(this)) connections.push(this)
  return pragma.apply(this, words)
}
const limitPages = (limit) => {
  for (const db of connections) if (db.open && !db.readonly) pragma.call(db, `max_page_count = ${limit}`)
}
const tasks = new TaskManager({ store: file })
let faults = 0
tasks.on('error', () => (faults += 1))
let endHeld = () => undefined
tasks.define('held', () => new Promise((resolve) => (endHeld = () => resolve('held on'))))
tasks.define('work', (text) => text.length)
await tasks.start()
const held = await tasks.enqueue('held')
if (pages) limitPages(pages)

const acknowledged = []
const refusals = []
while (refusals.length < 20 && acknowledged.length < 20_000) {
  const batch = Array.from({ length: 20 }, () => tasks.enqueue('work', ['x'.repeat(4_000)]))
  for (const answer of await Promise.allSettled(batch)) {
    if (answer.status === 'fulfilled') acknowledged.push(answer.value.id)
    else refusals.push(`${answer.reason.code} ${answer.reason.message}`)
  }
}
endHeld()
process.stdout.write(`full ${refusals[0]}\n`)
await new Promise((resolve) => process.stdin.once('data', resolve))
if (pages) limitPages(1_000_000)
const { status } = await tasks.wait(held.id)
const { id } = await tasks.enqueue('work', ['after'])
acknowledged.push(id)
await tasks.idle()
let lost = 0
for (const taskId of acknowledged) if ((await tasks.get(taskId))?.status !== 'success') lost += 1
const { success, running, pending } = await tasks.source.metrics(anyTask)
await tasks.shutdown()
process.stdout.write(
  `report ${JSON.stringify({ held: status, acknowledged: acknowledged.length, lost, success, running, pending, faults })}\n`,
)
process.exit(0)
