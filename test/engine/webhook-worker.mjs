// The process that the webhook test kills: it ends a task whose message cannot be delivered, and then stays.
import { TaskManager, webhooks } from '@taskloom/engine'

const [file, url, secret] = process.argv.slice(2)
const tasks = new TaskManager({ store: file, observers: [webhooks({ url, secret, name: 'hook', timeout: '1m' })] })
const work = tasks.define('work', () => 'done')
await tasks.start()
const { id } = await work.enqueue()
await tasks.wait(id)
process.stdout.write(`${id}\n`)
