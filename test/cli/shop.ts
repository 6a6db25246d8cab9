import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TaskManager, TaskManagerOptions } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'

export const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))

/** An application whose tasks the command line works on: a file, and for the remote kind a server that runs on it. */
export interface Shop {
  readonly file: string
  /** The options that name it. */
  readonly flags: readonly string[]
  close(): Promise<void>
}

const dayMs = 86_400_000
const { tasks: makeTasks } = (await import(fixture('tasks.mjs'))) as {
  readonly tasks: (options: TaskManagerOptions) => TaskManager
}

/**
 * Six tasks that failed, two that succeeded, two that wait for days, and three that failed 40 days ago; the failed ones
 * carry the tag `order`.
 */
export async function openShop(kind: 'local' | 'remote'): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), 'taskloom-cli-'))
  const file = join(folder, 'tasks.db')
  await fill(file)
  if (kind === 'local') {
    const flags = ['--store', file, '--module', fixture('tasks.mjs')]
    return { file, flags, close: async () => rmSync(folder, { recursive: true }) }
  }
  const manager = makeTasks({ store: file })
  const server = createServer()
  mount(server, manager, { displayArgs: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    file,
    flags: ['--url', `http://127.0.0.1:${port}/tasks`],
    async close() {
      await new Promise((resolve) => server.close(resolve).closeAllConnections())
      await manager.shutdown()
      rmSync(folder, { recursive: true })
    },
  }
}

async function fill(file: string): Promise<void> {
  const past = makeTasks({ store: file, clock: clockBehind(40 * dayMs) })
  await past.start()
  for (const order of [1, 2, 3]) await past.enqueue('charge', [order], { tags: { order: `old-${order}` } })
  await past.idle()
  await past.shutdown()
  const now = makeTasks({ store: file })
  await now.start()
  for (const order of [1, 2, 3, 4, 5, 6]) await now.enqueue('charge', [order], { tags: { order: String(order) } })
  for (const name of ['Ann', 'Bob']) await now.enqueue('greet', [name])
  await now.idle()
  for (const name of ['Eve', 'Zoe']) await now.enqueue('greet', [name], { delay: '9d' })
  await now.shutdown()
}

function clockBehind(lagMs: number) {
  return {
    now: () => Date.now() - lagMs,
    after(ms: number, act: () => void) {
      const timer = setTimeout(act, ms).unref()
      return () => clearTimeout(timer)
    },
  }
}
