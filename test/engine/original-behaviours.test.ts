import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileLogger, memory, taskLog, type TaskManager } from '@taskloom/engine'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHandler } from '../../packages/engine/src/server/handler.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager } from './open-manager.ts'

const act = { actor: 'ann', reason: null }
const hour = 3_600_000

/** Behaviours of the program this one follows that no other test here says in so many words. */
describe('as in the original', () => {
  it('a function has no retries, no priority and no limit unless it says so', async () => {
    const tasks = openManager()
    tasks.define('plain', () => 1)
    tasks.define('urgent', { priority: 5 }, () => 1)
    const [view] = await tasks.source.functions()
    expect(view).toMatchObject({ funcName: 'plain', retries: 0, delay: 1_000, backoff: 1, timeout: null })
    const plain = await tasks.enqueue('plain')
    const urgent = await tasks.enqueue('urgent')
    const lower = await tasks.enqueue('urgent', [], { priority: 2 })
    const records = await Promise.all([plain, urgent, lower].map(({ id }) => tasks.get(id)))
    expect(records.map((record) => record?.priority)).toEqual([null, 5, 2])
    expect(records.map((record) => record?.source)).toEqual(['manual', 'manual', 'manual'])
  })

  it('retries are counted from the second attempt on', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ throws: new Error('no') }, { returns: 1 }])
    tasks.define('work', { retries: 3, delay: 0 }, work.run)
    await tasks.start()
    const second = await tasks.wait((await tasks.enqueue('work')).id)
    const first = await tasks.wait((await tasks.enqueue('work')).id)
    expect([first, second].map(({ status, retriesUsed }) => [status, retriesUsed])).toEqual([
      ['success', 0],
      ['success', 1],
    ])
  })

  it('an interrupted task can be retried, and its idempotency key is free', async () => {
    const store = memory()
    const first = openManager({ store })
    first.define('work', () => new Promise(() => undefined))
    await first.start()
    const options = { idempotencyKey: 'once' }
    const { id } = await first.enqueue('work', [], options)
    await first.shutdown({ timeoutMs: 0 })
    const second = openManager({ store })
    second.define('work', () => 'done')
    await second.start()
    expect((await second.get(id))?.status).toBe('interrupted')
    const again = await second.enqueue('work', [], options)
    expect(again.deduplicated).toBe(false)
    await second.wait(again.id)
    expect((await second.retry(id)).taskId).toBe(again.id)
  })

  it('a replay takes its window and its function alone, and a clearing leaves what is recent', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    for (const name of ['a', 'b']) tasks.define(name, () => Promise.reject(new Error('no')))
    await tasks.start()
    await tasks.enqueue('a')
    await clock.advance(5 * hour)
    await tasks.enqueue('a')
    await tasks.enqueue('b')
    await clock.advance(hour)
    const question = { since: clock.now() - 2 * hour, funcName: 'a', again: false }
    expect(await tasks.source.retryFailed(question, act)).toMatchObject({ dispatched: 1 })
    await tasks.idle()
    expect(await tasks.source.clearHistory({ olderThanMs: 2 * hour, statuses: [] }, act)).toBe(1)
    expect((await tasks.list()).total).toBe(3)
  })

  it('a task whose function is not defined here waits for a process that knows it', async () => {
    const store = memory()
    const first = openManager({ store })
    first.define('known', () => 1)
    const { id } = await first.enqueue('known')
    const other = openManager({ store })
    other.define('another', () => 1)
    await other.start()
    await other.idle()
    expect((await other.get(id))?.status).toBe('pending')
    await first.start()
    expect((await first.wait(id)).status).toBe('success')
  })

  it('plain and async functions get their arguments, and without retries the first failure is the last', async () => {
    const tasks = openManager()
    const plain = tasks.define('plain', (a: number, b: number) => a + b)
    const later = tasks.define('later', async (a: number, b: number) => Promise.resolve(a + b))
    const work = scriptedTask([{ throws: new Error('no') }])
    const fails = tasks.define('fails', work.run)
    await tasks.start()
    for (const add of [plain, later]) {
      expect(await tasks.wait((await add.enqueue(2, 3)).id)).toMatchObject({ status: 'success', result: '5' })
    }
    const failed = await tasks.wait((await fails.enqueue()).id)
    expect(failed).toMatchObject({ status: 'failed', attempt: 1, retriesUsed: 0, error: 'no' })
    expect(work.calls).toHaveLength(1)
  })

  it('retries are used up one by one, and then the task has failed', async () => {
    const tasks = openManager()
    const work = scriptedTask([{ throws: new Error('no') }])
    tasks.define('work', { retries: 2, delay: 0 }, work.run)
    await tasks.start()
    const failed = await tasks.wait((await tasks.enqueue('work')).id)
    expect(failed).toMatchObject({ status: 'failed', attempt: 3, retriesUsed: 2 })
    expect(work.calls).toHaveLength(3)
  })

  it('each call gives an id of its own, under which the task is found and listed', async () => {
    const tasks = openManager()
    const work = tasks.define('work', (value: number) => value)
    const ids = (await Promise.all([work.enqueue(1), work.enqueue(1), work.enqueue(1)])).map(({ id }) => id)
    expect(new Set(ids).size).toBe(3)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect((await tasks.list()).tasks.map(({ taskId }) => taskId).sort()).toEqual([...ids].sort())
    expect(await tasks.get(ids[0]!)).toMatchObject({ funcName: 'work', status: 'pending' })
    expect(await tasks.get('nothing')).toBeUndefined()
  })

  it('a task has a duration once it has ended, from the start of its first attempt', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    const work = scriptedTask([{ throws: new Error('no') }, { holds: true }])
    tasks.define('work', { retries: 1, delay: 1_000 }, work.run)
    await tasks.start()
    const { id } = await tasks.enqueue('work')
    await clock.advance(1_500)
    expect(await tasks.get(id)).toMatchObject({ status: 'running', durationMs: null })
    work.release()
    await clock.advance(1)
    expect(await tasks.get(id)).toMatchObject({ status: 'success', durationMs: 1_500 })
  })

  it('a log file has the lines of a task, one for each retry, and how it ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'taskloom-behaviours-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'tasks.log')
    const first = openManager({ observers: [fileLogger(path)] })
    const fails = first.define('fails', { retries: 1, delay: 0 }, () => {
      taskLog('trying')
      throw new Error('no')
    })
    const hangs = first.define('hangs', () => new Promise(() => undefined))
    await first.start()
    const failed = await fails.enqueue()
    await first.wait(failed.id)
    const cut = await hangs.enqueue()
    await first.shutdown({ timeoutMs: 0 })
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    const of = (id: string) =>
      lines.filter((line) => line.includes(id)).map((line) => line.slice(line.indexOf(id) + 37))
    expect(of(failed.id)).toEqual([
      'created',
      'trying',
      'Attempt 1 failed: no. Retry 1 of 1 in 0s',
      'trying',
      expect.stringMatching(/^failed after \d+ ms: no$/),
    ])
    expect(of(cut.id).at(-1)).toMatch(/^interrupted/)
  })

  it('schedules stand side by side, each with its next slots ahead, and their functions can be called', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    const often = tasks.schedule('often', { every: '1m' }, () => 'often')
    const daily = tasks.schedule('daily', { cron: '0 9 * * *', timezone: 'Europe/Berlin' }, async () => 'daily')
    await tasks.start()
    expect([often(), await daily()]).toEqual(['often', 'daily'])
    const views = await tasks.source.schedules()
    expect(views.map(({ funcName }) => funcName).sort()).toEqual(['daily', 'often'])
    for (const { nextRuns } of views) expect(nextRuns.every((at) => at > clock.now())).toBe(true)
    await clock.advance(60_000)
    await tasks.idle()
    const { tasks: rows } = await tasks.list()
    expect(rows).toMatchObject([{ funcName: 'often', source: 'scheduled', status: 'success' }])
    const { id } = await often.enqueue()
    expect((await tasks.get(id))?.source).toBe('manual')
  })

  it('a bulk retry takes what failed, says why it left out the rest, and does nothing for nothing', async () => {
    const tasks = openManager()
    tasks.define('work', (fail: boolean) => (fail ? Promise.reject(new Error('no')) : 1))
    await tasks.start()
    const failed = await tasks.enqueue('work', [true])
    const fine = await tasks.enqueue('work', [false])
    for (const { id } of [failed, fine]) await tasks.wait(id)
    const answer = await tasks.source.bulkRetry([failed.id, fine.id, 'unknown'], { again: false }, act)
    expect(answer).toMatchObject({ dispatched: 1, skipped: 2 })
    expect(answer.results.map(({ reason }) => reason)).toEqual([null, 'wrong_status', 'unknown'])
    expect(await tasks.source.bulkRetry([], { again: false }, act)).toEqual({ dispatched: 0, skipped: 0, results: [] })
  })

  it('answers over HTTP: no tasks, one task, an unknown one, and what cannot be retried', async () => {
    const store = memory()
    const tasks = openManager({ store })
    const ask = askOf(tasks)
    tasks.define('work', { priority: 3 }, () => 1)
    expect(await ask('GET', '/')).toMatchObject({ status: 200, body: { tasks: [], total: 0 } })
    expect(await ask('GET', '/metrics')).toMatchObject({ status: 200, body: { total: 0, success_rate: null } })
    const { id } = await tasks.enqueue('work')
    expect(await ask('GET', '/')).toMatchObject({ body: { total: 1, tasks: [{ task_id: id, source: 'manual' }] } })
    expect(await ask('GET', `/${id}`)).toMatchObject({
      status: 200,
      body: { task_id: id, priority: 3, duration: null },
    })
    expect(await ask('GET', '/unknown')).toMatchObject({ status: 404, body: { code: 'unknown_task' } })
    expect(await ask('POST', '/unknown/retry')).toMatchObject({ status: 404, body: { code: 'unknown_task' } })
    expect(await ask('POST', `/${id}/retry`)).toMatchObject({ status: 400, body: { code: 'wrong_status' } })
    await tasks.start()
    await tasks.wait(id)
    expect(await ask('GET', '/metrics')).toMatchObject({ body: { total: 1, success: 1, interrupted: 0 } })
    const bad = await ask('DELETE', '/history?value=1&unit=week')
    expect(bad).toMatchObject({ status: 400, body: { code: 'bad_query', parameter: 'unit' } })
  })

  it('a failed task of a function that is not defined here any more is refused with 409', async () => {
    const store = memory()
    const first = openManager({ store })
    first.define('gone', () => Promise.reject(new Error('no')))
    await first.start()
    const { id } = await first.enqueue('gone')
    await first.wait(id)
    const second = openManager({ store })
    await second.start()
    expect(await askOf(second)('POST', `/${id}/retry`)).toMatchObject({ status: 409, body: { code: 'not_registered' } })
  })
})

/** Asks a manager over HTTP, without a server. */
function askOf(tasks: TaskManager) {
  const handler = createHandler(tasks.source)
  onTestFinished(() => handler.close())
  return async (method: string, path: string) => {
    const url = `http://localhost/tasks${path}`
    const headers = { 'x-taskloom': '1', 'content-type': 'application/json' }
    const request = new Request(url, method === 'GET' ? {} : { method, headers, body: '{}' })
    const answer = await handler(request, { basePath: '/tasks', rawPath: path.split('?')[0] ?? '' })
    return { status: answer.status, body: (await answer.json()) as unknown }
  }
}
