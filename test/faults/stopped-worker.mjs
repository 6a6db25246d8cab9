// One of two processes on one file, whose time is five times as fast: runs what it is told to, and says what happens.
import { TaskManager, taskContext } from '@taskloom/engine'
import { fastClock } from './fast-clock.mjs'

const [file, role, beganAt] = process.argv.slice(2)
const say = (line) => process.stdout.write(`${line}\n`)
const tasks = new TaskManager({ store: file, clock: fastClock(Number(beganAt), 5) })
tasks.on('error', ({ during, taskId }) => say(`fault ${taskId} ${during}`))
const ends = []
tasks.define('held', () => {
  say(`run ${taskContext().taskId}`)
  return new Promise((resolve) => ends.push(() => resolve(role)))
})
tasks.define('safe', { requeueOnInterrupt: true }, () => {
  say(`run ${taskContext().taskId} attempt ${taskContext().attempt}`)
  if (role === 'second') return role
  return new Promise((resolve) => ends.push(() => resolve(role)))
})
await tasks.start()
if (role === 'first') {
  const held = await tasks.enqueue('held')
  const safe = await tasks.enqueue('safe')
  say(`enqueued ${held.id} ${safe.id}`)
}
say('ready')
process.stdin.setEncoding('utf8').on('data', async (text) => {
  if (text.includes('end')) for (const end of ends) end()
  if (text.includes('more')) {
    const { id } = await tasks.enqueue('safe')
    say(`more ${id}`)
  }
  if (text.includes('quit')) {
    await tasks.shutdown({ timeoutMs: 100 })
    process.exit(0)
  }
})
