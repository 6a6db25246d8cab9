import { taskSummary, type TaskSummary } from '@taskloom/protocol'
import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it, vi } from 'vitest'
import { csvColumns, tasksToCsv } from '../../packages/client/src/csv.ts'
import { attachment } from '../../packages/engine/src/server/exports/disposition.ts'
import { streamFile } from '../../packages/engine/src/server/exports/file.ts'
import { csvLayout, jsonLayout } from '../../packages/engine/src/server/exports/layout.ts'
import type { ListQuestion } from '../../packages/engine/src/stores/store.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { makeTask } from '../client/builders.ts'
import { fixedNow, mount } from './mounted.ts'
import { ask, codeOf } from './request.ts'

describe('an export', () => {
  it('is the same rows as the list, in its order, with its filter', async () => {
    const { handler, source } = mount()
    for (let index = 0; index < 1_201; index += 1) {
      const status = index % 3 === 0 ? 'failed' : 'success'
      await source.add({ status, funcName: `f${index % 7}`, createdAt: fixedNow - (index % 50) * 1_000 })
    }
    for (const query of ['?status=failed&sort=func_name&order=asc', '?func_name=f1', '?queue=nothing', '']) {
      const rows = await listAll(handler, query)
      const asJson = (await (await ask(handler, `/export.json${query}`)).json()) as unknown[]
      expect(asJson).toEqual(rows)
      const text = await (await ask(handler, `/export.csv${query}`)).text()
      const { data } = Papa.parse<string[]>(text, { skipEmptyLines: true })
      expect(data[0]).toEqual([...csvColumns])
      expect(data.slice(1).map(([id]) => id)).toEqual(rows.map(({ task_id }) => task_id))
    }
  })

  it('is, byte for byte, the file that the dashboard makes', async () => {
    const { handler, source } = mount()
    const errors = ['=HYPERLINK("http://x")', 'a "b", c;\r\nd', '\t=1', '-2+3', '＝1', 'plain', '\ufeff', null]
    const tasks: TaskSummary[] = []
    for (const [index, error] of errors.entries()) {
      const createdAt = fixedNow + index
      tasks.unshift(await source.add({ status: 'failed', error, durationMs: -5.25, createdAt }))
    }
    const bytes = new Uint8Array(await (await ask(handler, '/export.csv')).arrayBuffer())
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    expect(text).toBe(`\ufeff${csvColumns.join(',')}\r\n${tasksToCsv(tasks)}`)
    expect(text).toContain(`"'=HYPERLINK(""http://x"")"`)
    expect(text).toContain(',failed,-5.25,0,')
  })

  it('has a head that saves it as a file and keeps it from being shown', async () => {
    const { open } = mount()
    const handler = open({ title: 'Büro "Nord"\r\nx: y/z' })
    for (const [path, type] of [
      ['/export.csv', 'text/csv; charset=utf-8; header=present'],
      ['/export.json', 'application/json; charset=utf-8'],
    ] as const) {
      const extension = path.slice('/export'.length)
      const got = await ask(handler, path)
      const head = await ask(handler, path, { method: 'HEAD' })
      expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(got.headers))
      expect([got.status, head.status, await head.text()]).toEqual([200, 200, ''])
      expect(got.headers.get('content-type')).toBe(type)
      expect(got.headers.get('x-content-type-options')).toBe('nosniff')
      expect(got.headers.get('cache-control')).toBe('no-store')
      expect(got.headers.get('content-disposition')).toBe(
        `attachment; filename="Buro-Nord-x-y-z-2026-01-05${extension}"; ` +
          `filename*=UTF-8''B%C3%BCro-Nord-x-y-z-2026-01-05${extension}`,
      )
    }
  })

  it.each(['?cursor=x', '?limit=5', '?sort=nothing', '?status=odd', '?nothing=1', '?q=args.a:1'])(
    'refuses %s as the list does',
    async (query) => {
      const { handler } = mount()
      expect(await codeOf(ask(handler, `/export.csv${query}`))).toMatch(/^400 bad_query/)
      expect(await codeOf(ask(handler, `/export.json${query}`))).toMatch(/^400 bad_query/)
    },
  )

  it('asks the host, who may say no', async () => {
    const { open } = mount()
    const asked: unknown[] = []
    const handler = open({ authorize: (...input) => asked.push(input) < 0 })
    expect(await codeOf(ask(handler, '/export.csv'))).toBe('403 forbidden')
    expect(asked).toEqual([[{ name: 'anonymous', role: 'admin' }, 'export', null]])
  })
})

describe('exports at once', () => {
  it('are at most five, and those who left or were done make room', async () => {
    const { handler, source } = mount()
    await source.add()
    const open = () => ask(handler, '/export.csv')
    const five = await Promise.all(Array.from({ length: 5 }, open))
    expect(new Set(five.map(({ status }) => status))).toEqual(new Set([200]))
    const refused = await open()
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(await codeOf(refused)).toBe('429 too_many_requests')
    expect((await ask(handler, '/export.csv', { method: 'HEAD' })).status).toBe(200)
    await five[0]?.text()
    await five[1]?.body?.cancel()
    expect([(await open()).status, (await open()).status, (await open()).status]).toEqual([200, 200, 429])
  })

  it('are as many as the host says', async () => {
    const { open } = mount()
    const handler = open({ limits: { exports: 1 } })
    expect([(await ask(handler, '/export.json')).status, (await ask(handler, '/export.csv')).status]).toEqual([
      200, 429,
    ])
    for (const limits of [{ exports: 0 }, { exports: 1.5 }, { export: 1 }]) {
      expect(() => open({ limits })).toThrowError(expect.objectContaining({ code: 'bad_option' }) as Error)
    }
  })
})

describe('a file that is read as it is taken', () => {
  it('asks for a page when one is wanted, and for none when nobody reads', async () => {
    const { file, asked } = openFile({ rows: 2_000 })
    expect(asked).toHaveLength(0)
    const reader = file.getReader()
    await reader.read()
    await reader.read()
    expect(asked.map(({ limit }) => limit)).toEqual([500, 500])
    await reader.cancel()
    expect(asked).toHaveLength(2)
  })

  it('gives its place back once: at the end, when left, when it fails, when nobody reads on', async () => {
    const done = openFile({ rows: 3 })
    await new Response(done.file).text()
    const left = openFile({ rows: 3 })
    await left.file.cancel()
    const failing = openFile({ rows: 2_000, failsAt: 1 })
    await expect(new Response(failing.file).text()).rejects.toThrow('lost')
    expect(failing.errors).toMatchObject([{ message: 'lost' }])
    const stalled = openFile({ rows: 2_000 })
    const reader = stalled.file.getReader()
    await reader.read()
    await stalled.clock.advance(60_000)
    await expect(reader.read()).rejects.toThrow('Nobody reads')
    for (const { onEnd } of [done, left, failing, stalled]) expect(onEnd).toHaveBeenCalled()
  })

  it('is whole JSON also where pages are empty, and ends with a source that answers the same place again', async () => {
    const answers = [[], [makeTask(1)], [], [makeTask(2)], []]
    const { file } = openFile({ pages: answers })
    expect(await new Response(file).json()).toEqual([makeTask(1), makeTask(2)].map((task) => taskSummary.encode(task)))
    const { file: none } = openFile({ pages: [[]] })
    expect(await new Response(none).json()).toEqual([])
    const place = { direction: 'next', value: 1, taskId: 'x' } as const
    const same = { list: () => Promise.resolve({ ...emptyAnswer, tasks: [makeTask(1)], next: place }) }
    expect(await new Response(streamFile({ ...quiet, source: same })).json()).toHaveLength(2)
  })

  it('keeps every text what it is', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 5 }), async (errors) => {
        const tasks = errors.map((error, index) => makeTask(index, { error }))
        const { file } = openFile({ pages: [tasks] })
        const rows = (await new Response(file).json()) as { error: string }[]
        expect(rows.map(({ error }) => error)).toEqual(errors)
        expect(csvLayout.page([makeTask(1), ...tasks], true)).toBe(tasksToCsv([makeTask(1), ...tasks]))
      }),
    )
  })
})

describe('the name of a file', () => {
  it.each([
    ['Tasks', 'Tasks-2026-01-05.csv', 'Tasks-2026-01-05.csv'],
    ['..', 'tasks-2026-01-05.csv', 'tasks-2026-01-05.csv'],
    ['a"; filename="x.exe', 'a-filename=-x.exe-2026-01-05.csv', 'a-filename-x.exe-2026-01-05.csv'],
    ['＂\r\nset-cookie: a=b', '＂-set-cookie-a=b-2026-01-05.csv', '-set-cookie-ab-2026-01-05.csv'],
    ['Задачи', 'Задачи-2026-01-05.csv', '2026-01-05.csv'],
    ['\u202etxt.exe\ud800', 'txt.exe-2026-01-05.csv', 'txt.exe-2026-01-05.csv'],
    ["it's 100%", 'it-s-100-2026-01-05.csv', 'it-s-100-2026-01-05.csv'],
  ])('made of %j', (title, whole) => {
    const value = attachment(title, fixedNow, 'csv')
    const [, plain, encoded] = /^attachment; filename="([\w.-]+)"; filename\*=UTF-8''([\w.%~-]+)$/.exec(value) ?? []
    expect(plain).toMatch(/^[\w.][\w.-]*-?2026-01-05\.csv$|^2026-01-05\.csv$/)
    expect(decodeURIComponent(encoded ?? '')).toBe(whole)
  })

  it('is one that every header takes, whatever the title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (title) => {
        const value = attachment(title, fixedNow, 'json')
        expect(value).toMatch(/^attachment; filename="[\w.-]+"; filename\*=UTF-8''[\w.%~-]+$/)
        expect(new Headers({ 'content-disposition': value }).get('content-disposition')).toBe(value)
      }),
    )
  })
})

const emptyAnswer = { tasks: [], next: null, prev: null, total: 0, totalIsCapped: false }
const quiet = {
  question: { filter: {} as ListQuestion['filter'], sort: 'created_at', order: 'desc' },
  layout: jsonLayout,
  clock: { now: () => fixedNow, after: () => () => undefined },
  onError: () => undefined,
  onEnd: () => undefined,
} as const

interface Script {
  readonly rows?: number
  readonly failsAt?: number
  readonly pages?: readonly (readonly TaskSummary[])[]
}

/** A file of made tasks, and what was asked for it. */
function openFile({ rows = 0, failsAt, pages }: Script) {
  const asked: ListQuestion[] = []
  const errors: unknown[] = []
  const onEnd = vi.fn()
  const clock = createFakeClock(fixedNow)
  const source = {
    list(question: ListQuestion) {
      const index = asked.push(question) - 1
      if (index === failsAt) return Promise.reject(new Error('lost'))
      const count = Math.max(0, Math.min(rows - index * 500, question.limit))
      const tasks = pages ? (pages[index] ?? []) : Array.from({ length: count }, (_, row) => makeTask(row))
      const isLast = pages ? index === pages.length - 1 : (index + 1) * 500 >= rows
      const next = isLast ? null : ({ direction: 'next', value: index, taskId: 'x' } as const)
      return Promise.resolve({ ...emptyAnswer, tasks, next })
    },
  }
  const file = streamFile({ ...quiet, source, clock, onEnd, onError: (error) => errors.push(error) })
  return { file, asked, errors, onEnd, clock }
}

async function listAll(handler: Parameters<typeof ask>[0], query: string): Promise<{ task_id: string }[]> {
  const rows: { task_id: string }[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const params = new URLSearchParams([...new URLSearchParams(query), ['limit', '500'], ['cursor', cursor]])
    const page = (await (await ask(handler, `?${params}`)).json()) as PageShape
    rows.push(...page.tasks)
    cursor = page.next_cursor
  }
  return rows
}

interface PageShape {
  readonly tasks: readonly { readonly task_id: string }[]
  readonly next_cursor: string | null
}
