import { openApiDocument } from '@taskloom/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Handler } from '../../packages/engine/src/server/handler.ts'
import type { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { fixedNow, mount, type Mounted } from './mounted.ts'
import { ask, codeOf, readJson } from './request.ts'

let source: ScriptedSource
let handler: Handler
let open: Mounted['open']

beforeEach(() => {
  ;({ source, handler, open } = mount())
})

describe('queries', () => {
  it.each([
    ['?limt=3', 'limt'],
    ['?limit=0', 'limit'],
    ['?limit=501', 'limit'],
    ['?limit=1&limit=9', 'limit'],
    ['?limit=0x10', 'limit'],
    ['?limit=NaN', 'limit'],
    ['?limit=', 'limit'],
    ['?status=done', 'status'],
    ['?sort=created_at;DROP TABLE', 'sort'],
    ['?order=up', 'order'],
    ['?window=5y', 'window'],
    ['?since=yesterday', 'since'],
    ['?q=%00', 'q'],
    ['?q=args..x:1', 'q'],
    ['?__proto__[x]=1', '__proto__[x]'],
    ['/timeline?hours=0', 'hours'],
    ['/timeline?hours=2161', 'hours'],
    ['/timeline?bucket=10s', 'bucket'],
    ['/timeline?hours=2160&bucket=1m', 'bucket'],
    ['/timeline?group=size', 'group'],
    ['/stream?q="', 'q'],
    ['/livez?x=1', 'x'],
  ])('%s names the parameter', async (target, parameter) => {
    const response = await ask(handler, target)
    expect(response.status).toBe(400)
    expect(await readJson(response)).toMatchObject({ code: 'bad_query', parameter })
  })

  it('refuses cursors of another sort, and those that hold no value at all', async () => {
    const cursor = (value: unknown) => Buffer.from(JSON.stringify([1, value, 'x'])).toString('base64url')
    expect(await codeOf(ask(handler, `?cursor=${cursor('text')}`))).toBe('400 bad_cursor')
    expect(await codeOf(ask(handler, `?sort=func_name&cursor=${cursor(5)}`))).toBe('400 bad_cursor')
    const infinite = Buffer.from('[1,1e999,"x"]').toString('base64url')
    expect(await codeOf(ask(handler, `?cursor=${infinite}`))).toBe('400 bad_cursor')
    expect((await ask(handler, `?sort=func_name&cursor=${cursor('work')}`)).status).toBe(200)
  })

  it('pages through every task once', async () => {
    for (let index = 0; index < 25; index += 1) await source.add({ createdAt: fixedNow - (index % 3) })
    const seen: string[] = []
    let target = '?limit=10'
    for (;;) {
      const page = (await readJson(await ask(handler, target))) as { tasks: { task_id: string }[]; next_cursor: string }
      seen.push(...page.tasks.map(({ task_id }) => task_id))
      if (page.next_cursor === null) break
      target = `?limit=10&cursor=${page.next_cursor}`
    }
    expect(seen).toHaveLength(25)
    expect(new Set(seen).size).toBe(25)
  })
})

describe('reads', () => {
  it('shows arguments only where the mount allows it', async () => {
    const { taskId } = await source.add({ args: '[{"password":"x"}]' })
    expect(await readJson(await ask(handler, `/${taskId}`))).not.toHaveProperty('args')
    const open_ = open({ displayArgs: true })
    expect(await readJson(await ask(open_, `/${taskId}`))).toHaveProperty('args', [{ password: '***' }])
  })

  it('reads a log on from a line', async () => {
    const { taskId } = await source.add({ status: 'running' })
    await source.log(taskId, 'one', 'two', 'three')
    const page = await readJson(await ask(handler, `/${taskId}/logs?after=1&limit=1`))
    expect(page).toMatchObject({ logs: [{ line: 2, message: 'two' }] })
  })

  it('answers a time line of nothing when it ends before it begins', async () => {
    const target = '/timeline?since=2026-01-05T12:00:00Z&until=2026-01-04T12:00:00Z'
    expect(await readJson(await ask(handler, target))).toMatchObject({ buckets: [] })
  })

  it('is down with 503', async () => {
    expect((await ask(handler, '/health')).status).toBe(200)
    source.health = async () => ({ status: 'down', checks: [] })
    const response = await ask(handler, '/health')
    expect(response.status).toBe(503)
    expect(await readJson(response)).toEqual({ status: 'down', checks: [] })
  })

  it('describes what the caller can do', async () => {
    const answer = await readJson(await ask(open({ title: 'Shop', environment: 'production' }), '/capabilities'))
    expect(answer).toMatchObject({ title: 'Shop', environment: 'production', display_args: false })
    expect(answer['actions']).toContain('retry')
  })

  it('serves the route table as OpenAPI', async () => {
    expect(await readJson(await ask(handler, '/openapi.json'))).toEqual(openApiDocument('Tasks'))
  })
})
