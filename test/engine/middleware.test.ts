import { taskContext, taskLog } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { openManager, withCode } from './open-manager.ts'

describe('middleware', () => {
  it('goes around each attempt, the first one outermost, and speaks as the task', async () => {
    const tasks = openManager()
    const order: string[] = []
    for (const name of ['outer', 'inner']) {
      tasks.use(async (context, next) => {
        order.push(`${name} before ${context.funcName} ${context.attempt}`)
        taskLog(`${name} was here`)
        expect(taskContext()?.taskId).toBe(context.taskId)
        try {
          return await next()
        } finally {
          order.push(`${name} after`)
        }
      })
    }
    const flaky = tasks.define('flaky', { retries: 1, delay: 0 }, (word: string) => {
      order.push('run')
      if (taskContext()?.attempt === 1) throw new Error('first')
      return word
    })
    await tasks.start()
    const record = await tasks.wait((await flaky.enqueue('done')).id)
    expect(record).toMatchObject({ status: 'success', result: '"done"', hasLogs: true })
    expect(order).toEqual(
      [1, 2].flatMap((attempt) => [
        `outer before flaky ${attempt}`,
        `inner before flaky ${attempt}`,
        'run',
        'inner after',
        'outer after',
      ]),
    )
  })

  it('may change a result, replace a failure, fail, and answer in place of the function', async () => {
    const tasks = openManager()
    let runs = 0
    tasks.use(async ({ funcName }, next) => {
      if (funcName === 'cached') return 'from the cache'
      if (funcName === 'refused') throw new Error('not on Sundays')
      return next().then(
        (value) => `<${String(value)}>`,
        (error: unknown) => `instead of ${String(error)}`,
      )
    })
    const run = (value: string): string => {
      runs += 1
      if (value === 'bad') throw new Error('bad')
      return value
    }
    const functions = ['plain', 'cached', 'refused'].map((name) => tasks.define(name, run))
    await tasks.start()
    const outcomes = await Promise.all(
      [...functions.map((task) => task.enqueue('x')), functions[0]!.enqueue('bad')].map(async (enqueued) => {
        const { status, result, error } = await tasks.wait((await enqueued).id)
        return [status, result, error]
      }),
    )
    expect(outcomes).toEqual([
      ['success', '"<x>"', null],
      ['success', '"from the cache"', null],
      ['failed', null, 'not on Sundays'],
      ['success', '"instead of Error: bad"', null],
    ])
    expect(runs).toBe(2)
  })

  it('cannot run the function twice', async () => {
    const tasks = openManager()
    let runs = 0
    tasks.use(async (_context, next) => {
      await next()
      return next()
    })
    const work = tasks.define('work', () => (runs += 1))
    await tasks.start()
    expect(await tasks.wait((await work.enqueue()).id)).toMatchObject({
      status: 'failed',
      error: 'next() was called a second time: the task would run twice',
    })
    expect(runs).toBe(1)
  })

  it('that never ends is ended by the time limit and by cancelling', async () => {
    const tasks = openManager()
    tasks.use(
      ({ signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('off')))),
    )
    const limited = tasks.define('limited', { timeout: 20 }, () => 1)
    const endless = tasks.define('endless', () => 1)
    await tasks.start()
    expect(await tasks.wait((await limited.enqueue()).id)).toMatchObject({ status: 'failed', errorCode: 'timed_out' })
    const { id } = await endless.enqueue()
    await tasks.cancel(id)
    expect((await tasks.wait(id)).status).toBe('cancelled')
  })

  it('has to be a function', () => {
    expect(() => openManager().use('log' as never)).toThrow(withCode('bad_option'))
  })
})
