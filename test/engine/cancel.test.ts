import { taskContext, taskLog } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

describe('cancel', () => {
  it('keeps a waiting task from ever running', async () => {
    const tasks = openManager({ concurrency: 1 })
    const work = scriptedTask([{ holds: true }, { returns: 1 }])
    tasks.define('work', work.run)
    await tasks.start()
    const { id: first } = await tasks.enqueue('work', ['first'])
    const { id: second } = await tasks.enqueue('work', ['second'])
    expect(await tasks.source.cancel(second, { actor: 'ann', reason: 'wrong file' })).toMatchObject({
      status: 'cancelled',
    })
    work.release()
    await tasks.wait(first)
    await tasks.idle()
    expect(work.calls).toEqual([['first']])
    const detail = await tasks.source.detail(second)
    expect(detail.logs.map(({ message }) => message)).toEqual(['Cancelled by ann: wrong file'])
    await expect(tasks.cancel(second)).rejects.toEqual(withCode('wrong_status'))
  })

  it('aborts the signal of a running one, and says who asked', async () => {
    const tasks = openManager()
    tasks.define(
      'work',
      () =>
        new Promise((_resolve, reject) => {
          const { signal } = taskContext()!
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    )
    await tasks.start()
    const { id } = await tasks.enqueue('work')
    await tasks.cancel(id, 'enough')
    expect(await tasks.wait(id)).toMatchObject({ status: 'cancelled', error: 'Cancelled by the application: enough' })
  })

  it('ends the task of a deaf function after a grace, and hears it no more', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    let end: () => void = () => undefined
    tasks.define('deaf', { retries: 3 }, async () => {
      await new Promise<void>((resolve) => (end = resolve))
      taskLog('after the end')
    })
    await tasks.start()
    const { id } = await tasks.enqueue('deaf')
    await clock.advance(0)
    await tasks.cancel(id)
    expect((await tasks.get(id))?.status).toBe('running')
    await clock.advance(2_000)
    expect((await tasks.get(id))?.status).toBe('cancelled')
    end()
    await clock.advance(1_000)
    const { logs } = await tasks.source.logs({ taskId: id, after: 0, minLevel: null, text: 'after', limit: 10 })
    expect(logs).toEqual([])
  })
})
