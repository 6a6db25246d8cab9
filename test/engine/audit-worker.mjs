// A process that adds to the audit log of a store that others add to as well, until it is killed or has said enough.
import { TaskManager } from '@taskloom/engine'

const [file, actor, countText] = process.argv.slice(2)
const tasks = new TaskManager({ store: file })
await tasks.open()

const facts = { role: null, address: null, outcome: 'ok', reason: null, code: null, affected: [], affectedCount: 0 }
for (let index = 0; index < Number(countText); index += 1) {
  const draft = { at: index, actor, action: 'reveal', target: `${index}`, detail: null, ...facts }
  await tasks.source.audit.append([draft])
  if (index === 0) process.stdout.write('began\n')
}
await tasks.shutdown()
process.stdout.write('done\n')
