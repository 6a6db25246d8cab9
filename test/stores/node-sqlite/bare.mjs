// A host that has installed nothing but the engine: see store.test.ts.
import { TaskManager } from '@taskloom/engine'

const tasks = new TaskManager({ store: process.argv[2] })
const add = tasks.define('add', (a, b) => a + b)
try {
  await tasks.start()
  const { id } = await add.enqueue(1, 2)
  await tasks.idle()
  const { status, result } = await tasks.get(id)
  const { total } = await tasks.list()
  process.stdout.write(JSON.stringify({ status, result, total }))
} catch ({ code, message, details }) {
  process.stdout.write(JSON.stringify({ code, message, reason: details?.reason }))
} finally {
  await tasks.shutdown()
}
