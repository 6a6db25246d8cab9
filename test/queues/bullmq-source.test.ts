import { bullmqSource } from '@taskloom/engine/bullmq'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'
import { fill, plainQueues, queueNames, workerName, type PlainQueues } from './bullmq-source/plain.ts'
import { serveBoard, type Board } from './bullmq-source/serve.ts'

const count = 10_000

interface Row {
  readonly task_id: string
  readonly status: string
  readonly func_name: string
  readonly created_at: string
  readonly error: string | null
}
interface Page {
  readonly tasks: readonly Row[]
  readonly total: number
  readonly total_is_capped: boolean
  readonly next_cursor: string | null
}

describe.each([
  ['Redis', startRedis],
  ['PostgreSQL', startPostgres],
] as const)('queues of plain BullMQ on %s', (kind, starts) => {
  const server = useServer(starts)
  let plain: PlainQueues
  let board: Board

  beforeAll(async () => {
    if (server.missing !== null) return
    const url = await server.database()
    plain = plainQueues(url)
    await fill(plain, url, count)
    board = await serveBoard({ connection: url, queues: queueNames, newest: 2 * count })
  }, 180_000)
  afterAll(async () => {
    await board?.close()
    await plain?.close()
  }, 30_000)

  const read = async <T>(path: string): Promise<T> => {
    const { status, json } = await board.ask(path)
    expect([status, json]).toMatchObject([200, {}])
    return json as T
  }
  const page = (query: string): Promise<Page> => read<Page>(query)
  const stateOf = async (queue: string, jobId: string) => plain.queue(queue).getJobState(jobId)

  it('shows the newest jobs first, and soon all that it is to look at', { timeout: 70_000 }, async () => {
    expect((await page('?limit=10')).tasks).toHaveLength(10)
    await expect.poll(async () => (await page('?limit=1')).total_is_capped, { timeout: 60_000 }).toBe(false)
  })

  it('offers what BullMQ can answer, and says `unsupported` of the rest', async () => {
    const { reads, actions } = await read<{ reads: string[]; actions: string[] }>('/capabilities')
    expect(reads.includes('workers')).toBe(kind === 'Redis')
    expect(actions).not.toEqual(expect.arrayContaining(['enqueue']))
    const offered = [
      ...['', '/metrics', '/queues', '/types', '/schedules', '/errors', '/health', '/histogram', '/panels'],
      ...[
        '/timeline?window=1h',
        '/latency?window=1h',
        '/mail:1',
        '/mail:1/logs',
        '/mail:1/progress',
        '/mail:1/lineage',
      ],
      ...(kind === 'Redis' ? ['/workers'] : []),
    ]
    for (const path of offered) await read(path)
    const missing = ['/functions', '/locks', '/drift', '/operations', '/audit', '/metrics/prometheus']
    for (const path of [...missing, ...(kind === 'Redis' ? [] : ['/workers'])]) {
      expect([path, (await board.ask(path)).json]).toMatchObject([path, { code: 'unsupported' }])
    }
    expect(await board.ask('/nowhere:1')).toMatchObject({ status: 404, json: { code: 'unknown_task' } })
    expect(await board.ask('/mail:none')).toMatchObject({ status: 404, json: { code: 'unknown_task' } })
  })

  it('counts all jobs, and goes through them page by page without one twice', { timeout: 60_000 }, async () => {
    const metrics = await read<Record<string, number>>('/metrics')
    expect(metrics).toMatchObject({ failed: 20, running: 0 })
    expect(metrics['success']).toBe(count + 2)
    const seen = new Set<string>()
    let cursor: string | null = null
    let last = '9'
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const { tasks, next_cursor, total } = await page(`?queue=mail&status=success&limit=500${query}`)
      expect(total).toBe(count)
      for (const { task_id, created_at } of tasks) {
        expect(created_at <= last).toBe(true)
        last = created_at
        seen.add(task_id)
      }
      cursor = next_cursor
    } while (cursor !== null)
    expect(seen.size).toBe(count)
  })

  it('finds jobs by status, function, queue, words and arguments', async () => {
    expect((await page('?status=failed')).total).toBe(20)
    expect((await page('?func_name=remind')).tasks).toMatchObject([{ task_id: 'mail:reminder', status: 'pending' }])
    expect((await page('?q=args.to:user7@example.com')).tasks).toMatchObject([{ func_name: 'send_mail' }])
    expect((await page('?q=error:"order 7"')).tasks).toMatchObject([{ func_name: 'charge_card' }])
    const slow = await page('?sort=duration&order=desc&limit=3&status=success')
    expect(slow.tasks).toHaveLength(3)
  })

  it('tells all of one job, with secrets masked', async () => {
    const done = await read<Record<string, unknown>>('/mail:1')
    expect(done).toMatchObject({ status: 'success', func_name: 'send_mail', result: { sent: true }, attempt: 1 })
    expect(JSON.stringify(done)).not.toContain('hunter2')
    const [failed] = (await page('?status=failed&limit=1')).tasks
    expect(await read(`/${failed!.task_id}`)).toMatchObject({
      error: expect.stringContaining('no account for order'),
      error_code: 'RangeError',
      stacktrace: expect.stringContaining('RangeError'),
      attempt: 2,
      retries_used: 1,
      max_retries: 1,
    })
    const [monthly] = (await page('?func_name=monthly')).tasks
    expect(await read(`/${monthly!.task_id}`)).toMatchObject({
      progress: { percent: 40, message: 'half way' },
      logs: [
        { line: 1, message: 'first line' },
        { line: 2, message: 'second line' },
      ],
    })
    expect(await read(`/${monthly!.task_id}/logs?after=1&limit=1`)).toMatchObject({
      logs: [{ line: 2 }],
      logs_next: null,
      total: 2,
    })
    expect((await page('?func_name=weekly')).tasks).toMatchObject([{ status: 'pending', priority: -7 }])
  })

  it('shows a flow as what waits for what', async () => {
    const { tasks } = await read<Page>('/reports:annual/lineage')
    expect(tasks[0]).toMatchObject({ task_id: 'reports:annual', status: 'pending' })
    expect(tasks.slice(1).map(({ func_name }) => func_name)).toEqual(['draw_page', 'draw_page', 'draw_page'])
    expect(
      tasks
        .slice(1)
        .map(({ status }) => status)
        .sort(),
    ).toEqual(['pending', 'success', 'success'])
    const child = await read<{ tasks: Row[] }>(`/${tasks[1]!.task_id}/lineage`)
    expect(child.tasks.map(({ task_id }) => task_id)).toEqual(['reports:annual', tasks[1]!.task_id])
  })

  it('tells of queues, workers, failures by kind, functions and charts', async () => {
    const queues = await read<Record<string, unknown>[]>('/queues')
    expect(queues.map(({ queue }) => queue)).toEqual([...queueNames].sort())
    expect(queues.find(({ queue }) => queue === 'mail')).toMatchObject({
      counts: { success: count, pending: 1 },
      paused: false,
      ...(kind === 'Redis' ? { workers: 1 } : {}),
    })
    if (kind === 'Redis') {
      const workers = await read<Record<string, unknown>[]>('/workers')
      expect(workers.map(({ worker_id }) => worker_id)).toContain(workerName)
    }
    expect(await read('/errors')).toMatchObject([{ type: 'RangeError', functions: ['charge_card'], count_1h: 20 }])
    const types = await read<Record<string, unknown>[]>('/types')
    expect(types.find(({ func_name }) => func_name === 'send_mail')).toMatchObject({ runs: count, success: count })
    const { buckets } = await read<{ buckets: { total: number }[] }>('/timeline?window=1h')
    expect(buckets.reduce((sum, { total }) => sum + total, 0)).toBeGreaterThan(count)
  })

  it('shows job schedulers with their next slots, and runs one now', async () => {
    const schedules = await read<Record<string, unknown>[]>('/schedules')
    expect(schedules).toMatchObject([
      { func_name: 'reports:nightly', trigger: '0 3 * * *', timezone: 'Europe/Berlin', description: 'At 03:00' },
      { func_name: 'reports:pulse', trigger: 'every 1h', next_runs: { length: 5 } },
    ])
    const ran = await board.ask('/schedules/reports:nightly/run', 'POST', {})
    expect(ran).toMatchObject({ status: 200, json: { task: { func_name: 'clean_up', run_at: null } } })
    expect(await board.ask('/schedules/nothing:here/run', 'POST', {})).toMatchObject({ status: 404 })
  })

  it('retries, makes due, calls off and deletes jobs, one by one and many', { timeout: 60_000 }, async () => {
    const failed = (await page('?status=failed&limit=3')).tasks.map(({ task_id }) => task_id)
    const jobId = (taskId: string) => taskId.slice(taskId.indexOf(':') + 1)
    const retried = await board.ask(`/${failed[0]}/retry`, 'POST', {})
    expect(retried).toMatchObject({ status: 200, json: { task_id: failed[0] } })
    expect(await board.ask('/bulk-retry', 'POST', { task_ids: failed.slice(1) })).toMatchObject({
      json: { dispatched: 2, skipped: 0 },
    })
    // The worker fails them again.
    await expect.poll(() => stateOf('billing', jobId(failed[0]!)), { timeout: 20_000 }).toBe('failed')

    expect(await board.ask('/mail:1/retry', 'POST', {})).toMatchObject({ status: 400, json: { code: 'wrong_status' } })
    expect(await board.ask('/mail:1/run-now', 'POST', {})).toMatchObject({ status: 400 })
    expect(await board.ask('/mail:reminder/run-now', 'POST', {})).toMatchObject({ json: { task: { run_at: null } } })
    await expect.poll(() => stateOf('mail', 'reminder'), { timeout: 20_000 }).toBe('completed')
    expect(await board.ask('/mail:2', 'DELETE')).toMatchObject({ json: { deleted: 1 } })
    expect(await stateOf('mail', '2')).toBe('unknown')

    const [weekly] = (await page('?func_name=weekly')).tasks
    expect(await board.ask(`/${weekly!.task_id}/cancel`, 'POST', {})).toMatchObject({
      json: { task: { status: 'cancelled' } },
    })
    expect((await board.ask(`/${weekly!.task_id}`)).status).toBe(404)
  })

  it('pauses and resumes a queue in BullMQ', async () => {
    expect(await board.ask('/queues/reports/pause', 'POST', {})).toMatchObject({ json: { paused: true } })
    expect(await plain.queue('reports').isPaused()).toBe(true)
    expect(await board.ask('/queues/reports/resume', 'POST', {})).toMatchObject({ json: { paused: false } })
    expect(await plain.queue('reports').isPaused()).toBe(false)
    expect((await board.ask('/queues/elsewhere/pause', 'POST', {})).status).toBe(400)
  })

  it('tells an open page when plain code adds a job', { timeout: 30_000 }, async () => {
    const stop = new AbortController()
    const response = await fetch(`${board.origin}/tasks/stream`, { signal: stop.signal })
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let heard = ''
    const listening = (async () => {
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return
        heard += value
      }
    })().catch(() => undefined)
    await expect.poll(() => heard, { timeout: 10_000 }).not.toBe('')
    const before = heard.length
    const job = await plain.queue('reports').add('news', { fresh: true })
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(before)
    expect((await page('?func_name=news')).tasks).toMatchObject([{ task_id: `reports:${job.id}` }])
    stop.abort()
    await listening
  })

  it('clears history by the cleaning of BullMQ', { timeout: 60_000 }, async () => {
    const answer = await board.ask('/history?value=1&unit=min&status=success', 'DELETE')
    expect(answer.status).toBe(200)
    expect(board.faults).toEqual([])
  })
})

describe('options', () => {
  it.each([
    [{ connection: 'redis://x', queues: [] }, 'queues'],
    [{ connection: 'redis://x', queues: ['a:b'] }, 'queues'],
    [{ connection: 'http://x', queues: ['a'] }, 'connection'],
    [{ connection: 'redis://x', queues: ['a'], newest: 5 }, 'newest'],
  ])('refuses %j', (options, option) => {
    expect(() => bullmqSource(options)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ option }) }),
    )
  })
})
