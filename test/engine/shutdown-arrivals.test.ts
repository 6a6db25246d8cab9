import { memory, TaskManager, type TaskManagerOptions } from '@taskloom/engine'
import { expect, it } from 'vitest'

type Store = Exclude<TaskManagerOptions['store'], string | undefined>

/** Something that is waited for, and comes when it is told to. */
function moment() {
  let come: () => void = () => undefined
  const comes = new Promise<void>((resolve) => (come = resolve))
  return { come, comes }
}

/** A store over a network: what is written is answered once `answered` has come. */
function distant(asked: () => void, answered: Promise<void>): Store {
  const base = memory()
  const write: typeof base.tasks.write = async (batch) => {
    const written = await base.tasks.write(batch)
    asked()
    await answered
    return written
  }
  const tasks = new Proxy(base.tasks, {
    get: (part, name) => {
      if (name === 'write') return write
      const verb: unknown = Reflect.get(part, name)
      return typeof verb === 'function' ? (verb.bind(part) as unknown) : verb
    },
  })
  return { ...base, tasks }
}

it('a shutdown waits for tasks that are just being stored as running', async () => {
  const [asked, answered, begun] = [moment(), moment(), moment()]
  const store = distant(asked.come, answered.comes)
  const tasks = new TaskManager({ store })
  tasks.define('work', () => {
    begun.come()
    return 'done'
  })
  await tasks.start()
  const enqueued = tasks.enqueue('work')
  await asked.comes
  const stopped = tasks.shutdown({ timeoutMs: 5_000 })
  answered.come()
  await begun.comes
  await stopped
  expect((await store.tasks.get((await enqueued).id))?.status).toBe('success')
})
