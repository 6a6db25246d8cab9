import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands'
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
  type DashboardElement,
} from './mounted.ts'
import { makeTask, printworksTasks } from './printworks.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

const asked = (calls: readonly string[], search: string) =>
  calls.some((call) => call.startsWith('GET ?') && new URLSearchParams(call.slice(5)).get('q') === search)

function options(element: Node): string[] {
  return find(element, '.completions:popover-open')
    ? findAll(element, '.option .mono').map((option) => textOf(option).trim())
    : []
}

function terms(element: Node): string[] {
  return findAll(element, '.chip.term').map((chip) => chip.dataset['term'] ?? '')
}

describe('the query box', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility with chips and completions, ${theme}`, async () => {
      const { element } = await mount({ theme })
      await sendKeys({ press: '/' })
      await sendKeys({ type: '-func:heartbeat que' })
      await until(() => options(element).includes('queue:'), 'the completions')
      await sendKeys({ press: 'ArrowDown' })
      await until(() => find(element, 'input[aria-activedescendant]') !== null, 'the chosen one')
      await assertAccessible(element)
    })
  }

  it('completes qualifiers and values by keys, and makes a chip of what is whole', async () => {
    const { element, fixture } = await mount()
    await sendKeys({ press: '/' })
    await until(() => options(element).includes('func:'), 'the qualifiers')
    const input = get<HTMLInputElement>(element, 'input[type="search"]')
    assertEqual([input.getAttribute('role'), input.getAttribute('aria-expanded')], ['combobox', 'true'])
    await sendKeys({ press: 'ArrowDown' })
    const first = get(element, '.option')
    await until(() => input.getAttribute('aria-activedescendant') === first.id, 'the option that is named')
    await sendKeys({ press: 'Enter' })
    await until(() => input.value === 'func:' && options(element).includes('charge_card'), 'the functions')
    await sendKeys({ type: 'charge' })
    await until(() => options(element).length === 1, 'one of them')
    await sendKeys({ press: 'ArrowDown' })
    await sendKeys({ press: 'Tab' })
    await until(() => asked(fixture.calls, 'func:charge_card'), 'the question')
    assertEqual([terms(element), input.value], [['func:charge_card'], ''])
    await sendKeys({ press: 'Escape' })
    await until(() => options(element).length === 0, 'no list')
    assert(input.matches(':focus'), 'the focus stays')
  })

  it('completes processes, users and sources', async () => {
    const tasks = [makeTask({ workerId: 'web-1.7f', userLabel: 'Ann Lee' }), ...printworksTasks()]
    const { element, fixture } = await mount({}, { tasks })
    await sendKeys({ press: '/' })
    await sendKeys({ type: '-source:' })
    await until(() => options(element).join() === 'manual,scheduled,retry,api', 'the sources')
    await sendKeys({ type: 'sch' })
    await until(() => options(element).length === 1, 'one of them')
    await sendKeys({ press: 'ArrowDown' })
    await sendKeys({ press: 'Enter' })
    await sendKeys({ type: 'user:ann' })
    await until(() => options(element).includes('Ann Lee'), 'the user')
    await sendKeys({ press: 'ArrowDown' })
    await sendKeys({ press: 'Enter' })
    await sendKeys({ type: 'worker:web' })
    await until(() => options(element).includes('web-1.7f'), 'the process')
    await sendKeys({ press: 'ArrowDown' })
    await sendKeys({ press: 'Enter' })
    await until(() => asked(fixture.calls, '-source:scheduled user:"Ann Lee" worker:web-1.7f'), 'the question')
    assert(!fixture.calls.some((call) => call.includes('field=source')), 'what is known is not asked')
    assertEqual(terms(element), ['-source:scheduled', 'user:"Ann Lee"', 'worker:web-1.7f'], 'the chips')
  })

  it('completes by the mouse without losing the focus', async () => {
    const { element, fixture } = await mount()
    await sendKeys({ press: '/' })
    await sendKeys({ type: 'queue:' })
    await until(() => options(element).includes('mail'), 'the queues')
    const option = findAll(element, '.option').find((found) => textOf(found).includes('mail'))
    option?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, cancelable: true, composed: true }))
    option?.click()
    await until(() => asked(fixture.calls, 'queue:mail'), 'the question')
    assert(get(element, 'input[type="search"]').matches(':focus'), 'the focus')
  })

  it('works on what the page knows where the server cannot complete', async () => {
    const { element } = await mount({}, { tasks: [makeTask({ tags: { env: 'prod' } }), ...printworksTasks()] })
    await sendKeys({ press: '/' })
    await sendKeys({ type: 'tag.e' })
    await until(() => options(element).includes('tag.env'), 'the tag')
    await sendKeys({ press: 'ArrowDown' })
    await sendKeys({ press: 'Enter' })
    await until(() => options(element).includes('prod'), 'its value')
  })

  it('removes, negates and edits a term', async () => {
    const { element, fixture } = await mount()
    await sendKeys({ press: '/' })
    await sendKeys({ type: 'queue:mail send ' })
    await until(() => asked(fixture.calls, 'queue:mail send'), 'the question')
    assertEqual(terms(element), ['queue:mail', 'send'])
    button(element, 'Leave out mail').click()
    await until(() => asked(fixture.calls, '-queue:mail send'), 'the negated question')
    assertEqual(button(element, 'Leave out mail').ariaPressed, 'true')
    button(element, 'send').click()
    const input = get<HTMLInputElement>(element, 'input[type="search"]')
    await until(() => input.value === 'send' && input.matches(':focus'), 'the text')
    await sendKeys({ type: '_receipt' })
    await sendKeys({ press: 'Enter' })
    await until(() => asked(fixture.calls, '-queue:mail send_receipt'), 'the edited question')
    button(element, 'Remove -queue:mail').click()
    await until(() => asked(fixture.calls, 'send_receipt'), 'the shorter question')
    await sendKeys({ press: 'Backspace' })
    await until(() => input.value === 'send_receipt', 'the last term as text')
  })

  it('tells a fault at its place beside chips, and what is open stays text', async () => {
    const { element } = await mount()
    await sendKeys({ press: '/' })
    await sendKeys({ type: 'send error:"card decl' })
    await until(() => textOf(element).includes('at position 11'), 'the problem')
    assertEqual(terms(element), ['send'])
    await until(() => find(element, 'mark')?.textContent === '"card decl', 'the place')
    await sendKeys({ type: 'ined" ' })
    await until(() => terms(element).length === 2, 'both terms')
  })

  it('narrows by a tag or queue of a row, once', async () => {
    const { element, fixture } = await mount()
    const queue = get(element, 'td[data-column="queue"] button.narrower')
    const term = queue.dataset['term'] ?? ''
    queue.click()
    await until(() => asked(fixture.calls, term), 'the question')
    await until(() => terms(element).length === 1, 'the chip')
    get(element, `button.narrower[data-term="${term}"]`).click()
    assertEqual(terms(element), [term])
    assertEqual(find(element, 'task-detail-panel'), null, 'the panel')
  })

  it('narrows by the user, source and worker of a row', async () => {
    const task = makeTask({ workerId: 'web-1.7f', userLabel: 'Ann Lee', source: 'api' })
    const { element, fixture } = await mount({}, { tasks: [task, ...printworksTasks()] })
    const page = element as DashboardElement & { columns: unknown }
    page.columns = { order: ['function', 'user', 'source', 'worker'] }
    const cell = (name: string) => find(element, `[data-task-id="${task.taskId}"] [data-column="${name}"] .narrower`)
    await until(() => cell('worker') !== null, 'the columns')
    assertEqual(
      ['user', 'source', 'worker'].map((name) => cell(name)?.dataset['term']),
      ['user:"Ann Lee"', 'source:api', 'worker:web-1.7f'],
      'the terms',
    )
    cell('user')?.click()
    await until(() => asked(fixture.calls, 'user:"Ann Lee"'), 'the question')
    cell('source')?.click()
    await until(() => asked(fixture.calls, 'user:"Ann Lee" source:api'), 'both')
    assertEqual(find(element, 'task-detail-panel'), null, 'the panel')
  })

  it('hangs its list at the start of the box, from right to left too', async () => {
    document.documentElement.dir = 'rtl'
    try {
      const { element } = await mount({ locale: 'ar' })
      await until(() => find(element, '[part="root"][dir="rtl"]') !== null, 'the language')
      await sendKeys({ press: '/' })
      await until(() => find(element, '.completions:popover-open') !== null, 'the list')
      const box = get(element, '.box').getBoundingClientRect()
      const list = get(element, '.completions').getBoundingClientRect()
      const isRight = getComputedStyle(get(element, '.box')).direction === 'rtl'
      assert(Math.abs(isRight ? box.right - list.right : box.left - list.left) < 2, `${list.left}–${list.right}`)
    } finally {
      document.documentElement.dir = ''
    }
  })
})

describe('the address', () => {
  it('keeps filters, columns and the open task, and Back closes the task', async () => {
    const { element } = await mount({ 'url-state': '' })
    const before = history.length
    await sendKeys({ press: '/' })
    await sendKeys({ type: 'charge ' })
    await until(() => location.hash.includes('q=charge'), 'the search in the address')
    assertEqual(history.length, before, 'steps after typing')
    const id = shownIds(element)[0] ?? ''
    await element.openTask(id)
    await until(() => location.hash.includes(`task=${id}`), 'the task in the address')
    assertEqual(history.length, before + 1, 'steps after opening')
    history.back()
    await until(
      () => find(element, 'task-detail-panel') === null && !location.hash.includes('task='),
      'the closed panel',
    )
    assert(location.hash.includes('q=charge'), location.hash)
    history.forward()
    await until(() => find(element, 'task-detail-panel') !== null, 'the panel again')
  })
})
