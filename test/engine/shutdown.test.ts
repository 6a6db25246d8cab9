import { memory, TaskManager, type Store } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

describe('shutdown', () => {
  it('drains, then interrupts, and refuses afterwards', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    const store = await tasks.enqueue('work')
    const waiting = tasks.wait('x').catch((error: unknown) => error)
    await waiting
    const ends: string[] = []
    tasks.on('fail', ({ status }) => ends.push(status))
    await tasks.shutdown({ timeoutMs: 10 })
    expect(ends).toEqual(['interrupted'])
    expect(store.id).toBeTypeOf('string')
    await expect(tasks.enqueue('work')).rejects.toEqual(withCode('shut_down'))
    await expect(tasks.start()).resolves.toBeUndefined()
  })

  it('lets running tasks end', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    await tasks.enqueue('work')
    const ends: string[] = []
    tasks.on('complete', ({ status }) => ends.push(status))
    const ending = tasks.shutdown({ timeoutMs: 60_000 })
    work.release()
    await ending
    expect(ends).toEqual(['success'])
  })

  it('resolves although the store hangs', async () => {
    const clock = createFakeClock()
    const store = hanging(memory())
    const tasks = openManager({ clock, store })
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    await tasks.enqueue('work')
    store.hang()
    let isDone = false
    void tasks.shutdown({ timeoutMs: 1_000 }).then(() => (isDone = true))
    await clock.advance(1_000 + 250 + 3 * 1_000)
    expect(isDone).toBe(true)
  })

  it('may come before start, twice, and during start', async () => {
    const tasks = new TaskManager()
    await Promise.all([tasks.shutdown(), tasks.shutdown()])
    const other = new TaskManager()
    const starting = other.start().catch((error: unknown) => error)
    await other.shutdown()
    await starting
    await expect(other.enqueue('x')).rejects.toBeDefined()
  })
})

function hanging(store: Store): Store & { hang(): void } {
  let isHanging = false
  const never = new Promise<never>(() => undefined)
  const guard = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key)
        return typeof member === 'function'
          ? (...args: unknown[]) => (isHanging ? never : (member as (...all: unknown[]) => unknown).apply(target, args))
          : member
      },
    })
  return {
    ...store,
    tasks: guard(store.tasks),
    workers: guard(store.workers),
    close: () => never,
    hang: () => void (isHanging = true),
  }
}
