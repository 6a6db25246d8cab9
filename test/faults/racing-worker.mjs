// One of five processes that race on one file: for keys that all of them want, for the slots of a schedule, and for what
// the dead among them left. Each line of the journal is one fact, appended with one write.
import { openSync, writeSync } from 'node:fs'
import { TaskManager, taskContext } from '@taskloom/engine'
import { fastClock } from './fast-clock.mjs'

const [file, journalFile, beganAt, untilMs, name] = process.argv.slice(2)
const journal = openSync(journalFile, 'a')
const note = (...words) => writeSync(journal, `${words.join(' ')}\n`)
const clock = fastClock(Number(beganAt), 4)

const tasks = new TaskManager({ store: file, clock, concurrency: 10 })
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
const run = async () => {
  const { taskId, attempt } = taskContext()
  note('run', taskId, attempt)
  await nextTurn()
}
tasks.define('own', run)
tasks.define('wanted', run)
tasks.define('again', { requeueOnInterrupt: true }, async () => {
  await run()
  // Long enough to be found running when its process is killed.
  for (let turn = 0; turn < 50; turn += 1) await nextTurn()
})
tasks.schedule('tick', { every: '1s', misfire: 'all' }, run)
await tasks.start()
process.stdout.write('started\n')

const enqueue = async (func, options) => {
  const { id } = await tasks.enqueue(func, [], options)
  note('ack', id)
  return id
}
for (let round = 0; Date.now() - Number(beganAt) < Number(untilMs); round += 1) {
  const key = `k${Math.floor((Date.now() - Number(beganAt)) / 20)}`
  const [own] = await Promise.all([
    enqueue('own', { tags: { name } }),
    enqueue('wanted', { idempotencyKey: key }),
    enqueue('again', { tags: { name } }),
  ])
  await tasks.wait(own)
}
process.stdout.write('raced\n')
process.stdin.once('data', async () => {
  await tasks.idle()
  await tasks.shutdown()
  process.stdout.write('finished\n')
  process.exit(0)
})
