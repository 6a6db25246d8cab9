import { emulateMedia, setViewport } from '@web/test-runner-commands'
import type { FixtureOptions } from './fixture.ts'
import {
  assert,
  assertAccessible,
  assertEqual,
  button,
  find,
  findAll,
  get,
  textOf,
  unmountAll,
  until,
} from './mounted.ts'
import { shownScreen } from './screens.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

describe('the Metrics screen', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element, screen } = await shown({ theme })
      for (const details of findAll<HTMLDetailsElement>(screen, 'figure details')) details.open = true
      await until(() => findAll(screen, 'figure .numbers').length === 5, 'the numbers')
      await assertAccessible(element)
    })
  }

  it('draws throughput, durations and waits over time, and how they are spread', async () => {
    const { screen } = await shown()
    const titles = findAll(screen, 'figcaption strong').map((each) => textOf(each).trim())
    assertEqual(titles, ['Throughput', 'Duration', 'Wait', 'Durations, spread', 'Waits, spread'])
    assertEqual(findAll(plotOf(screen, 'Duration'), 'svg .line').length, 6, 'three lines, each with its key')
    assert(findAll(plotOf(screen, 'Throughput'), '.plot .bar').length > 60, 'the bars')
  })

  it('asks for the chosen time, of what the filter of the page names', async () => {
    const { screen, fixture } = await shown({}, {}, { 'url-state': '' })
    const since = (call: string) =>
      Date.parse(new URL(call.replace('GET ', 'http://x/')).searchParams.get('since') ?? '')
    const first = fixture.calls.find((call) => call.startsWith('GET latency')) ?? ''
    assert(Math.abs(Date.now() - since(first) - 86_400_000) < 60_000, first)
    get<HTMLInputElement>(screen, '.segments label:first-of-type input').click()
    await until(
      () => fixture.calls.some((call) => call.startsWith('GET histogram') && Date.now() - since(call) < 3_700_000),
      'one hour',
    )
  })

  it('reads the plots with the arrow keys, all that share a time at once', async () => {
    const { screen } = await shown()
    const plot = get(plotOf(screen, 'Duration'), '.plot')
    plot.focus()
    plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }))
    await until(() => /p95 \d/.test(textOf(get(plotOf(screen, 'Wait'), 'figcaption'))), 'the cursor beside it')
    assert(/p50 .* p95 .* p99/.test(plot.getAttribute('aria-valuetext') ?? ''), 'the words of the cursor')
    plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    await until(() => !/p95 \d/.test(textOf(get(plotOf(screen, 'Wait'), 'figcaption'))), 'no cursor')
  })

  it('has all numbers of a plot as a table', async () => {
    const { screen } = await shown()
    const plot = plotOf(screen, 'Waits, spread')
    get<HTMLDetailsElement>(plot, 'details').open = true
    await until(() => find(plot, '.numbers') !== null, 'the numbers')
    assertEqual(findAll(plot, '.numbers tbody tr').length, 14)
    assert(textOf(get(plot, '.numbers')).includes('4 ms to 8 ms 38,000'), textOf(get(plot, '.numbers')))
  })

  it('has a row for each function, sorted as asked, and leads to its tasks', async () => {
    const { screen, element, fixture } = await shown()
    await until(() => find(screen, '.functions') !== null, 'the table')
    button(screen, 'Function').click()
    await until(() => get(screen, 'th[aria-sort]').dataset['column'] === 'function', 'the order')
    assert(textOf(get(screen, '.functions tbody tr')).includes('charge_card'), 'the first by name')
    assert(textOf(get(screen, '.functions')).includes('low confidence: 4 samples'), 'no word of how few they are')
    button(screen, 'charge_card').click()
    await until(() => fixture.calls.some((call) => /^GET \?.*func_name=charge_card/.test(call)), 'the rows')
    await until(() => find(element, 'task-filter-row') !== null, 'the View tab')
  })

  it('names the checks that fail, and says nothing where all is well', async () => {
    const { screen } = await shown()
    assertEqual(find(screen, '.warn, .error'), null)
    unmountAll()
    const checks = [
      { name: 'store', status: 'degraded' as const, detail: 'writes take 2 s' },
      { name: 'memory', status: 'ok' as const, detail: null },
    ]
    const ill = await shown({}, { answers: { health: () => ({ status: 'degraded', checks }) } })
    await until(() => textOf(ill.screen).includes('store: writes take 2 s'), 'the check')
    assert(!textOf(ill.screen).includes('memory'), 'a check that is well')
  })

  it('says that nothing was measured', async () => {
    const answers = { histogram: () => ({ duration: [], wait: [], samples: 0, isCapped: false }), types: () => [] }
    const { screen } = await shown({}, { answers })
    await until(() => textOf(screen).includes('Low confidence: 0 samples'), 'the note')
    assert(textOf(screen).includes('Nothing ran in this time'), 'the functions')
    assertEqual(textOf(screen).split('Nothing was measured in this time').length - 1, 2)
  })

  it('fits 320 px', async () => {
    await setViewport({ width: 320, height: 700 })
    await shown()
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })
})

async function shown(attributes = {}, options: FixtureOptions = {}, more = {}) {
  const mounted = await shownScreen('metrics', 'Throughput', { ...attributes, ...more }, options)
  await until(() => find(mounted.screen, '.bar.below, .plots + .card, .aside + .card') !== null, 'the functions')
  await until(() => findAll(mounted.screen, 'task-plot').length === 5, 'the plots')
  return mounted
}

function plotOf(screen: HTMLElement, title: string): HTMLElement {
  const plot = findAll(screen, 'task-plot').find((each) => textOf(get(each, 'figcaption strong')).trim() === title)
  assert(plot, `no plot of ${title}`)
  return plot
}
