// A host that must end by itself. Its story is the first argument, the store's file the second.
import { TaskManager } from '@taskloom/engine'

const [story, file] = process.argv.slice(2)
const tasks = new TaskManager({ store: file, retention: { days: 1 } })
const forever = tasks.define('forever', () => new Promise(() => undefined))
tasks.schedule('tick', { every: '1h' }, () => undefined)

const stories = {
  async ends() {
    await tasks.start()
    await forever.enqueue()
    await tasks.list()
    await tasks.shutdown({ timeoutMs: 0 })
  },
  async stops_while_starting() {
    const starting = tasks.start().catch(() => undefined)
    await tasks.shutdown({ timeoutMs: 0 })
    await starting
  },
  async never_starts() {
    await forever.enqueue()
    await tasks.list()
    await tasks.shutdown({ timeoutMs: 0 })
  },
  async starts_too_late() {
    await tasks.shutdown({ timeoutMs: 0 })
    await tasks.start().catch(() => undefined)
  },
}
await stories[story]()
process.stdout.write('done\n')
