import { describe, expect, it, vi } from 'vitest'
import { isProcessAlive } from '../../packages/engine/src/run/process-alive.ts'
import { openWorkers, resultOf, workerTasks, type WorkerManager } from './worker-manager.ts'

interface Place {
  readonly threadId: number
  readonly pid: number
}

async function place({ run }: WorkerManager): Promise<string> {
  const { threadId, pid } = resultOf(await run('where')) as Place
  return `${pid}/${threadId}`
}

/** Resolves when the task has said something. */
async function heard({ logs }: WorkerManager, id: string): Promise<number> {
  const [first] = await vi.waitUntil(async () => {
    const lines = await logs(id)
    return lines.length > 0 ? lines : null
  }, 10_000)
  return Number(first!.extra?.['pid'])
}

const deaths = [
  ['leave', [0], 'worker_exited', 'exit code 0'],
  ['leave', [3], 'worker_exited', 'exit code 3'],
  ['eat', [], 'worker_out_of_memory', 'out of memory'],
  ['throwBeside', [], 'worker_crashed', 'RangeError: beside the function'],
  ['rejectBeside', [], 'worker_crashed', 'RangeError: nobody waits'],
] as const

const processDeaths = [
  ['abortNatively', [], 'worker_killed', 'SIGABRT'],
  ['dieBy', ['SIGSEGV'], 'worker_killed', 'SIGSEGV'],
  ['dieBy', ['SIGKILL'], 'worker_killed', 'SIGKILL'],
] as const

describe.each([
  { executor: 'thread', cases: deaths },
  { executor: 'process', cases: [...deaths, ...processDeaths] },
] as const)('a worker of executor $executor that dies', ({ executor, cases }) => {
  it.each(cases)('under %s(%j) fails its task with %s, and is replaced', async (name, args, errorCode, words) => {
    const workers = await openWorkers(executor, { workerMemoryMb: 48 })
    const before = await place(workers)
    const failed = await workers.run(name, args)
    expect(failed).toMatchObject({ status: 'failed', errorCode })
    expect(failed.error).toContain(words)
    if (errorCode === 'worker_crashed') expect(failed.stacktrace).toContain('worker-tasks.mjs')
    expect(await place(workers)).not.toBe(before)
  })

  it('keeps what the task said before', async () => {
    const { run, logs } = await openWorkers(executor)
    const { taskId } = await run('leave', [1])
    expect((await logs(taskId)).map(({ message }) => message)).toContain('leaving')
  })

  it('fails its task soon', async () => {
    const workers = await openWorkers(executor)
    await place(workers)
    const startedAt = performance.now()
    expect((await workers.run('leave', [1])).status).toBe('failed')
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })

  it('lets its task be retried in another one', async () => {
    const { run } = await openWorkers(executor)
    expect(await run('leave', [1], { retries: 1, delay: 0 })).toMatchObject({ status: 'failed', attempt: 2 })
  })
})

describe.each(['thread', 'process'] as const)('a %s', (executor) => {
  it.each([
    ['module_not_found', { module: new URL('./fixtures/not-there.mjs', import.meta.url), export: 'x' }, 1],
    ['export_not_found', { module: workerTasks, export: 'notThere' }, 1],
    ['export_not_found', { module: workerTasks, export: 'notAFunction' }, 1],
    ['import_failed', { module: new URL('./fixtures/broken-module.mjs', import.meta.url), export: 'never' }, 3],
  ])('that cannot load its function fails with %s', async (errorCode, target, attempt) => {
    const workers = await openWorkers(executor)
    const task = workers.tasks.define('missing', { executor, retries: 2, delay: 0 }, target)
    const failed = await workers.tasks.wait((await task.enqueue()).id)
    expect(failed).toMatchObject({ status: 'failed', errorCode, attempt })
    if (errorCode === 'import_failed') expect(failed.stacktrace).toContain('broken-module.mjs:2')
    expect((await workers.run('where')).status).toBe('success')
  })

  it('may print without end: 200 lines are kept, nothing grows', async () => {
    const { run, logs } = await openWorkers(executor)
    const flooded = await run('flood', [300_000])
    expect(flooded.status).toBe('success')
    expect(resultOf(flooded)).toBeLessThan(100 * 1_048_576)
    const lines = await logs(flooded.taskId)
    expect(lines).toHaveLength(201)
    expect(lines.at(-1)?.message).toBe('Further output is not kept after 200 lines')
  })

  it('may log without end: ten thousand lines are kept', async () => {
    const { run, tasks } = await openWorkers(executor)
    const { taskId, truncated } = await run('logMuch', [50_000])
    const page = await tasks.source.logs({ taskId, after: 0, minLevel: null, text: null, limit: 1 })
    expect(page.total).toBe(10_001)
    expect(truncated).toContain('logs')
  })

  it('may send what it likes: what is none of ours is not heard', async () => {
    const { run } = await openWorkers(executor)
    expect(resultOf(await run('talkNonsense'))).toBe('sense')
  })

  it('hears its signal when it is cancelled, and stays warm', async () => {
    const workers = await openWorkers(executor)
    const before = await place(workers)
    const id = await workers.begin('untilStopped')
    await heard(workers, id)
    await workers.tasks.cancel(id)
    expect(await workers.tasks.wait(id)).toMatchObject({ status: 'cancelled' })
    expect(await place(workers)).toBe(before)
  })

  it('that does not hear it is killed', async () => {
    const workers = await openWorkers(executor)
    const id = await workers.begin('deaf')
    const pid = await heard(workers, id)
    await workers.tasks.cancel(id, 'enough')
    expect(await workers.tasks.wait(id)).toMatchObject({ status: 'cancelled' })
    if (executor === 'process') await vi.waitFor(() => expect(isProcessAlive(pid)).toBe(false))
    expect((await workers.run('where')).status).toBe('success')
  })

  it('that takes too long is killed, and its task timed out', async () => {
    const { run } = await openWorkers(executor)
    const late = await run('deaf', [], { timeout: 800 })
    expect(late).toMatchObject({ status: 'failed', errorCode: 'timed_out' })
    expect((await run('where')).status).toBe('success')
  })

  it('ends at shutdown, busy or idle, and leaves nothing behind', async () => {
    const before = process.getActiveResourcesInfo().length
    const workers = await openWorkers(executor, { threads: 2, processes: 2 })
    await workers.run('where')
    const id = await workers.begin('deaf')
    const pid = await heard(workers, id)
    const ended = workers.tasks.wait(id)
    await workers.tasks.shutdown({ timeoutMs: 0 })
    expect(await ended).toMatchObject({ status: 'interrupted' })
    if (executor === 'process') expect(isProcessAlive(pid)).toBe(false)
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before)
  })
})

describe('a thread that hangs in native code', () => {
  it('does not hold up the next task', async () => {
    const workers = await openWorkers('thread')
    const id = await workers.begin('hang', [6])
    await heard(workers, id)
    const startedAt = performance.now()
    await workers.tasks.cancel(id)
    expect((await workers.run('where')).status).toBe('success')
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})

describe('a process', () => {
  it('may flood its streams natively', async () => {
    const { run } = await openWorkers('process')
    expect(resultOf(await run('floodNatively', [50]))).toBe('done')
  })

  it('does not end by the signals of a terminal', async () => {
    const workers = await openWorkers('process')
    const { pid } = resultOf(await workers.run('where')) as Place
    const id = await workers.begin('untilStopped')
    await heard(workers, id)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal)
    await workers.tasks.cancel(id)
    expect(await workers.tasks.wait(id)).toMatchObject({ status: 'cancelled' })
    expect(resultOf(await workers.run('where'))).toMatchObject({ pid })
  })
})
