import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { taskLog } from '@taskloom/engine'
import { openManager } from './open-manager.ts'
import { openWorkers, resultOf, workerTasks, type WorkerKind } from './worker-manager.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`

/** Counts the threads or processes that are started from now on. */
function countStarts(executor: WorkerKind): () => number {
  let count = 0
  const onStart = () => {
    count += 1
  }
  if (executor === 'thread') process.on('worker', onStart)
  else subscribe('child_process', onStart)
  onTestFinished(() => {
    process.off('worker', onStart)
    unsubscribe('child_process', onStart)
  })
  return () => count
}

describe.each(['thread', 'process'] as const)('around a function with executor %s', (executor) => {
  it('no worker is started before there is a task for it, nor for a shutdown', async () => {
    const starts = countStarts(executor)
    const { tasks, begin, run } = await openWorkers(executor)
    tasks.define('unused', { executor }, { module: workerTasks, export: 'where' })
    await tasks.idle()
    expect(starts()).toBe(0)
    await run('where')
    await tasks.wait(await begin('where'))
    expect(starts()).toBe(1)
    const idle = openManager()
    idle.define('unused', { executor }, { module: workerTasks, export: 'where' })
    await idle.start()
    await idle.shutdown()
    await idle.shutdown()
    expect(starts()).toBe(1)
  })

  it('a trace is continued', async () => {
    const { tasks } = await openWorkers(executor)
    const tell = tasks.define('tell', { executor }, { module: workerTasks, export: 'tell' })
    const { id } = await tell.with({ traceparent, tracestate: 'vendor=1' }).enqueue('you')
    const record = await tasks.wait(id)
    expect(record.traceId).toBe(traceId)
    const context = resultOf(record) as { readonly traceparent: string; readonly tracestate: string }
    expect(context.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`))
    expect(context.tracestate).toBe('vendor=1')
  })

  it('middleware speaks as the task, and sees and changes results and failures', async () => {
    const { tasks, run, logs } = await openWorkers(executor)
    const seen: unknown[] = []
    tasks.use(async (context, next) => {
      taskLog(`before ${context.attempt}`)
      try {
        const result = await next()
        seen.push(result)
        return Array.isArray(result) ? result.length : result
      } catch (error) {
        seen.push((error as Error).message)
        if (context.attempt > 1) return 'mended'
        throw error
      }
    })
    const given = [new Date(0), 'two']
    expect(resultOf(await run('mirror', given))).toBe(2)
    const mended = await run('sayAndFail', [], { retries: 1, delay: 0 })
    expect(mended).toMatchObject({ status: 'success', attempt: 2, result: '"mended"' })
    expect(seen).toEqual([given, 'as announced', 'as announced'])
    const messages = (await logs(mended.taskId)).map(({ message }) => message)
    expect(messages.filter((message) => !message.startsWith('Attempt'))).toEqual([
      ...['before 1', 'about to fail'],
      ...['before 2', 'about to fail'],
    ])
  })

  it('middleware that changes nothing keeps what is told of a result that was cut', async () => {
    const { tasks, run, logs } = await openWorkers(executor)
    tasks.use((_context, next) => next())
    const record = await run('tooMuch')
    expect(record).toMatchObject({ status: 'success', truncated: ['result'] })
    expect((await logs(record.taskId))[0]?.message).toContain('larger than')
  })

  it('what was said before a failure is in the log', async () => {
    const { run, logs } = await openWorkers(executor)
    const { taskId, status } = await run('sayAndFail')
    expect(status).toBe('failed')
    expect((await logs(taskId)).map(({ message }) => message)).toContain('about to fail')
  })
})

describe('a process that cannot be started', () => {
  it('fails its task with worker_not_started, and the next task has another try', async () => {
    const { execPath } = process
    onTestFinished(() => {
      process.execPath = execPath
    })
    const { run } = await openWorkers('process')
    process.execPath = '/nowhere/node'
    const failed = await run('where')
    expect(failed).toMatchObject({ status: 'failed', errorCode: 'worker_not_started' })
    expect(failed.error).toMatch(/^The worker did not start: .*ENOENT/)
    process.execPath = execPath
    expect(await run('where')).toMatchObject({ status: 'success' })
  })
})
