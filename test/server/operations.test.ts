import { memory, type TaskManagerOptions } from '@taskloom/engine'
import { errorKind, type Store } from '@taskloom/engine/store'
import type { TaskStatus } from '@taskloom/protocol'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createHandler, type Handler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { openManager } from '../engine/open-manager.ts'
import { ask, codeOf, command, readJson } from './request.ts'

type Fields = Record<string, unknown>

let store: Store
let handler: Handler
let open: (options: HandlerOptions) => Handler

beforeEach(async () => {
  store = memory()
  const tasks = openManager({ store, bulk: { perSecond: 100_000 } } satisfies TaskManagerOptions)
  tasks.define('work', () => undefined)
  await tasks.start()
  open = (options) => createHandler(tasks.source, options)
  handler = open({})
})

async function fill(status: TaskStatus, count: number, queue = 'default'): Promise<string[]> {
  const createdAt = Date.now()
  const records = Array.from({ length: count }, () => buildRecord({ status, createdAt, endTime: createdAt, queue }))
  await store.tasks.write(records.map((next) => ({ previous: null, next, attempt: null, logs: [] })))
  return records.map(({ taskId }) => taskId).sort()
}

const post = (body: unknown, by = handler) => ask(by, '/bulk', command(body))
const read = async (target: string, by = handler) => readJson(await ask(by, target))

async function done(id: unknown): Promise<Fields> {
  return vi.waitFor(async () => {
    const operation = await read(`/operations/${String(id)}`)
    if (operation['ended_at'] === null) throw new Error('not yet')
    return operation
  })
}

describe('POST bulk', () => {
  it('does in the background what is asked for, and says how far it is', async () => {
    const failed = await fill('failed', 5, 'mail')
    await fill('failed', 1, 'slow')
    const filter = { status: ['failed', 'interrupted'], queue: 'mail', window: '15m' }
    const begun = await readJson(await post({ action: 'retry', filter, reason: 'the server is back' }))
    expect(Object.keys(begun)).toEqual(['operation_id'])
    const operation = await done(begun['operation_id'])
    expect(operation).toMatchObject({
      ...{ operation_id: begun['operation_id'], action: 'retry', status: 'done', actor: 'anonymous' },
      ...{ reason: 'the server is back', total: 5, done: 5, succeeded: 5, skipped: 0, failed: 0, failures: [] },
      filter: { status: ['failed', 'interrupted'], queue: ['mail'], since: [expect.any(String)] },
    })
    const { items } = (await read(`/operations/${String(begun['operation_id'])}/items`)) as { items: Fields[] }
    expect(items.map(({ task_id }) => task_id)).toEqual(failed)
    expect(await read(`/${String(items[0]?.['new_task_id'])}`)).toMatchObject({ retried_from: failed[0] })
  })

  it('only looks when it is a dry run', async () => {
    const failed = await fill('failed', 30)
    const answer = await readJson(await post({ action: 'delete', filter: {}, dry_run: true }))
    expect(answer).toMatchObject({ count: 30, count_is_capped: false })
    expect((answer['sample'] as Fields[]).map(({ task_id }) => task_id)).toEqual(failed.reverse().slice(0, 20))
    expect(await read('/operations')).toEqual({ operations: [], next_cursor: null })
  })

  it('counts of listed tasks those alone that it can be done to', async () => {
    const task_ids = [...(await fill('failed', 2)), ...(await fill('success', 3)), 'nobody']
    expect(await readJson(await post({ action: 'retry', task_ids, dry_run: true }))).toMatchObject({ count: 2 })
    expect(await readJson(await post({ action: 'delete', task_ids, dry_run: true }))).toMatchObject({ count: 5 })
  })

  it('gives its operations and reports page by page', async () => {
    const failed = await fill('failed', 3)
    const ids: unknown[] = []
    for (const task_ids of [[...failed, 'nobody'], [failed[0], failed[0]], ['nobody']]) {
      const { operation_id } = await readJson(await post({ action: 'delete', task_ids }))
      ids.unshift(operation_id)
      await done(operation_id)
    }
    const first = await read('/operations?limit=2')
    const second = await read(`/operations?limit=2&cursor=${String(first['next_cursor'])}`)
    const pages = [...(first['operations'] as Fields[]), ...(second['operations'] as Fields[])]
    expect(pages.map(({ operation_id }) => operation_id)).toEqual(ids)
    expect(pages.map(({ succeeded, skipped }) => [succeeded, skipped])).toEqual([
      [0, 1],
      [0, 1],
      [3, 1],
    ])
    expect(second['next_cursor']).toBeNull()
    const report = `/operations/${String(ids[2])}/items?limit=3`
    const page = await read(report)
    const rest = await read(`${report}&cursor=${String(page['next_cursor'])}`)
    expect([...(page['items'] as Fields[]), ...(rest['items'] as Fields[])].map(({ task_id }) => task_id)).toEqual([
      ...failed,
      'nobody',
    ])
    expect(await read(`${report}&outcome=skipped`)).toMatchObject({
      items: [{ task_id: 'nobody', outcome: 'skipped', reason: 'unknown', new_task_id: null }],
      next_cursor: null,
    })
  })

  it('stops an operation', async () => {
    const { operation_id } = await readJson(await post({ action: 'delete', task_ids: ['nobody'] }))
    await done(operation_id)
    const stopped = await readJson(await ask(handler, `/operations/${String(operation_id)}/cancel`, command({})))
    expect(stopped).toMatchObject({ status: 'done', cancel_requested_at: null })
    expect(await codeOf(ask(handler, '/operations/nobody/cancel', command({})))).toBe('404 unknown_operation')
    expect(await codeOf(ask(handler, '/operations/nobody'))).toBe('404 unknown_operation')
    expect(await codeOf(ask(handler, '/operations/nobody/items'))).toBe('404 unknown_operation')
  })

  it('replays and discards one error group, and no task of another', async () => {
    const at = { status: 'failed', endTime: Date.now(), createdAt: Date.now() } as const
    const books = Array.from({ length: 3 }, (_, index) => buildRecord({ ...at, error: `Error: no book ${index}` }))
    const other = buildRecord({ ...at, error: 'Error: no shelf' })
    await store.tasks.write([...books, other].map((next) => ({ previous: null, next, attempt: null, logs: [] })))
    const { fingerprint } = errorKind(books[0] ?? other)
    const filter = { q: `error_group:${fingerprint}` }
    for (const action of ['retry', 'delete']) {
      expect(await readJson(await post({ action, filter, dry_run: true }))).toMatchObject({ count: 3 })
      const { operation_id } = await readJson(await post({ action, filter }))
      expect(await done(operation_id)).toMatchObject({ total: 3, succeeded: 3, filter: { q: [filter.q] } })
    }
    expect(await read('/?status=failed')).toMatchObject({ total: 1, tasks: [{ task_id: other.taskId }] })
    expect(await read(`/metrics?q=${encodeURIComponent(filter.q)}`)).toMatchObject({ total: 0 })
    expect(await read('/metrics?source=retry')).toMatchObject({ total: 3 })
  })

  it('narrows list, figures, chart and exports to one error group', async () => {
    const tasks = openManager()
    tasks.define('lend', { retries: 0 }, (book: number) => Promise.reject(new Error(`no book ${book}`)))
    tasks.define('find', { retries: 0 }, () => Promise.reject(new Error('no shelf')))
    await tasks.start()
    const ids = [await tasks.enqueue('lend', [1]), await tasks.enqueue('lend', [2]), await tasks.enqueue('find')]
    await Promise.all(ids.map(({ id }) => tasks.wait(id)))
    const by = createHandler(tasks.source, {})
    const groups = (await (await ask(by, '/errors')).json()) as Fields[]
    const { fingerprint } = groups.find(({ functions }) => (functions as string[]).includes('lend')) ?? {}
    const q = `q=error_group:${String(fingerprint)}`
    const page = await read(`/?${q}&order=asc`, by)
    expect((page['tasks'] as Fields[]).map(({ task_id }) => task_id)).toEqual([ids[0]?.id, ids[1]?.id])
    expect(await read(`/metrics?${q}`, by)).toMatchObject({ total: 2, failed: 2 })
    const { buckets } = (await read(`/timeline?${q}`, by)) as { buckets: { total: number }[] }
    expect(buckets.reduce((sum, { total }) => sum + total, 0)).toBe(2)
    expect((await (await ask(by, `/export.csv?${q}`)).text()).trim().split('\n')).toHaveLength(3)
  })

  it('begins later when it is told to, and until then it can be undone', async () => {
    const [id = ''] = await fill('failed', 1)
    const before = Date.now()
    const { operation_id } = await readJson(await post({ action: 'delete', task_ids: [id], delay: 60 }))
    const operation = await read(`/operations/${String(operation_id)}`)
    expect(operation).toMatchObject({ status: 'pending', total: 1, done: 0, per_second: null })
    expect(Date.parse(String(operation['begins_at']))).toBeGreaterThanOrEqual(before + 60_000)
    const undone = await readJson(await ask(handler, `/operations/${String(operation_id)}/cancel`, command({})))
    expect(undone).toMatchObject({ status: 'cancelled', done: 0 })
    expect(await read(`/operations/${String(operation_id)}/items`)).toMatchObject({
      items: [{ task_id: id, outcome: 'waiting' }],
    })
    expect((await ask(handler, `/${id}`)).status).toBe(200)
  })

  it('retries at a pace that it is told', async () => {
    const task_ids = await fill('failed', 2)
    const { operation_id } = await readJson(await post({ action: 'retry', task_ids, per_second: 1_000 }))
    expect(await done(operation_id)).toMatchObject({ succeeded: 2, per_second: 1_000, begins_at: null })
  })

  it.each<[unknown, string]>([
    [{ action: 'delete', filter: {}, delay: 61 }, '400 bad_body'],
    [{ action: 'delete', filter: {}, delay: -1 }, '400 bad_body'],
    [{ action: 'delete', filter: {}, delay: 'soon' }, '400 bad_body'],
    [{ action: 'retry', filter: {}, delay: 1 }, '400 bad_body'],
    [{ action: 'retry', filter: {}, per_second: 0 }, '400 bad_body'],
    [{ action: 'retry', filter: {}, per_second: 1_001 }, '400 bad_body'],
    [{ action: 'retry', filter: {}, per_second: 1.5 }, '400 bad_body'],
    [{ action: 'delete', filter: {}, per_second: 1 }, '400 bad_body'],
    [{ action: 'retry' }, '400 bad_body'],
    [{ action: 'retry', filter: {}, task_ids: ['a'] }, '400 bad_body'],
    [{ action: 'forget', filter: {} }, '400 bad_body'],
    [{ action: 'retry', filter: 'status=failed' }, '400 bad_body'],
    [{ action: 'retry', filter: { colour: 'red' } }, '400 bad_body'],
    [{ action: 'retry', filter: { queue: 7 } }, '400 bad_body'],
    [{ action: 'retry', filter: { status: 'lost' } }, '400 bad_query'],
    [{ action: 'retry', filter: { status: 'success' } }, '400 wrong_status'],
    [{ action: 'retry', task_ids: [] }, '400 bad_body'],
    [{ action: 'retry', task_ids: ['a\0'] }, '400 bad_body'],
    [{ action: 'retry', task_ids: Array.from({ length: 1_001 }, (_, index) => `id-${index}`) }, '400 bad_body'],
  ])('refuses %j', async (body, code) => {
    expect(await codeOf(post(body))).toBe(code)
    expect(await read('/operations')).toMatchObject({ operations: [] })
  })

  it.each([
    ['/operations?limit=0', 'limit'],
    ['/operations?limit=501', 'limit'],
    ['/operations/any/items?outcome=lost', 'outcome'],
    [`/operations?cursor=${'x'.repeat(301)}`, 'cursor'],
  ])('GET %s names the parameter', async (target, parameter) => {
    expect(await read(target)).toMatchObject({ status: 400, parameter })
  })

  it('needs the permission for what it does', async () => {
    const [taskId = ''] = await fill('failed', 1)
    const operator = open({ auth: () => ({ name: 'otto', role: 'operator' }) })
    expect(await codeOf(post({ action: 'delete', task_ids: [taskId] }, operator))).toBe('403 forbidden')
    expect((await post({ action: 'retry', task_ids: [taskId], dry_run: true }, operator)).status).toBe(200)
    const viewer = open({ auth: () => ({ name: 'vera', role: 'viewer' }) })
    expect(await codeOf(post({ action: 'retry', task_ids: [taskId] }, viewer))).toBe('403 forbidden')
    expect(await codeOf(post({ action: 'cancel', filter: {} }, viewer))).toBe('403 forbidden')
    expect(await read('/operations')).toMatchObject({ operations: [] })
  })

  it('reaches nothing that the caller does not see', async () => {
    const [mine = ''] = await fill('failed', 1, 'mail')
    const [theirs = ''] = await fill('failed', 1, 'slow')
    const limited = open({ auth: () => ({ name: 'mia', role: 'admin', queues: ['mail'] }) })
    const looked = await readJson(await post({ action: 'delete', filter: { queue: 'slow' }, dry_run: true }, limited))
    expect(looked).toMatchObject({ count: 0 })
    const listed = await readJson(await post({ action: 'delete', task_ids: [mine, theirs], dry_run: true }, limited))
    expect(listed).toMatchObject({ count: 1, sample: [{ task_id: mine }] })
    for (const target of [{ filter: {} }, { task_ids: [theirs] }, { filter: { queue: 'slow' } }]) {
      const { operation_id } = await readJson(await post({ action: 'delete', ...target }, limited))
      await done(operation_id)
    }
    expect(await store.tasks.get(mine)).toBeUndefined()
    expect(await store.tasks.get(theirs)).toBeDefined()
    expect(await codeOf(ask(limited, '/operations'))).toBe('403 forbidden')
  })

  it('asks the host about each listed task', async () => {
    const [first = '', second = ''] = await fill('failed', 2)
    const asked: unknown[] = []
    const judged = open({
      authorize: (_user, action, task) => {
        asked.push([action, task?.taskId ?? null])
        return task === null || task.taskId === first
      },
    })
    const { operation_id } = await readJson(await post({ action: 'delete', task_ids: [first, second] }, judged))
    expect(await done(operation_id)).toMatchObject({ succeeded: 1, skipped: 1 })
    expect(await store.tasks.get(second)).toBeDefined()
    expect(asked).toContainEqual(['bulk_delete', null])
    expect(asked).toContainEqual(['delete', second])
  })

  it('is unsupported where the source has no operations', async () => {
    const scripted = createHandler(new ScriptedSource())
    expect(await codeOf(post({ action: 'retry', filter: {} }, scripted))).toBe('501 unsupported')
    expect(await codeOf(ask(scripted, '/operations'))).toBe('501 unsupported')
  })
})
