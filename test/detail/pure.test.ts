import { describe, expect, it } from 'vitest'
import type { TaskDetail } from '@taskloom/protocol'
import { linePieces, plainText } from '../../packages/dashboard/src/detail/ansi.ts'
import { jsonRows, openablePaths } from '../../packages/dashboard/src/detail/json-rows.ts'
import { lineageTree } from '../../packages/dashboard/src/detail/lineage-tree.ts'
import { logNdjson, logRows } from '../../packages/dashboard/src/detail/log-lines.ts'
import { progressView } from '../../packages/dashboard/src/detail/progress.ts'
import { foldRepeats } from '../../packages/dashboard/src/detail/stack.ts'
import { waterfall } from '../../packages/dashboard/src/detail/waterfall.ts'

const asked = { opened: new Map<string, boolean>(), shown: new Map<string, number>() }

function task(changes: Partial<TaskDetail>): TaskDetail {
  const base = { status: 'failed', createdAt: 0, startTime: 0, waitMs: 0, runAt: null, attempts: [], timeline: [] }
  return { ...base, ...changes } as unknown as TaskDetail
}

function attempt(number: number, startedAt: number, endedAt: number | null) {
  const outcome = endedAt === null ? null : 'failed'
  return { attempt: number, startedAt, endedAt, outcome, error: null, stacktrace: null, workerId: null }
}

describe('the waterfall', () => {
  it('lays attempts and waits end to end, and shortens idle time only', () => {
    const drawn = waterfall(
      task({ startTime: 10, waitMs: 10, attempts: [attempt(1, 10, 110), attempt(2, 60_110, 60_210)] }),
      0,
    )
    const [first, second] = drawn?.rows ?? []
    expect(first?.wait).toMatchObject({ from: 0, until: 10, start: 0, isCollapsed: false })
    expect(second?.wait).toMatchObject({ isCollapsed: true, from: 110, until: 60_110 })
    expect(first?.run?.start).toBe(first?.wait?.end)
    expect(second?.run?.end).toBeCloseTo(1)
    const width = (bar: { start: number; end: number } | null | undefined) => (bar ? bar.end - bar.start : 0)
    expect(width(second?.run)).toBeCloseTo(width(first?.run))
    expect(width(second?.wait)).toBeLessThan(width(first?.run) * 2)
    expect(drawn?.isCollapsed).toBe(true)
    expect(drawn?.ticks.at(-1)?.ms).toBeCloseTo(60_210)
  })

  it('grows with the attempt that runs, and shows the wait that goes on', () => {
    const running = waterfall(task({ status: 'running', attempts: [attempt(1, 0, null)] }), 5_000)
    expect(running?.rows[0]?.run).toMatchObject({ isLive: true, until: 5_000, outcome: null })
    const waiting = waterfall(task({ status: 'pending', runAt: 900, attempts: [attempt(1, 0, 100)] }), 500)
    expect(waiting?.rows[1]).toMatchObject({ attempt: 2, run: null, wait: { isLive: true, until: 900 } })
  })

  it('is nothing without anything to draw, and bears clocks that run backwards', () => {
    expect(waterfall(task({}), 0)).toBeNull()
    const drawn = waterfall(task({ attempts: [attempt(1, 100, 50), attempt(2, 20, 30)] }), 0)
    for (const { run } of drawn?.rows ?? []) expect(run?.end).toBeGreaterThanOrEqual(run?.start ?? 1)
  })
})

describe('a stack', () => {
  it('says a frame once that follows itself, and how often', () => {
    expect(foldRepeats(['at a', 'at b', 'at b', 'at b', 'at a'])).toEqual(['at a', 'at b × 3', 'at a'])
    expect(foldRepeats([])).toEqual([])
  })
})

describe('a value as a tree', () => {
  it('computes nothing of what is closed and a hundred members at once', () => {
    const rows = jsonRows({ list: Array.from({ length: 1_000 }, (_, index) => index) }, asked)
    expect(rows.map(({ path }) => path)).toEqual(['$', '$.list'])
    const opened = jsonRows(
      { list: Array.from({ length: 1_000 }, (_, index) => index) },
      {
        ...asked,
        opened: new Map([['$.list', true]]),
      },
    )
    expect(opened).toHaveLength(2 + 100 + 1)
    expect(opened.at(-1)?.more).toEqual({ path: '$.list', shown: 100, left: 900 })
  })

  it('gives paths that a program understands, whatever the names', () => {
    const value = { 'a b': [{ constructor: 1 }], __proto__x: null }
    const all = { ...asked, opened: new Map(openablePaths(value).map((path) => [path, true] as const)) }
    expect(jsonRows(value, all).map(({ path }) => path)).toEqual([
      '$',
      '$["a b"]',
      '$["a b"][0]',
      '$["a b"][0].constructor',
      '$.__proto__x',
    ])
  })

  it('stays small where a value is deep', () => {
    let deep: object = {}
    for (let index = 0; index < 2_000; index += 1) deep = { deep }
    expect(jsonRows(deep as never, asked).length).toBeLessThan(5)
    expect(openablePaths(deep as never).length).toBeLessThanOrEqual(500)
  })
})

describe('a line of a log', () => {
  it('keeps its words and nothing that a terminal would obey', () => {
    const line = '\u001b[1;31mred\u001b[0m \u001b[38;5;12mblue\u001b[2K\u0007 \u001b]0;title\u0007end'
    expect(plainText(line)).toBe('red blue end')
    expect(linePieces(line)).toEqual([
      { text: 'red', look: 'bold red', isMarked: false },
      { text: ' ', look: '', isMarked: false },
      { text: 'blue', look: '', isMarked: false },
      { text: ' ', look: '', isMarked: false },
      { text: 'end', look: '', isMarked: false },
    ])
  })

  it('is marked wherever it is found, also across colours', () => {
    const words = linePieces('ab\u001b[32mcab\u001b[0mc', 'ABC').map(({ text, isMarked }) =>
      isMarked ? `<${text}>` : text,
    )
    expect(words.join('')).toBe('<ab><c><ab><c>')
  })

  it('of 20,000 is found fast, and written a JSON object each', () => {
    const entries = Array.from({ length: 20_000 }, (_, index) => {
      return { line: index + 1, at: index, level: 'info', message: `line ${index}`, attempt: 1, extra: null }
    })
    const begun = performance.now()
    const rows = logRows(entries, { level: '', search: 'LINE 19999' })
    expect(performance.now() - begun).toBeLessThan(500)
    expect(JSON.parse(logNdjson(rows))).toEqual({ ...entries[19_999], at: '1970-01-01T00:00:19.999Z' })
  })
})

describe('progress', () => {
  const running = { status: 'running', startTime: 0, attempts: [attempt(1, 10_000, null)] } as const
  it('foretells from the attempt that runs, and from nothing less than a beginning', () => {
    const half = task({ ...running, progress: { percent: 50, message: 'halfway' }, progressPayload: null })
    expect(progressView(half, 20_000)).toMatchObject({ leftMs: 10_000, message: 'halfway', steps: [], rest: null })
    expect(progressView(half, 11_000)?.leftMs).toBeNull()
    const begun = task({ ...running, progress: { percent: 1, message: null }, progressPayload: null })
    expect(progressView(begun, 60_000)?.leftMs).toBeNull()
    expect(progressView(task({ ...running, progress: null }), 0)).toBeNull()
  })

  it('tells steps from the rest of what was said', () => {
    const payload = { current: 3, total: 9, steps: ['read', 'write', 'tell'], step: 'write', file: 'a.csv' }
    const view = progressView(
      task({ ...running, progress: { percent: 33, message: null }, progressPayload: payload }),
      0,
    )
    expect(view?.count).toEqual({ current: 3, total: 9 })
    expect(view?.steps.map(({ state }) => state)).toEqual(['done', 'now', 'ahead'])
    expect(view?.rest).toEqual({ file: 'a.csv' })
  })
})

describe('lineage', () => {
  const of = (taskId: string, retriedFrom: string | null, createdAt: number) =>
    ({ taskId, retriedFrom, createdAt }) as never
  it('puts retries below what they retry, the oldest first', () => {
    const tasks = [of('c', 'b', 3), of('d', 'a', 4), of('a', null, 1), of('b', 'a', 2)]
    const nodes = lineageTree(tasks, { taskId: 'b', parentId: 'a', childIds: [] })
    expect(nodes.map(({ taskId, level }) => `${level}${taskId}`)).toEqual(['1a', '2b', '3c', '2d'])
  })

  it('shows ids where no more is known, and ends where kin go round in a circle', () => {
    const nodes = lineageTree([], { taskId: 'b', parentId: 'a', childIds: ['c'] })
    expect(nodes.map(({ taskId, level }) => `${level}${taskId}`)).toEqual(['1a', '2b', '3c'])
    expect(
      lineageTree([of('x', null, 0), of('y', 'z', 1), of('z', 'y', 1)], { taskId: 'x', parentId: null, childIds: [] }),
    ).toHaveLength(1)
  })
})
