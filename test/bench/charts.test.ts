import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { drawBars, drawRatios } from '../../bench/charts/bars.ts'
import { drawCharts, reportNames } from '../../bench/charts/charts.ts'
import { drawLines } from '../../bench/charts/lines.ts'
import { listShortfalls, withShortfalls } from '../../bench/charts/shortfalls.ts'
import { linearScale, logScale } from '../../bench/charts/scale.ts'
import { figure } from '../../bench/charts/svg.ts'
import { readKept } from '../../bench/charts/write.ts'
import { isToBeKept } from '../../bench/keep.ts'
import { reportsFolder, type Recorded } from '../../bench/record.ts'
import type { ReportName, Reports } from '../../bench/reports.ts'

describe('scales', () => {
  it('have round marks from zero to beyond the greatest', () => {
    const { at, marks } = linearScale([3, 870], 100, 600)
    expect(marks).toEqual([0, 200, 400, 600, 800, 1_000])
    expect([at(0), at(500), at(1_000)]).toEqual([100, 350, 600])
    expect(linearScale([0], 0, 10).marks).toEqual([0, 1])
  })

  it('or powers of ten around all values', () => {
    const { at, marks } = logScale([0.4, 30], 0, 300)
    expect(marks).toEqual([0.1, 1, 10, 100])
    expect([at(0.1), at(1), at(100)]).toEqual([0, 100, 300])
    expect(logScale([1, 1], 0, 1).marks).toEqual([1, 10])
  })

  it('figures have three digits', () => {
    expect([0.012345, 1.2345, 12.345, 123.45, 12_345, 1_234_567, Number.NaN].map(figure)).toEqual([
      ...['0.012', '1.23', '12.3', '123', '12,300', '1,230,000', '–'],
    ])
  })
})

describe('charts', () => {
  const bars = drawBars({
    title: 'Fast & "faster"',
    subtitle: 'a < b',
    unit: ' tasks/s',
    bars: [
      { label: 'ours', value: 1_000, isOurs: true },
      { label: 'theirs', value: 250, isOurs: false },
    ],
  })
  const ratios = drawRatios({
    ...{ title: 'Ratios', subtitle: '', isLimit: false },
    ratios: [
      { label: 'more', ratio: 10, bound: 2 },
      { label: 'less', ratio: 0.5, bound: 0.7 },
    ],
  })
  const lines = drawLines({
    ...{ title: 'Growth', subtitle: '', xUnit: 'tasks', yUnit: 'ms', isLog: true },
    series: [
      { name: 'flat', points: [100, 1_000, 10_000].map((x) => [x, 2] as const) },
      { name: 'steep', points: [100, 1_000, 10_000].map((x) => [x, x / 50] as const) },
    ],
  })

  it.each([
    ['bars', bars],
    ['ratios', ratios],
    ['lines', lines],
  ])('%s are well formed, have words for who does not see them, and colours for the dark', (_, svg) => {
    expect(unclosed(svg)).toEqual([])
    expect(svg).toMatch(/role="img" aria-labelledby="title description"/)
    expect(svg).toMatch(/<title id="title">.+<\/title>\n<desc id="description">.+\.<\/desc>/)
    expect(svg).toContain('prefers-color-scheme:dark')
    expect(svg).not.toContain('NaN')
  })

  it('say their figures in words', () => {
    expect(bars).toContain('<desc id="description">ours: 1,000 tasks/s; theirs: 250 tasks/s.</desc>')
    expect(bars).toContain('<title id="title">Fast &amp; &quot;faster&quot;</title>')
    expect(ratios).toContain('more: 10× (bound 2×); less: 0.5× (bound 0.7×).')
    expect(lines).toContain('steep: 2 ms at 100 tasks, 20 ms at 1,000 tasks, 200 ms at 10,000 tasks.')
  })

  it('draw bars as long as their figures, and ratios from one on', () => {
    const [ours, theirs] = rects(bars, 'ours|theirs')
    expect(ours!.width / theirs!.width).toBeCloseTo(4, 1)
    const [more, less] = rects(ratios, 'ours')
    // Ten times is as far to the right as a tenth would be to the left; less ends where more begins.
    expect(less!.x + less!.width).toBeCloseTo(more!.x, 0)
    expect(less!.width / more!.width).toBeCloseTo(Math.log10(2), 1)
  })

  it('lets no two names of curves lie upon each other', () => {
    const points = [
      [0, 5],
      [10, 5],
    ] as const
    const names = ['one', 'two', 'three']
    const svg = drawLines({
      ...{ title: 'Same', subtitle: '', xUnit: 's', yUnit: 'ms', isLog: false },
      series: names.map((name) => ({ name, points })),
    })
    const places = names.map((name) => Number(new RegExp(`y="([\\d.]+)">${name}<`).exec(svg)?.[1]))
    expect(places[1]! - places[0]!).toBeGreaterThanOrEqual(15)
    expect(places[2]! - places[1]!).toBeGreaterThanOrEqual(15)
  })

  it('refuses more curves than there are colours', () => {
    const series = Array.from({ length: 7 }, (_, index) => ({ name: `${index}`, points: [[0, 1]] as const }))
    const chart = { title: '', subtitle: '', xUnit: '', yUnit: '', isLog: false, series }
    expect(() => drawLines(chart)).toThrow('7 curves are too many')
  })
})

describe('the figures in the documentation', () => {
  const kept = reportNames.filter((name) => existsSync(new URL(`${name}.json`, reportsFolder)))

  it('are there', () => {
    expect(kept.length).toBeGreaterThan(0)
  })

  it.each(kept)('%s: are what its charts show, and name no machine and no path', (name) => {
    const text = readFileSync(new URL(`${name}.json`, reportsFolder), 'utf8')
    for (const { file, svg } of drawnOf(name, text)) {
      expect(readFileSync(new URL(file, reportsFolder), 'utf8')).toBe(svg)
      expect(unclosed(svg)).toEqual([])
      expect(svg).not.toContain('NaN')
    }
    expect(text).not.toMatch(/(^|[\s"'])\/(home|tmp|root|work|Users)\//)
    const { machine, versions, at } = JSON.parse(text) as Recorded<unknown>
    expect(Object.keys(machine).sort()).toEqual(['cores', 'cpu', 'isBusy', 'load', 'memoryGiB', 'node', 'platform'])
    expect(Object.values(versions).filter((version) => !/^\d+\.\d/.test(version))).toEqual([])
    expect(at).toMatch(/^\d{4}-\d\d-\d\d$/)
  })
})

describe('the list of what falls short', () => {
  const machine = { node: 'v20', platform: 'linux x64', cpu: 'x', cores: 2, memoryGiB: 8, load: 0, isBusy: false }
  const recordedOf = <R>(report: R, isBusy = false): Recorded<R> => ({
    ...{ at: '2026-01-01', versions: {}, machine: { ...machine, isBusy }, report },
  })
  const ratios = [
    { ours: 'Taskloom', theirs: 'one', ratio: 3, bound: 2 },
    { ours: 'Taskloom', theirs: 'other', ratio: 1.5, bound: 2 },
  ]
  const contenders = [0.5, 0.9, 0.1].map((ratio, index) => ({
    ...{ name: index === 2 ? 'plain BullMQ' : `Taskloom ${index}`, perSecond: 1, ratio, node: 1, queue: 1, store: 1 },
  }))

  it('names each figure beyond its bound, and a busy machine', () => {
    const kept = {
      peers: recordedOf({ rounds: 3, speeds: [], ratios, latencies: [] }),
      fleet: recordedOf({ rounds: 3, bound: 0.85, shapes: [{ shape: 'one process', contenders }] }, true),
    }
    expect(listShortfalls(kept)).toEqual([
      '- Taskloom / other: 1.5×, asked for at least 2×',
      '- Taskloom 0 / plain BullMQ, one process: 0.5×, asked for at least 0.85× (the machine was busy)',
    ])
    expect(listShortfalls({})).toEqual([expect.stringContaining('Nothing')])
  })

  it('stands in the guide as the kept figures have it', () => {
    const page = readFileSync(new URL('../benchmarks.md', reportsFolder), 'utf8')
    expect(withShortfalls(page, listShortfalls(readKept()))).toBe(page)
    expect(() => withShortfalls('no place', [])).toThrow('The page has no place for a list')
  })

  it('and all pictures of the guide are there', () => {
    const page = readFileSync(new URL('../benchmarks.md', reportsFolder), 'utf8')
    const pictures = [...page.matchAll(/\]\((benchmarks\/[^)]+\.(?:svg|json))\)/g)].map(([, path = '']) => path)
    expect(pictures.length).toBeGreaterThan(10)
    expect(pictures.filter((path) => !existsSync(new URL(`../${path}`, reportsFolder)))).toEqual([])
  })
})

it('a quick run is kept only where it is asked for', () => {
  expect([[], ['--quick'], ['--quick', '--save']].map(isToBeKept)).toEqual([true, false, true])
})

function drawnOf<N extends ReportName>(name: N, text: string) {
  return drawCharts(name, JSON.parse(text) as Recorded<Reports[N]>)
}

/** Tags that are not closed by their like, and signs that are no text: what a browser would not draw. */
function unclosed(svg: string): readonly string[] {
  const open: string[] = []
  const faults: string[] = []
  for (const [, close, name = '', rest = ''] of svg.matchAll(/<(\/?)([a-zA-Z]+)([^<>]*)>/g)) {
    if (close && open.pop() !== name) faults.push(`</${name}>`)
    if (!close && !rest.endsWith('/')) open.push(name)
  }
  const words = svg.replace(/<[^<>]*>/g, '')
  if (/[<>]|&(?!amp;|lt;|gt;|quot;)/.test(words)) faults.push('text')
  return [...faults, ...open]
}

function rects(svg: string, names: string): readonly { x: number; width: number }[] {
  const found = svg.matchAll(
    new RegExp(`<rect x="([\\d.]+)" y="[\\d.]+" width="([\\d.]+)" height="\\d+" class="(?:${names})"`, 'g'),
  )
  return [...found].map(([, x, width]) => ({ x: Number(x), width: Number(width) }))
}
