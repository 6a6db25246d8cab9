import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@taskloom/client'
import { PermanentError, TaskManager, progress, taskLog, type TaskManagerOptions } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'
import { isTerminal, type TaskSummary } from '@taskloom/protocol'

interface Order {
  readonly id: number
  readonly lines: readonly string[]
}

const options: TaskManagerOptions = { store: 'tasks.db', concurrency: 2 }
const tasks = new TaskManager(options)
const packOrder = tasks.define('pack_order', { retries: 2, timeout: '10s' }, async (order: Order): Promise<number> => {
  if (order.lines.length === 0) throw new PermanentError('nothing to pack')
  for (const [at, line] of order.lines.entries()) {
    taskLog(`packs ${line}`)
    progress({ percent: (100 * (at + 1)) / order.lines.length })
  }
  return order.lines.length
})

const server = createServer((_request, response) => response.end('my own site'))
mount(server, tasks, { path: '/tasks' })
server.listen(Number(process.env['PORT'] ?? 3000), 'localhost', () => void begin())

async function begin(): Promise<void> {
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  await packOrder.enqueue({ id: 7, lines: ['paper', 'ink'] })
  const client = createClient({ src: `${origin}/tasks` })
  const page = await client.list({ limit: 5 })
  const open = page.tasks.filter((task: TaskSummary) => !isTerminal(task.status))
  console.log(`${origin}/tasks/dashboard shows ${page.tasks.length}, ${open.length} of them open`)
}
