import { emulateMedia, setViewport } from '@web/test-runner-commands'
import { fleetQueues, queue } from './fixture-fleet.ts'
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

describe('the Queues screen', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element, screen } = await shown({ theme })
      get<HTMLDetailsElement>(get(screen, 'task-locks'), 'details').open = true
      await until(() => textOf(screen).includes('order:88121'), 'the locks')
      await assertAccessible(element)
    })
  }

  it('says depth, oldest wait, throughput, limits, and who serves it', async () => {
    const { screen } = await shown()
    for (const words of ['1,212', '1,204 pending', '4m 12s', '318', '8 at once', '100 per 1m 0s', '3 processes']) {
      assert(textOf(rowOf(screen, 'hooks')).includes(words), `${words} is missing in ${textOf(rowOf(screen, 'hooks'))}`)
    }
  })

  it('warns of a queue that nobody serves, only where tasks wait', async () => {
    const { screen } = await shown()
    assert(textOf(rowOf(screen, 'reports')).includes('no worker serves this queue'), 'no warning')
    assertEqual(textOf(screen).split('no worker serves').length - 1, 1, 'warnings')
  })

  it('tells by whom and since when a queue is paused', async () => {
    const { screen } = await shown()
    const words = textOf(rowOf(screen, 'imports'))
    assert(words.includes('paused') && words.includes('by ann, 42 min ago'), words)
  })

  it('marks a wait that grows', async () => {
    let oldestWait = 200_000
    const answers = {
      queues: () => [queue({ queue: 'hooks', counts: { pending: 9 }, oldestWait: (oldestWait += 60_000) })],
    }
    const { screen, fixture } = await shownScreen('queues', 'hooks', {}, { answers })
    assert(!textOf(screen).includes('growing'), 'it knows too early')
    fixture.push({ event: 'queues', id: null, data: { changed: true } })
    await until(() => textOf(screen).includes('and growing'), 'the mark')
  })

  it('sorts by its heads', async () => {
    const { screen } = await shown()
    assertEqual(names(screen)[0], 'hooks')
    button(screen, 'Queue').click()
    await until(() => names(screen)[0] === 'billing', 'the order of names')
    assertEqual(get(screen, 'th[aria-sort]').getAttribute('aria-sort'), 'ascending')
  })

  it('keeps the order and the buttons in place while the pointer is on them', async () => {
    let pending = 9
    const answers = {
      queues: () => [queue({ queue: 'hooks', counts: { pending: 10 } }), queue({ queue: 'mail', counts: { pending } })],
    }
    const { screen, fixture } = await shownScreen('queues', 'hooks', {}, { answers })
    const place = screen.parentElement!
    place.dispatchEvent(new PointerEvent('pointerenter'))
    pending = 0
    const pause = () => button(screen, 'Pause… mail').getBoundingClientRect()
    const before = pause().right
    fixture.push({ event: 'queues', id: null, data: { changed: true } })
    await until(() => find(rowOf(screen, 'mail'), '[data-verb="drain"]') === null, 'nothing to drain')
    assertEqual(pause().right, before, 'where it ends')
    pending = 99
    fixture.push({ event: 'queues', id: null, data: { changed: true } })
    await until(() => textOf(screen).includes('99 pending'), 'more')
    assertEqual(names(screen), ['hooks', 'mail'], 'the order')
    place.dispatchEvent(new PointerEvent('pointerleave'))
    await until(() => names(screen)[0] === 'mail', 'the order by depth')
  })

  it('finds by name', async () => {
    const { screen } = await shown()
    type(get(screen, 'input[type="search"]'), 'im')
    await until(() => names(screen).length === 2, 'two queues')
    assertEqual(names(screen), ['imports', 'images'])
  })

  it('leads to its tasks, and to those of one status', async () => {
    const { screen, fixture, element } = await shown()
    const failed = findAll(rowOf(screen, 'hooks'), 'button').find((each) => textOf(each).includes('203 failed'))
    failed?.click()
    await until(() => fixture.calls.some((call) => /^GET \?.*status=failed.*queue=hooks/.test(call)), 'the rows')
    await until(() => find(element, 'task-filter-row') !== null, 'the View tab')
  })

  it('asks before it pauses, and says why', async () => {
    const { screen, fixture } = await shown()
    button(screen, 'Pause… mail').click()
    await until(() => find(screen, 'dialog[open] input') !== null, 'the question')
    type(get(screen, 'dialog input'), 'relay is down')
    button(screen, 'Pause').click()
    await until(() => fixture.bodies.length > 0, 'the pause')
    assert(fixture.calls.includes('POST queues/mail/pause'), 'another command')
    assertEqual(fixture.bodies.at(-1), { reason: 'relay is down' })
    await until(() => fixture.calls.filter((call) => call === 'GET queues').length > 1, 'the new state')
  })

  it('pauses all that are found, one after the other', async () => {
    const { screen, element, fixture } = await shown()
    type(get(screen, 'input[type="search"]'), 'i')
    await until(() => names(screen).length === 4, 'four queues')
    button(screen, 'Pause all…').click()
    await until(() => textOf(get(screen, 'dialog')).includes('Pause 3 queues?'), 'the question')
    button(screen, 'Pause').click()
    await until(() => textOf(element).includes('3 queues are paused'), 'the toast')
    assertEqual(
      fixture.calls.filter((call) => call.endsWith('/pause')),
      ['POST queues/images/pause', 'POST queues/billing/pause', 'POST queues/mail/pause'],
    )
  })

  it('drains after it has said how many', async () => {
    const { screen, element, fixture } = await shown()
    button(screen, 'Drain… hooks').click()
    await until(() => textOf(get(screen, 'dialog')).includes('Cancel all 1,204 tasks that wait in hooks?'), 'the count')
    button(screen, 'Drain').click()
    await until(() => fixture.calls.includes('POST queues/hooks/drain'), 'the drain')
    await until(() => textOf(element).includes('Draining hooks has begun'), 'the toast')
  })

  it('offers nothing that the caller may not do', async () => {
    const { screen } = await shown({}, { capabilities: { actions: [] } })
    assertEqual(find(screen, '[data-verb]'), null)
  })

  it('opens the task that holds a lock', async () => {
    const { screen, element } = await shown()
    get<HTMLDetailsElement>(get(screen, 'task-locks'), 'details').open = true
    await until(() => textOf(screen).includes('order:88121'), 'the locks')
    button(screen, 'charge_card').click()
    await until(() => find(element, 'task-detail-panel') !== null, 'the panel')
  })

  it('keeps what it knows while nothing newer comes, and says so', async () => {
    const { screen, fixture } = await shown()
    fixture.fail('internal')
    fixture.push({ event: 'queues', id: null, data: { changed: true } })
    await until(() => textOf(screen).includes('nothing newer came'), 'the note')
    assert(names(screen).includes('hooks'), 'the rows are gone')
  })

  it('has words for no queues, for what is not offered and for who may not see', async () => {
    const { screen } = await shownScreen('queues', 'No queues yet', {}, { answers: { queues: () => [] } })
    assertEqual(find(screen, 'table'), null)
  })

  it('draws hundreds of them, with very long names, and fits 320 px', async () => {
    await setViewport({ width: 320, height: 700 })
    const views = Array.from({ length: 700 }, (_, index) => queue({ queue: `${'long_name_'.repeat(20)}${index}` }))
    const { screen } = await shownScreen('queues', '200 more: find them', {}, { answers: { queues: () => views } })
    assertEqual(names(screen).length, 500)
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })
})

function shown(attributes = {}, options: FixtureOptions = {}) {
  const answers = { queues: () => fleetQueues(Date.now()) }
  return shownScreen('queues', 'hooks', attributes, { answers, ...options })
}

function rowOf(screen: HTMLElement, name: string): HTMLElement {
  const row = findAll(screen, 'tbody tr').find((each) => textOf(get(each, '.link')).trim() === name)
  assert(row, `no row of ${name}`)
  return row
}

function names(screen: HTMLElement): string[] {
  return findAll(screen, 'table.queues .link').map((link) => textOf(link).trim())
}

function type(input: HTMLElement, text: string): void {
  ;(input as HTMLInputElement).value = text
  input.dispatchEvent(new Event('input', { bubbles: true }))
}
