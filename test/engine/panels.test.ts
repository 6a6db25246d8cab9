import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memory, TaskManager, type PanelContent, type PanelContext, type PanelOptions } from '@taskloom/engine'
import { mount, type MountOptions } from '@taskloom/engine/node'
import { afterEach, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { openManager, withCode } from './open-manager.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const panelOf = (render: PanelOptions['render'], more: Partial<PanelOptions> = {}): PanelOptions => ({
  id: 'sales',
  title: 'Sales',
  render,
  ...more,
})
const render = (tasks: TaskManager, id = 'sales') => tasks.source.panels.render(id, tasks.source)

describe('panels', () => {
  it('answer what render gives, with the figures of the dashboard at hand', async () => {
    const tasks = openManager({ store: memory() })
    const noop = tasks.define('noop', async () => undefined)
    await tasks.start()
    await tasks.wait((await noop.enqueue()).id)
    const blocks = [
      { kind: 'text', text: '<b>not bold</b>' },
      { kind: 'stats', stats: [{ label: 'Revenue', value: 12.5, unit: '€', tone: 'good' }] },
      {
        kind: 'table',
        columns: ['name', 'paid'],
        rows: [
          ['Ann', true],
          ['Bob', null],
        ],
      },
      { kind: 'json', value: { deep: [1, { a: null }] } },
    ] as const
    tasks.panel(panelOf(() => blocks))
    tasks.panel(
      panelOf(
        async ({ source }: PanelContext) => {
          const queues = await source.queues()
          return { kind: 'table', columns: ['queue', 'tasks'], rows: queues.map(({ queue, total }) => [queue, total]) }
        },
        { id: 'queues', title: 'Queues' },
      ),
    )
    expect(tasks.source.panels?.list()).toEqual([
      { id: 'sales', title: 'Sales' },
      { id: 'queues', title: 'Queues' },
    ])
    expect(await render(tasks)).toEqual({ id: 'sales', title: 'Sales', blocks })
    expect((await render(tasks, 'queues')).blocks).toEqual([
      { kind: 'table', columns: ['queue', 'tasks'], rows: [['default', 1]] },
    ])
    tasks.panel(panelOf(() => 'words', { id: 'text' }))
    expect((await render(tasks, 'text')).blocks).toEqual([{ kind: 'text', text: 'words' }])
    await expect(render(tasks, 'constructor')).rejects.toEqual(withCode('unknown_panel'))
  })

  it.each([
    [
      'an error',
      () => {
        throw new Error('no database')
      },
      'no database',
    ],
    [
      'anything',
      () => {
        throw null
      },
      'no error',
    ],
    ['nothing', () => undefined, 'blocks[0]'],
    ['an unknown kind', () => ({ kind: 'html', html: '<script>' }), 'kind'],
    ['no number', () => ({ kind: 'stats', stats: [{ label: 'a', value: Number.NaN }] }), 'blocks[0].stats[0].value'],
    [
      'a cycle',
      () => {
        const value: unknown[] = []
        value.push(value)
        return { kind: 'json', value }
      },
      'circular',
    ],
    ['too much', () => 'ü'.repeat(150_000), 'larger than 262144 bytes'],
    [
      'a getter that throws',
      () => ({
        get kind() {
          throw new Error('gotcha')
        },
      }),
      'gotcha',
    ],
  ])('contain what throws or is no content: %s', async (_, wrong, words) => {
    const tasks = openManager({ store: memory() })
    tasks.panel(panelOf(wrong as () => PanelContent))
    await expect(render(tasks)).rejects.toMatchObject({ code: 'panel_failed', message: expect.stringContaining(words) })
  })

  it('are given up when they hang, without one more hanging for each who asks', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ store: memory(), clock })
    const signals: AbortSignal[] = []
    let release: (content: string) => void = () => undefined
    const hang = ({ signal }: PanelContext) => {
      signals.push(signal)
      return new Promise<string>((resolve) => (release = resolve))
    }
    tasks.panel(panelOf(hang, { timeout: '3s' }))
    const asked = [render(tasks), render(tasks)]
    const ended = Promise.allSettled(asked)
    await clock.advance(2_999)
    expect(signals[0]?.aborted).toBe(false)
    await clock.advance(1)
    for (const answer of await ended)
      expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'panel_timeout' } })
    expect([signals.length, signals[0]?.aborted]).toEqual([1, true])
    await expect(render(tasks)).rejects.toMatchObject({
      code: 'panel_timeout',
      message: expect.stringContaining('3000'),
    })
    expect(signals).toHaveLength(1)
    release('late')
    await clock.advance(0)
    const again = render(tasks)
    release('in time')
    expect((await again).blocks).toEqual([{ kind: 'text', text: 'in time' }])
    expect([signals.length, clock.pending]).toEqual([2, 0])
  })

  it.each([
    [{ id: '' }, 'id'],
    [{ id: 'a/b' }, 'id'],
    [{ id: 'a'.repeat(65) }, 'id'],
    [{ title: '' }, 'title'],
    [{ title: 5 }, 'title'],
    [{ render: 'html' }, 'render'],
    [{ timeout: '2h' }, 'timeout'],
    [{ timeout: 0 }, 'timeout'],
    [{ html: true }, 'html'],
  ])('are refused for %j', (wrong, option) => {
    const tasks = openManager({ store: memory() })
    const options = panelOf(() => 'x', wrong as unknown as Partial<PanelOptions>)
    expect(() => tasks.panel(options)).toThrow(
      expect.objectContaining({ code: 'bad_option', details: expect.objectContaining({ option }) as unknown }),
    )
    expect(tasks.source.panels?.list()).toEqual([])
  })

  it('are refused when the id is taken, or there are a hundred', () => {
    const tasks = openManager({ store: memory() })
    for (let index = 0; index < 100; index += 1) tasks.panel(panelOf(() => 'x', { id: `p${index}` }))
    expect(() => tasks.panel(panelOf(() => 'x', { id: 'p7' }))).toThrow(withCode('duplicate_panel'))
    expect(() => tasks.panel(panelOf(() => 'x'))).toThrow(withCode('bad_option'))
  })
})

describe('the routes of panels', () => {
  it('list and render those of the manager and of the mount', async () => {
    const errors: unknown[] = []
    const tasks = new TaskManager({ store: memory() })
    tasks.panel(panelOf(() => 'of the manager'))
    const own = { id: 'own', title: 'Own', render: () => 'of the mount' }
    const broken = panelOf(
      () => {
        throw new Error('password=hunter2')
      },
      { id: 'broken' },
    )
    const get = await serve(tasks, { panels: [own, broken], onError: (error) => errors.push(error) })
    expect(await get('/panels')).toEqual([
      200,
      [
        { id: 'own', title: 'Own' },
        { id: 'broken', title: 'Sales' },
        { id: 'sales', title: 'Sales' },
      ],
    ])
    const text = (words: string) => [{ kind: 'text', text: words }]
    expect(await get('/panels/sales')).toEqual([200, { id: 'sales', title: 'Sales', blocks: text('of the manager') }])
    expect(await get('/panels/own')).toEqual([200, { id: 'own', title: 'Own', blocks: text('of the mount') }])
    expect(await get('/panels/none')).toMatchObject([404, { code: 'not_found' }])
    const [status, problem] = await get('/panels/broken')
    expect([status, problem]).toMatchObject([500, { code: 'internal' }])
    expect(JSON.stringify(problem)).not.toContain('hunter2')
    expect(errors).toEqual([
      expect.objectContaining({ code: 'panel_failed', message: expect.stringContaining('hunter2') as unknown }),
    ])
    expect(await get('/capabilities')).toMatchObject([
      200,
      { reads: expect.arrayContaining(['panels', 'prometheus']) as unknown },
    ])
  })

  it('answer in time where a panel hangs', async () => {
    const tasks = new TaskManager({ store: memory() })
    tasks.panel(panelOf(() => new Promise<string>(() => undefined), { timeout: 20 }))
    const get = await serve(tasks, {})
    expect(await get('/panels/sales')).toMatchObject([503, { code: 'unavailable' }])
    expect(await get('/livez')).toEqual([200, { status: 'ok' }])
  })

  it('take no mount with a panel that is there already, nor with no list', () => {
    const tasks = openManager({ store: memory() })
    tasks.panel(panelOf(() => 'x'))
    const open = (panels: unknown) => () => mount(createServer(), tasks, { panels } as MountOptions)
    expect(open([panelOf(() => 'y')])).toThrow(withCode('duplicate_panel'))
    const other = panelOf(() => 'y', { id: 'other' })
    expect(open([other, other])).toThrow(withCode('duplicate_panel'))
    expect(open({ id: 'x' })).toThrow(withCode('bad_option'))
    expect(open([{ ...other, id: '../x' }])).toThrow(withCode('bad_option'))
  })
})

async function serve(tasks: TaskManager, options: MountOptions) {
  const server = createServer()
  const mounted = mount(server, tasks, options)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    await mounted.close()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return async (path: string): Promise<[number, unknown]> => {
    const response = await fetch(`http://127.0.0.1:${port}/tasks${path}`)
    return [response.status, await response.json()]
  }
}
