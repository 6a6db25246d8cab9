import { beforeEach, describe, expect, it } from 'vitest'
import type { Handler } from '../../packages/engine/src/server/handler.ts'
import type { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { fixedNow, mount, type Mounted } from './mounted.ts'
import { ask, codeOf, command, readJson } from './request.ts'

let source: ScriptedSource
let handler: Handler
let open: Mounted['open']

beforeEach(() => {
  ;({ source, handler, open } = mount())
})

describe('commands', () => {
  it('do what they say and pass the reason on', async () => {
    const { taskId } = await source.add({ status: 'failed' })
    const answer = await readJson(await ask(handler, `/${taskId}/retry`, command({ reason: 'fixed' })))
    expect(answer['task']).toMatchObject({ status: 'pending', retried_from: taskId })
    expect(source.acts).toMatchObject([{ verb: 'retry', actor: 'anonymous', reason: 'fixed' }])
  })

  it('take their facts from the table of errors', async () => {
    const { taskId } = await source.add({ status: 'success' })
    expect(await codeOf(ask(handler, `/${taskId}/retry`, command()))).toBe('400 wrong_status')
    expect(await codeOf(ask(handler, '/nobody/cancel', command()))).toBe('404 unknown_task')
    expect(await codeOf(ask(handler, '/schedules/none/run', command()))).toBe('404 unknown_schedule')
  })

  it('ignore fields that are not theirs', async () => {
    const { taskId } = await source.add({ status: 'failed' })
    const body = { reason: 'x', status: 'success', actor: 'root', id: '1', __proto__: { admin: true } }
    expect((await ask(handler, `/${taskId}/retry`, command(body))).status).toBe(200)
    expect(source.acts[0]).toMatchObject({ actor: 'anonymous' })
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it('are refused when the mount is read-only, and so say the capabilities', async () => {
    const { taskId } = await source.add({ status: 'failed' })
    const readOnly = open({ write: false })
    expect(await codeOf(ask(readOnly, `/${taskId}/retry`, command()))).toBe('403 read_only')
    expect(await readJson(await ask(readOnly, '/capabilities'))).toMatchObject({ actions: ['export'] })
    expect(source.acts).toEqual([])
  })

  it('are unsupported when the source does not offer them', async () => {
    Object.assign(source, { offers: { ...source.offers, actions: ['cancel'] } })
    expect(await codeOf(ask(handler, '/any/retry', command()))).toBe('501 unsupported')
  })

  it.each([
    ['/retry-failed', 'since'],
    ['/retry-failed?since=99999999999999999d', 'since'],
    ['/retry-failed?since=0h', 'since'],
    ['/retry-failed?since=5m', 'since'],
    ['/retry-failed?since=all&again=maybe', 'again'],
  ])('POST %s names the parameter', async (target, parameter) => {
    const response = await ask(handler, target, command())
    expect(await readJson(response)).toMatchObject({ status: 400, code: 'bad_query', parameter })
  })

  it.each([
    ['?value=1', 'unit'],
    ['?unit=day', 'value'],
    ['?value=0&unit=day', 'value'],
    ['?value=-1&unit=day', 'value'],
    ['?value=1e9&unit=day', 'value'],
    ['?value=1&unit=week', 'unit'],
    ['?value=1&unit=day&status=running', 'status'],
    ['?value=1&unit=day&status=pending', 'status'],
  ])('DELETE /history%s names the parameter', async (query, parameter) => {
    const response = await ask(handler, `/history${query}`, { ...command(), method: 'DELETE' })
    expect(await readJson(response)).toMatchObject({ status: 400, code: 'bad_query', parameter })
  })

  it('clear interrupted tasks only when they are named', async () => {
    const endTime = fixedNow - 2 * 86_400_000
    for (const status of ['success', 'failed', 'cancelled', 'interrupted', 'running'] as const) {
      await source.add({ status, endTime: status === 'running' ? null : endTime })
    }
    const clear = async (query: string) =>
      readJson(await ask(handler, `/history?value=1&unit=day${query}`, { ...command(), method: 'DELETE' }))
    expect(await clear('')).toEqual({ deleted: 3 })
    expect(await clear('&status=interrupted')).toEqual({ deleted: 1 })
  })

  it('retry at most a thousand ids, each once', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => `id-${index}`)
    expect(await codeOf(ask(handler, '/bulk-retry', command({ task_ids: many })))).toBe('400 bad_body')
    const answer = await readJson(await ask(handler, '/bulk-retry', command({ task_ids: ['a', 'a', 'b'] })))
    expect(answer).toMatchObject({ dispatched: 0, skipped: 2 })
    expect(await codeOf(ask(handler, '/bulk-retry', command({ task_ids: 'a' })))).toBe('400 bad_body')
    expect(await codeOf(ask(handler, '/bulk-retry', command([])))).toBe('400 bad_body')
  })
})
