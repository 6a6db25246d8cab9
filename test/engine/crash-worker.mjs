// The process that the crash test kills: enqueues and runs tasks on the given store until it is done or dead.
// Each line of the journal is one fact, appended with one write: `ack <id>` after enqueue resolved, `run <id>` at a start.
import { openSync, writeSync } from 'node:fs'
import { TaskManager, taskContext } from '@taskloom/engine'

const [file, journalFile, countText] = process.argv.slice(2)
const journal = openSync(journalFile, 'a')
const note = (word, id) => writeSync(journal, `${word} ${id}\n`)

const tasks = new TaskManager({ store: file, concurrency: 20 })
const step = tasks.define('step', async () => {
  note('run', taskContext().taskId)
  await new Promise((resolve) => setImmediate(resolve))
})
await tasks.start()
process.stdout.write('started\n')

const count = Number(countText)
for (let index = 0; index < count; index += 50) {
  const batch = Array.from({ length: Math.min(50, count - index) }, () =>
    step.enqueue().then(({ id }) => note('ack', id)),
  )
  await Promise.all(batch)
}
await tasks.idle()
await tasks.shutdown()
process.stdout.write('finished\n')
