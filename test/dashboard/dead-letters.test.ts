import { emulateMedia, setViewport } from '@web/test-runner-commands'
import { operatorOf } from './fixture-operations.ts'
import {
  assert,
  assertAccessible,
  assertEqual,
  button,
  find,
  findAll,
  get,
  mount,
  shownIds,
  textOf,
  unmountAll,
  until,
  type Mounted,
} from './mounted.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

async function mountDead(attributes: Readonly<Record<string, string>> = {}, hasOperations = true): Promise<Mounted> {
  const options = hasOperations ? { capabilities: { ...operatorOf } } : {}
  const mounted = await mount({ ...attributes, tab: 'dead-letters' }, options)
  await until(() => shownIds(mounted.element).length === 7, 'the failed rows')
  await until(() => find(mounted.element, '.bar select') !== null, 'the bar')
  if (hasOperations) await until(() => find(mounted.element, '[data-group]') !== null, 'the matrix')
  return mounted
}

function lastBody({ fixture }: Mounted): Readonly<Record<string, unknown>> {
  return (fixture.bodies.at(-1) ?? {}) as Record<string, unknown>
}

function rowOf(element: HTMLElement, group: string): HTMLElement {
  return get(element, `[data-group="${group}"]`)
}

function groupsOf(element: HTMLElement): string[] {
  return findAll(element, '[data-group]').map((row) => row.dataset['group'] ?? '')
}

/** Where the first row stands; null while none is seen. */
function topOfRows(element: HTMLElement): number | null {
  const row = get(element, 'tr[data-task-id]')
  return row.checkVisibility() ? row.getBoundingClientRect().top : null
}

describe('the Dead letters screen', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element, fixture } = await mountDead({ theme })
      fixture.operations.marks.set('aaaa000000000001', 'regressed').set('aaaa000000000002', 'ignored')
      fixture.push({ event: 'operations', id: null, data: { changed: true } })
      await until(() => textOf(element).includes('1 resolved or ignored'), 'the one that was put away')
      button(element, '1 resolved or ignored').click()
      await until(() => find(element, '.tag.ignored') !== null, 'its row')
      assert(find(element, '.tag.back') !== null, 'the one that came back')
      await assertAccessible(element)
    })
  }

  it('asks for the chosen window', async () => {
    const { element, fixture } = await mountDead()
    const select = get<HTMLSelectElement>(get(element, 'task-dead-letters'), 'select')
    select.value = '6h'
    select.dispatchEvent(new Event('change'))
    await until(
      () => fixture.calls.some((call) => /^GET \?.*status=failed.*since=|^GET \?.*since=.*status=failed/.test(call)),
      'the window',
    )
  })

  it('counts on the server before it replays a window', async () => {
    const mounted = await mountDead()
    const { element } = mounted
    button(element, 'Replay window…').click()
    await until(() => textOf(element).includes('Retry 7 tasks?'), 'the number')
    assert(textOf(get(element, 'dialog[open]')).includes('already retried are passed over'), 'nothing doubled')
    get<HTMLFormElement>(get(element, 'dialog[open]'), 'form').requestSubmit()
    await until(() => lastBody(mounted)['dry_run'] === undefined, 'the replay')
    assertEqual(lastBody(mounted)['filter'], { status: ['failed'] }, 'its filter')
    await until(() => find(element, '[role="progressbar"]') !== null, 'its progress')
  })

  it('narrows the rows to one error and a window by its number, and back', async () => {
    const { element } = await mountDead()
    const row = get(element, '[data-group="aaaa000000000002"]')
    findAll<HTMLButtonElement>(row, '.heat').at(-1)!.click()
    await until(() => shownIds(element).length === 4, 'the rows of one error')
    await until(() => get(element, '[data-group="aaaa000000000002"]').classList.contains('selected'), 'the mark')
    assertEqual(get<HTMLSelectElement>(element, '.bar select').value, '7d', 'the window')
    button(element, 'All errors').click()
    await until(() => shownIds(element).length === 7, 'all rows')
  })

  it('replays one error, and discards another', async () => {
    const mounted = await mountDead()
    const { element } = mounted
    get<HTMLButtonElement>(get(element, '[data-group="aaaa000000000001"]'), '[data-verb="replay"]').click()
    await until(() => find(element, '.sample') !== null, 'the question')
    assertEqual(lastBody(mounted)['filter'], { status: ['failed'], q: ['error_group:aaaa000000000001'] }, 'the filter')
    button(get(element, 'dialog[open]'), 'Not now').click()
    button(get(element, '[data-group="aaaa000000000002"]'), 'Discard…').click()
    await until(() => textOf(element).includes('Delete 4 tasks?'), 'the question')
  })

  it('marks what is new and what grows', async () => {
    const { element } = await mountDead()
    assert(textOf(get(element, '[data-group="aaaa000000000003"]')).includes('new'), 'new')
    assert(textOf(get(element, '[data-group="aaaa000000000001"]')).includes('growing'), 'growing')
    get<HTMLInputElement>(element, '.bar input[type="checkbox"]').click()
    await until(() => find(element, '[data-group]') === null, 'no matrix')
  })

  it('shows the rows together with the kinds of failure, and so never moves them', async () => {
    const { element, fixture } = await mount({}, { capabilities: { ...operatorOf } })
    let answer = () => {}
    fixture.waits.set('errors', new Promise((resolve) => (answer = resolve)))
    findAll(element, '[role="tab"]')
      .find((tab) => textOf(tab).includes('Dead letters'))
      ?.click()
    await until(() => find(element, 'task-dead-letters[pending]') !== null, 'the screen')
    await until(() => shownIds(element).length === 7, 'its rows')
    assertEqual(topOfRows(element), null, 'where they stand before')
    answer()
    await until(() => topOfRows(element) !== null, 'the rows')
    const top = topOfRows(element)
    await until(() => find(element, '[data-group]') !== null && find(element, '.rows-to-come') === null, 'the matrix')
    assertEqual(topOfRows(element), top, 'where they stand after')
  })

  it('says when each kind was seen first and last, and how it went', async () => {
    const { element } = await mountDead()
    const row = get(element, '[data-group="aaaa000000000002"]')
    assert(textOf(get(row, '.first')).includes('12 d ago'), textOf(row))
    assert(textOf(get(row, '.last')).includes('48 s ago'), textOf(row))
    const label = get(row, 'svg.trend').getAttribute('aria-label')
    assertEqual(label, 'Failures in each of the last 24 hours, at most 2', 'the trend in words')
  })

  it('resolves a kind of failure, which is put away, and reopens it', async () => {
    const { element, fixture } = await mountDead()
    const group = 'aaaa000000000002'
    get<HTMLButtonElement>(rowOf(element, group), '[data-verb="resolve"]').click()
    await until(() => find(element, `[data-group="${group}"]`) === null, 'its row to go')
    assert(fixture.calls.includes(`POST errors/${group}/resolve`), 'no command')
    await until(() => textOf(element).includes('Resolved until it is seen again: CardDeclined'), 'the toast')
    button(element, '1 resolved or ignored').click()
    await until(() => find(element, `[data-group="${group}"] .tag.resolved`) !== null, 'its row, resolved')
    assert(get(rowOf(element, group), '.tag.resolved').title.startsWith('by ann'), 'nobody said so')
    get<HTMLButtonElement>(rowOf(element, group), '[data-verb="reopen"]').click()
    await until(() => !textOf(element).includes('resolved or ignored'), 'nothing put away')
    assert(find(rowOf(element, group), '.tag.resolved') === null, 'it is still resolved')
  })

  it('leaves rows where they are while the pointer is on them', async () => {
    const { element } = await mountDead()
    const screen = get(element, '.screen')
    screen.dispatchEvent(new PointerEvent('pointerenter'))
    const before = groupsOf(element)
    get<HTMLButtonElement>(rowOf(element, before[0]!), '[data-verb="ignore"]').click()
    await until(() => find(element, '.tag.ignored') !== null, 'the mark')
    assertEqual(groupsOf(element), before, 'the rows')
    screen.dispatchEvent(new PointerEvent('pointerleave'))
    await until(() => groupsOf(element).length === before.length - 1, 'its row to go')
  })

  it('offers nobody to triage who may not', async () => {
    const actions = operatorOf.actions.filter((action) => action !== 'triage')
    const { element } = await mount({ tab: 'dead-letters' }, { capabilities: { ...operatorOf, actions } })
    await until(() => find(element, '[data-group]') !== null, 'the matrix')
    assertEqual(find(element, '[data-verb="resolve"], [data-verb="ignore"]'), null)
  })

  it('replays what is selected', async () => {
    const mounted = await mountDead()
    const { element } = mounted
    findAll<HTMLInputElement>(element, 'tbody tr[data-task-id] input[type="checkbox"]')
      .slice(0, 2)
      .forEach((box) => box.click())
    await until(() => find(element, '.bulk') !== null, 'the bulk bar')
    button(get(element, '.bulk'), 'Replay selected…').click()
    await until(() => textOf(element).includes('Retry 2 tasks?'), 'the question')
    get<HTMLFormElement>(get(element, 'dialog[open]'), 'form').requestSubmit()
    await until(() => lastBody(mounted)['dry_run'] === undefined, 'the replay')
  })

  it('replays windows and selections at once where there are no operations', async () => {
    const { element, fixture } = await mountDead({}, false)
    button(element, 'Replay window…').click()
    await until(() => find(element, 'dialog[open]') !== null, 'the question')
    assert(textOf(get(element, 'dialog[open]')).includes('Replay 7 tasks?'), 'the number')
    get<HTMLFormElement>(get(element, 'dialog[open]'), 'form').requestSubmit()
    await until(() => fixture.calls.some((call) => call.includes('POST retry-failed')), 'the replay')
    get<HTMLInputElement>(element, 'thead input').click()
    await until(() => find(element, '.bulk') !== null, 'the bulk bar')
    button(get(element, '.bulk'), 'Retry selected').click()
    await until(() => fixture.calls.some((call) => call.includes('POST bulk-retry')), 'the selection')
  })

  it('says so when there are none, and fits 320 px', async () => {
    await setViewport({ width: 320, height: 700 })
    const { element } = await mount({ tab: 'dead-letters' }, { tasks: [], capabilities: { ...operatorOf } })
    await until(() => textOf(element).includes('No dead letters'), 'the words')
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })
})
