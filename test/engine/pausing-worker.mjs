// One of two processes on one store: runs what is in its queues and says each start; pauses or resumes a queue when told.
import { createInterface } from 'node:readline'
import { TaskManager } from '@taskloom/engine'

const [file, queue] = process.argv.slice(2)
const tasks = new TaskManager({ store: file, concurrency: 4 })
const say = (line) => process.stdout.write(`${line}\n`)
tasks.define('step', { queue }, async (name) => {
  say(`ran ${name}`)
  await new Promise((resolve) => setImmediate(resolve))
})
await tasks.start()
tasks.source.subscribe(({ kind }) => kind === 'queues' && say('told'))
say('started')

createInterface({ input: process.stdin }).on('line', async (line) => {
  const [word, name] = line.split(' ')
  const act = { actor: 'ann', reason: null }
  if (word === 'pause') await tasks.source.pauseQueue(name, act)
  else if (word === 'resume') await tasks.source.resumeQueue(name, act)
  else if (word === 'enqueue') await tasks.enqueue('step', [name])
  else if (word === 'end') {
    await tasks.shutdown()
    process.exit(0)
  }
  say(`did ${line}`)
})
