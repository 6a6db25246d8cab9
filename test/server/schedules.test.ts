import { TaskManager } from '@taskloom/engine'
import { createFakeClock } from '@taskloom/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler } from '../../packages/engine/src/server/handler.ts'
import { mount } from './mounted.ts'
import { ask, codeOf, command, readJson } from './request.ts'

const clock = createFakeClock()
let tasks: TaskManager
let handler: Handler

beforeEach(async () => {
  tasks = new TaskManager({ clock })
  for (const name of ['tidy', 'Report', 'alarm']) {
    tasks.schedule(name, { every: '1h', queue: name === 'tidy' ? 'chores' : 'default' }, () => null)
  }
  handler = createHandler(tasks.source, { clock })
  await tasks.start()
})
afterEach(async () => {
  handler.close()
  await tasks.shutdown({ timeoutMs: 0 })
})

type Row = { func_name: string; status: string; recent?: Record<string, unknown>[]; avg_duration?: number | null }
const read = async (query = '', from = handler) => (await (await ask(from, `/schedules${query}`)).json()) as Row[]
const names = async (query = '', from = handler) => (await read(query, from)).map((row) => row.func_name)
const limited = () => {
  const auth = () => ({ name: 'ann', role: 'operator', queues: ['chores'] }) as never
  return createHandler(tasks.source, { clock, auth })
}

describe('GET schedules', () => {
  it('tells the last twenty tasks of each, newest first, and how long they took', async () => {
    expect(await read()).toMatchObject([{ recent: [], avg_duration: null }, {}, {}])
    for (let run = 0; run < 22; run += 1) {
      await clock.advance(3_600_000)
      await tasks.idle()
    }
    const [first] = await read('?q=tidy')
    expect(first?.recent).toHaveLength(20)
    const ids = first?.recent?.map((run) => run['task_id'] as string) ?? []
    expect([...ids].sort().reverse()).toEqual(ids)
    expect(first?.recent?.[0]).toEqual({
      task_id: ids[0],
      status: 'success',
      created_at: expect.any(String) as string,
      duration: expect.any(Number) as number,
    })
    expect(first?.avg_duration).toBeTypeOf('number')
    expect(first).toMatchObject({ last_task_id: ids[0], last_status: 'success' })
  })

  it('comes in pages in the order of names', async () => {
    expect(await names()).toEqual(['Report', 'alarm', 'tidy'])
    expect(await names('?limit=2')).toEqual(['Report', 'alarm'])
    expect(await names('?limit=2&cursor=alarm')).toEqual(['tidy'])
    expect(await names('?limit=2&cursor=tidy')).toEqual([])
    expect(await names('?q=R')).toEqual(['Report', 'alarm'])
    expect(await names('?limit=1&q=r&cursor=Report')).toEqual(['alarm'])
    for (const query of ['?limit=0', '?limit=501', `?q=${'x'.repeat(301)}`, '?page=2']) {
      expect(await codeOf(ask(handler, `/schedules${query}`))).toBe('400 bad_query')
    }
  })

  it('leaves out the tasks where there are very many', async () => {
    for (let index = 0; index < 200; index += 1) tasks.schedule(`s${index}`, { every: '1h' }, () => null)
    expect((await read())[0]).not.toHaveProperty('recent')
    expect((await read('?limit=200'))[0]).toHaveProperty('recent')
  })

  it('is in pages of what the caller sees', async () => {
    expect(await names('?limit=1', limited())).toEqual(['tidy'])
  })

  it('is in pages also of a source that gives all', async () => {
    const { handler: scripted } = mount()
    const [only] = await names('', scripted)
    expect(await names(`?cursor=${only}`, scripted)).toEqual([])
    expect(await names('?q=nothing', scripted)).toEqual([])
  })
})

describe('POST schedules/pause-all and resume-all', () => {
  const post = async (path: string, body?: object, to = handler) =>
    readJson(await ask(to, `/schedules/${path}`, command(body)))
  const states = async () => Object.fromEntries((await read()).map((row) => [row.func_name, row.status]))

  it('pause and resume those that are named, and write down each that changed', async () => {
    expect(await post('pause-all', { names: ['tidy', 'nothing', 'tidy'], reason: 'moving' })).toEqual({
      changed: 1,
      results: [
        { name: 'tidy', outcome: 'changed' },
        { name: 'nothing', outcome: 'unknown' },
      ],
    })
    expect(await states()).toEqual({ tidy: 'paused', Report: 'active', alarm: 'active' })
    expect(await post('pause-all', { names: ['tidy', 'alarm'] })).toMatchObject({
      changed: 1,
      results: [{ outcome: 'unchanged' }, { outcome: 'changed' }],
    })
    expect(await post('resume-all')).toMatchObject({ changed: 2 })
    expect(await states()).toEqual({ tidy: 'active', Report: 'active', alarm: 'active' })
    const { entries } = await tasks.source.audit.list({ cursor: null, limit: 10 })
    expect(entries.map(({ action, target }) => `${action} ${target}`).sort()).toEqual([
      'schedule_pause alarm',
      'schedule_pause tidy',
      'schedule_resume alarm',
      'schedule_resume tidy',
    ])
    expect(entries.find(({ target, action }) => target === 'tidy' && action === 'schedule_pause')).toMatchObject({
      actor: 'anonymous',
      reason: 'moving',
    })
  })

  it('reach only schedules that the caller sees', async () => {
    expect(await post('pause-all', { names: ['alarm', 'tidy'] }, limited())).toEqual({
      changed: 1,
      results: [
        { name: 'tidy', outcome: 'changed' },
        { name: 'alarm', outcome: 'unknown' },
      ],
    })
    expect(await post('resume-all', {}, limited())).toMatchObject({ changed: 1, results: [{ name: 'tidy' }] })
    expect(await states()).toMatchObject({ alarm: 'active' })
  })

  it('refuse what is no list of names, and who may not', async () => {
    const refused = (body: object, from = handler) => codeOf(ask(from, '/schedules/pause-all', command(body)))
    expect(await refused({ names: Array.from({ length: 1_001 }, (_, index) => `s${index}`) })).toBe('400 bad_body')
    expect(await refused({ names: [7] })).toBe('400 bad_body')
    expect(await refused({}, createHandler(tasks.source, { clock, write: false }))).toBe('403 read_only')
    expect(await refused({}, mount().handler)).toBe('501 unsupported')
  })
})
