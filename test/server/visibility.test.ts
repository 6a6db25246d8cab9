import { TaskManager } from '@taskloom/engine'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler } from '../../packages/engine/src/server/handler.ts'
import { ask, codeOf, command, readJson } from './request.ts'

let tasks: TaskManager
let handler: Handler
let ids: Readonly<Record<'mail' | 'billing' | 'acme', string>>

/** One sees the queue of mails, one the tasks of a customer, one everything. */
const users: Record<string, object> = {
  mailer: { name: 'mailer', role: 'admin', queues: ['mail'] },
  acme: { name: 'acme', role: 'operator', tags: { customer: 'acme' } },
  boss: { name: 'boss', role: 'admin' },
}

beforeEach(async () => {
  tasks = new TaskManager()
  const send = tasks.define('send', { queue: 'mail' }, () => Promise.reject(new Error('refused')))
  const bill = tasks.define('bill', { queue: 'billing' }, () => Promise.reject(new Error('broke')))
  tasks.schedule('tidy', { every: '1h' }, () => undefined)
  await tasks.start()
  const [mail, billing, acme] = await Promise.all([
    tasks.enqueue(send, []),
    tasks.enqueue(bill, []),
    tasks.enqueue(bill, [], { tags: { customer: 'acme' } }),
  ])
  ids = { mail: mail.id, billing: billing.id, acme: acme.id }
  await tasks.idle()
  handler = createHandler(tasks.source, {
    auth: (request: Request) => (users[request.headers.get('x-user') ?? ''] ?? null) as never,
  })
})
afterEach(async () => {
  handler.close()
  await tasks.shutdown()
})

const as = (user: string) => ({ headers: { 'x-user': user } })
const commandAs = (user: string, body?: unknown) => command(body, { 'x-user': user })

async function listed(user: string, query = ''): Promise<string[]> {
  const { tasks: rows } = await readJson(await ask(handler, query, as(user)))
  return (rows as { task_id: string }[]).map(({ task_id }) => task_id).sort()
}

describe('a caller who sees some tasks only', () => {
  it('lists those', async () => {
    expect(await listed('mailer')).toEqual([ids.mail])
    expect(await listed('acme')).toEqual([ids.acme])
    expect(await listed('boss')).toEqual([ids.mail, ids.billing, ids.acme].sort())
    expect(await listed('mailer', '?queue=billing')).toEqual([])
    expect(await listed('mailer', '?queue=billing&queue=mail')).toEqual([ids.mail])
  })

  it('counts those', async () => {
    const total = async (user: string) => (await readJson(await ask(handler, '/metrics', as(user))))['total']
    expect([await total('mailer'), await total('acme'), await total('boss')]).toEqual([1, 1, 3])
    const queues = (await (await ask(handler, '/queues', as('mailer'))).json()) as { queue: string }[]
    expect(queues.map(({ queue }) => queue)).toEqual(['mail'])
    const functions = (await (await ask(handler, '/functions', as('mailer'))).json()) as { func_name: string }[]
    expect(functions.map(({ func_name }) => func_name)).toEqual(['send'])
  })

  it('learns nothing of others from figures', async () => {
    const read = async (user: string, path: string) => (await (await ask(handler, path, as(user))).json()) as unknown
    expect(await read('acme', '/queues')).toMatchObject([{ queue: 'billing', total: 1, counts: { failed: 1 } }])
    const stats = async (user: string) => {
      const functions = (await read(user, '/functions')) as { func_name: string; stats: { total: number } }[]
      return Object.fromEntries(functions.map(({ func_name, stats }) => [func_name, stats.total]))
    }
    expect(await stats('acme')).toEqual({ send: 0, bill: 1, tidy: 0 })
    expect(await stats('boss')).toEqual({ send: 1, bill: 2, tidy: 0 })
    expect(await read('acme', `/${ids.acme}`)).toMatchObject({ function_stats: { total: 1 } })
    expect(await read('boss', `/${ids.acme}`)).toMatchObject({ function_stats: { total: 2 } })
  })

  it('sees the schedules of its queues, and none of customers', async () => {
    const names = async (user: string) => {
      const schedules = (await (await ask(handler, '/schedules', as(user))).json()) as { func_name: string }[]
      return schedules.map(({ func_name }) => func_name)
    }
    expect([await names('boss'), await names('mailer'), await names('acme')]).toEqual([['tidy'], [], []])
    expect(await codeOf(ask(handler, '/schedules/tidy/pause', commandAs('acme')))).toBe('404 unknown_schedule')
  })

  it('finds no other, whatever it is asked for', async () => {
    for (const path of ['', '/logs', '/progress']) {
      expect(await codeOf(ask(handler, `/${ids.billing}${path}`, as('mailer')))).toBe('404 unknown_task')
      expect((await ask(handler, `/${ids.mail}${path}`, as('mailer'))).status).toBe(200)
    }
    expect(await codeOf(ask(handler, `/stream?task_id=${ids.billing}`, as('mailer')))).toBe('404 unknown_task')
  })

  it('changes no other', async () => {
    for (const verb of ['retry', 'cancel', 'run-now']) {
      expect(await codeOf(ask(handler, `/${ids.billing}/${verb}`, commandAs('mailer')))).toBe('404 unknown_task')
    }
    const erase = { ...commandAs('mailer'), method: 'DELETE' }
    expect(await codeOf(ask(handler, `/${ids.billing}`, erase))).toBe('404 unknown_task')
    const all = { task_ids: [ids.mail, ids.billing] }
    const answer = await readJson(await ask(handler, '/bulk-retry', commandAs('mailer', all)))
    expect(answer).toMatchObject({ dispatched: 1, skipped: 1 })
    const failed = await readJson(await ask(handler, '/retry-failed?since=all', commandAs('acme')))
    expect((failed['results'] as { original_task_id: string }[]).map((one) => one.original_task_id)).toEqual([ids.acme])
    expect((await tasks.get(ids.billing))?.retryCount).toBe(0)
  })

  it('moves what it sees, and not out of its sight', async () => {
    const { id } = await tasks.enqueue('send', [], { delay: '1h' })
    const other = await tasks.enqueue('bill', [], { delay: '1h' })
    const move = (taskId: string, body: object) => ask(handler, `/${taskId}/move`, commandAs('mailer', body))
    expect(await codeOf(move(other.id, { priority: 1 }))).toBe('404 unknown_task')
    expect(await codeOf(move(id, { queue: 'billing' }))).toBe('403 forbidden')
    expect((await move(id, { queue: 'mail', priority: 1 })).status).toBe(200)
    expect(await tasks.get(id)).toMatchObject({ queue: 'mail', priority: 1 })
  })

  it('is told nothing of the whole', async () => {
    for (const path of ['/metrics/prometheus', '/workers', '/locks', '/drift', '/audit', '/panels', '/operations']) {
      expect(await codeOf(ask(handler, path, as('mailer'))), path).toBe('403 forbidden')
    }
    const erase = { ...commandAs('mailer'), method: 'DELETE' }
    expect(await codeOf(ask(handler, '/history?value=1&unit=min', erase))).toBe('403 forbidden')
    const { actions } = await readJson(await ask(handler, '/capabilities', as('mailer')))
    expect(actions).not.toContain('clear_history')
  })
})
