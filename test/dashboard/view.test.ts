import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands'
import { makeTask, printworksTasks } from './printworks.ts'
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
} from './mounted.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

describe('the View screen', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await mount({ theme })
      await until(() => textOf(element).includes('Live'), 'the live state')
      await assertAccessible(element)
    })
  }

  it('shows 30 rows, newest first, with figures and the words of the page', async () => {
    const { element } = await mount()
    const ids = shownIds(element)
    assertEqual(ids.length, 30)
    assert(textOf(element).includes('1–30 of 45'), 'the words of the page')
    const strip = textOf(get(element, 'task-stat-strip'))
    assert(strip.includes('Failed') && strip.includes('Success rate'), strip)
  })

  it('asks for another order when a head is clicked, and says so', async () => {
    const { element, fixture } = await mount()
    button(element, 'Duration').click()
    await until(() => fixture.calls.some((call) => call.includes('sort=duration&order=desc')), 'the sorted question')
    await until(() => get(element, 'th[data-column="duration"]').ariaSort === 'descending', 'aria-sort')
    assertEqual(findAll(element, 'th[aria-sort]').length, 1)
    button(element, 'Duration').click()
    await until(() => fixture.calls.some((call) => call.includes('sort=duration&order=asc')), 'the other order')
  })

  it('filters by a status cell, shows a chip, and the chip takes it away', async () => {
    const { element, fixture } = await mount()
    const cell = findAll<HTMLButtonElement>(element, 'button.cell').find((found) => textOf(found).includes('Failed'))
    cell?.click()
    await until(() => fixture.calls.some((call) => /^GET \?.*status=failed/.test(call)), 'the filtered question')
    await until(() => shownIds(element).length === 7, 'the failed rows')
    assertEqual(cell?.getAttribute('aria-pressed'), 'true')
    button(element, 'Remove filter status failed').click()
    await until(() => shownIds(element).length === 30, 'all rows again')
  })

  it('filters by function and time from the menus', async () => {
    const { element, fixture } = await mount()
    const menu = get(element, 'task-choice-menu[label="Function"]')
    await until(() => find(menu, 'label.item') !== null, 'the menu')
    get<HTMLButtonElement>(menu, 'button').click()
    findAll<HTMLInputElement>(menu, 'label.item input')[0]?.click()
    await until(() => fixture.calls.some((call) => /^GET \?.*func_name=charge_card/.test(call)), 'the function')
    const time = get(element, 'task-time-menu')
    get<HTMLButtonElement>(time, 'button').click()
    get<HTMLFormElement>(time, 'form').requestSubmit()
    await until(() => fixture.calls.some((call) => /^GET \?.*since=/.test(call)), 'the time')
    await until(() => textOf(time).includes('Last 2 h'), 'the words')
  })

  it('keeps the counts of a menu in sight beside names of any length', async () => {
    const { element } = await mount({}, { tasks: [makeTask({ taskId: 'a'.repeat(36), funcName: 'f'.repeat(120) })] })
    const menu = get(element, 'task-choice-menu[label="Function"]')
    await until(() => find(menu, 'label.item') !== null, 'the menu')
    get<HTMLButtonElement>(menu, 'button').click()
    const panel = get(menu, '.menu')
    assert(panel.scrollWidth <= panel.clientWidth, 'the name pushes its count out')
  })

  it('says of a waiting task when it starts: at its time, or after the response to its request', async () => {
    const none = { startTime: null, endTime: null, durationMs: null, waitMs: null }
    const waiting = { ...none, status: 'pending', attempt: 0, runAt: Date.now() + 25_000 } as const
    const held = makeTask({ ...waiting, taskId: 'a'.repeat(36), workerId: 'web-1' })
    const delayed = makeTask({ ...waiting, taskId: 'b'.repeat(36), workerId: null })
    const { element } = await mount({}, { tasks: [held, delayed] })
    const noteOf = (id: string): string => textOf(get(element, `tr[data-task-id="${id.repeat(36)}"]`))
    assert(noteOf('a').includes('starts after the response'), noteOf('a'))
    assert(/starts in \d/.test(noteOf('b')), noteOf('b'))
  })

  it('searches as one types and tells what is wrong at its place', async () => {
    const { element, fixture } = await mount()
    await sendKeys({ press: '/' })
    await sendKeys({ type: 'charge' })
    await until(() => fixture.calls.some((call) => /^GET \?.*q=charge/.test(call)), 'the search')
    await sendKeys({ type: ' error:"open' })
    await until(() => textOf(element).includes('at position'), 'the problem')
    const input = get(element, 'input[type="search"]')
    assertEqual(input.getAttribute('aria-invalid'), 'true')
    assertEqual(getComputedStyle(input).outlineStyle, 'none', 'the ring is around the box, not twice')
  })

  it('says that nothing matches and clears the filters', async () => {
    const { element } = await mount()
    await sendKeys({ press: '/' })
    await sendKeys({ type: 'nosuchfunction' })
    await until(() => textOf(element).includes('Nothing matches'), 'the notice')
    await assertAccessible(element)
    findAll<HTMLButtonElement>(get(element, 'task-notice'), 'button')[0]?.click()
    await until(() => shownIds(element).length === 30, 'all rows again')
  })

  it('goes to older rows and back to the newest', async () => {
    const { element } = await mount()
    const first = shownIds(element)
    button(element, 'Older').click()
    await until(() => textOf(element).includes('31–45 of 45'), 'the second page')
    assert(!first.includes(shownIds(element)[0] ?? ''), 'other rows')
    button(element, 'Newest').click()
    await until(() => textOf(element).includes('1–30 of 45'), 'the first page')
    assertEqual(shownIds(element), first)
  })

  it('holds back changes while paused and counts them', async () => {
    const { element, fixture } = await mount()
    await until(() => textOf(element).includes('Live'), 'the live state')
    button(element, 'Pause').click()
    await until(() => textOf(element).includes('Paused'), 'the pause')
    const before = shownIds(element)
    const fresh = makeTask({ taskId: '0193a4c2-77d0-7e1f-b3a0-00000000ffff', createdAt: Date.now() })
    fixture.tasks = [fresh, ...fixture.tasks]
    fixture.push({ event: 'tasks', id: null, data: { changed: [fresh], removed: [], overflow: null } })
    await until(() => textOf(get(element, 'task-header')).includes('1 new'), 'the count')
    assertEqual(shownIds(element), before, 'rows while paused')
    button(element, 'Resume').click()
    await until(() => shownIds(element)[0] === fresh.taskId, 'the new row')
  })

  it('moves over rows by keys, selects, retries and opens', async () => {
    const { element, fixture } = await mount()
    const selected: unknown[] = []
    element.addEventListener('task-select', (event) => selected.push((event as CustomEvent).detail.taskId))
    await sendKeys({ press: 'j' })
    await sendKeys({ press: 'j' })
    const id = fixture.tasks[1]!.taskId
    await until(() => find(element, 'tr:focus')?.dataset['taskId'] === id, 'the second row')
    await sendKeys({ press: 'x' })
    await until(() => textOf(element).includes('1 selected'), 'the selection')
    await sendKeys({ press: 'x' })
    await sendKeys({ press: 'r' })
    await until(() => fixture.calls.includes(`POST ${id}/retry`), 'the retry')
    await sendKeys({ press: 'Enter' })
    await until(() => selected[0] === id, 'the opened task')
  })

  it('retries what is selected', async () => {
    const { element, fixture } = await mount()
    for (const box of findAll<HTMLInputElement>(element, 'td input[type="checkbox"]').slice(0, 2)) box.click()
    await until(() => textOf(element).includes('2 selected'), 'the selection')
    await assertAccessible(element)
    button(element, 'Retry selected').click()
    await until(() => fixture.calls.includes('POST bulk-retry') && fixture.bodies.length > 0, 'the command')
    assertEqual(
      (fixture.bodies.at(-1) as { task_ids: string[] }).task_ids,
      fixture.tasks.slice(0, 2).map(({ taskId }) => taskId),
    )
  })

  it('lets the page call an action off', async () => {
    const { element, fixture } = await mount()
    element.addEventListener('task-before-action', (event) => event.preventDefault())
    await sendKeys({ press: 'j' })
    await sendKeys({ press: 'j' })
    await sendKeys({ press: 'r' })
    await sendKeys({ press: 'j' })
    assert(!fixture.calls.some((call) => call.startsWith('POST')), 'no command')
  })

  it('opens its help and closes it', async () => {
    const { element } = await mount()
    await sendKeys({ press: '?' })
    await until(() => find(element, 'dialog[open]') !== null, 'the help')
    await assertAccessible(element)
    await sendKeys({ press: 'Escape' })
    await until(() => find(element, 'dialog[open]') === null, 'its end')
  })

  it('clears history only after asking', async () => {
    const { element, fixture } = await mount()
    button(element, 'Clear history').click()
    await until(() => find(element, 'dialog[open]') !== null, 'the question')
    await assertAccessible(element)
    assert(!fixture.calls.some((call) => call.startsWith('DELETE')), 'nothing yet')
    get<HTMLFormElement>(get(element, 'task-clear-history-dialog'), 'form').requestSubmit()
    await until(
      () => fixture.calls.some((call) => call.startsWith('DELETE history?value=30&unit=day&status=success')),
      'the command',
    )
  })

  it('sets the time range from the chart by keys', async () => {
    const { element, fixture } = await mount()
    get(element, '.plot').focus()
    await sendKeys({ press: 'ArrowLeft' })
    await sendKeys({ down: 'Shift' })
    await sendKeys({ press: 'ArrowLeft' })
    await sendKeys({ up: 'Shift' })
    await sendKeys({ press: 'Enter' })
    await until(() => fixture.calls.some((call) => /^GET \?.*since=.*until=/.test(call)), 'the range')
    assert(textOf(get(element, 'task-time-menu')).includes('Custom'), 'the word')
  })
})

describe('every width', () => {
  for (const width of [320, 390, 700, 1024, 2560]) {
    it(`has no horizontal overflow at ${width} px`, async () => {
      await setViewport({ width, height: 800 })
      const { element } = await mount()
      await until(() => textOf(element).includes('Live'), 'the live state')
      assert(document.documentElement.scrollWidth <= window.innerWidth, `${document.documentElement.scrollWidth} px`)
      if (width <= 390) await assertAccessible(element)
    })
  }
})

describe('more rows than one screen', () => {
  it('stays where it is while the pointer rests on a row', async () => {
    const { element, fixture } = await mount()
    await until(() => textOf(element).includes('Live'), 'the live state')
    const before = shownIds(element)
    get(element, 'tbody').dispatchEvent(new PointerEvent('pointerenter'))
    const fresh = makeTask({ taskId: '0193a4c2-77d0-7e1f-b3a0-00000000eeee', createdAt: Date.now() })
    fixture.tasks = [fresh, ...printworksTasks()]
    fixture.push({ event: 'tasks', id: null, data: { changed: [fresh], removed: [], overflow: null } })
    await until(() => /Show \d+ changes?/.test(textOf(element)), 'the offer')
    assertEqual(shownIds(element), before, 'rows under the pointer')
    get(element, 'tbody').dispatchEvent(new PointerEvent('pointerleave'))
    await until(() => shownIds(element)[0] === fresh.taskId, 'the new row')
  })
})
