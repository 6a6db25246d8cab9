import type { TaskManagerOptions } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

describe('enqueue', () => {
  it('runs a task and keeps what it returned', async () => {
    const tasks = openManager()
    const add = tasks.define('add', (a: number, b: number) => a + b)
    await tasks.start()
    const { id, deduplicated } = await add.enqueue(2, 3)
    expect(deduplicated).toBe(false)
    expect(await tasks.wait(id)).toMatchObject({
      status: 'success',
      result: '5',
      attempt: 1,
      executor: 'async',
      source: 'manual',
    })
    expect(add(2, 3)).toBe(5)
    expect(add.name).toBe('add')
  })

  it('is typed by the function', () => {
    const tasks = openManager()
    const mail = tasks.define('mail', async (to: string, copies: number) => `${to}${copies}`)
    const wrong = () => {
      // @ts-expect-error the first argument is a text
      void mail.enqueue(1, 2)
      // @ts-expect-error the second argument is missing
      void mail.with({}).enqueue('a')
      // @ts-expect-error there is no such option
      void mail.with({ pririty: 1 })
      // @ts-expect-error the second argument is a number
      void tasks.enqueue(mail, ['a', 'b'])
    }
    expect(wrong).toBeTypeOf('function')
  })

  it('before start only stores', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ returns: 1 }])
    tasks.define('work', work.run)
    const { id } = await tasks.enqueue('work', ['x'])
    expect((await tasks.get(id))?.status).toBe('pending')
    expect(work.calls).toEqual([])
    await tasks.start()
    await tasks.wait(id)
    expect(work.calls).toEqual([['x']])
  })

  it('gives the task that holds the same key, until that has failed', async () => {
    const tasks = openManager()
    const work = tasks.define('work', (fail: boolean) => {
      if (fail) throw new Error('no')
    })
    await tasks.start()
    const keyed = work.with({ idempotencyKey: 'order-1' })
    const first = await keyed.enqueue(true)
    await tasks.wait(first.id)
    const second = await keyed.enqueue(false)
    expect(second).toMatchObject({ deduplicated: false })
    await tasks.wait(second.id)
    expect(await keyed.enqueue(false)).toEqual({ id: second.id, deduplicated: true })
    const both = await tasks.enqueueMany(
      Array.from({ length: 2 }, () => ({ name: 'work', args: [false], options: { idempotencyKey: 'k' } })),
    )
    expect(new Set(both.map(({ id }) => id)).size).toBe(1)
  })

  it('refuses what it does not know, by name', async () => {
    expect(() => openManager({ encryption: {} } as TaskManagerOptions)).toThrow(/encryption/)
    expect(() => openManager({ colour: 'red' } as TaskManagerOptions)).toThrow(/colour/)
    const tasks = openManager()
    expect(() => tasks.define('a', { executor: 'thread' } as object, () => 1)).toThrow(/executor/)
    const work = tasks.define('a', () => 1)
    expect(() => tasks.define('a', () => 1)).toThrow(withCode('duplicate_function'))
    await expect(work.with({ colour: 'red' } as object).enqueue()).rejects.toThrow(/colour/)
    await expect(tasks.enqueue('b')).rejects.toEqual(withCode('not_registered'))
    await expect(tasks.enqueue('a', [() => 1])).rejects.toEqual(withCode('bad_argument'))
    await expect(tasks.wait('nothing')).rejects.toEqual(withCode('unknown_task'))
  })

  it('gives each run its own arguments', async () => {
    const tasks = openManager()
    const seen: string[][] = []
    const work = tasks.define('work', (list: string[]) => void seen.push(list))
    const list = ['before']
    const { id } = await work.enqueue(list)
    list.push('after')
    await tasks.start()
    await tasks.wait(id)
    expect(seen).toEqual([['before']])
  })
})
