import { TaskManager } from '@taskloom/engine'

// Another process on the same store: does what it is told and says when it is done.
const tasks = new TaskManager({ store: process.argv[2] })
const work = tasks.define('elsewhere', () => 'done')
await tasks.start()
const verbs = {
  async enqueue() {
    const { id } = await work.enqueue()
    await tasks.wait(id)
    return id
  },
  async late() {
    return (await work.with({ delay: '1h' }).enqueue()).id
  },
  async delete(id) {
    await tasks.delete(id)
    return id
  },
}
process.on('message', async ({ verb, id }) => process.send(await verbs[verb](id)))
process.on('disconnect', () => process.exit(0))
process.send('ready')
