import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands'
import { printworksTasks } from './printworks.ts'
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

const operatorActions = ['retry', 'cancel', 'run_now', 'delete', 'bulk_retry', 'clear_history']
const failedRow = 1
const webhookRow = 11
const interruptedRow = 6

interface PanelElement extends HTMLElement {
  open: { detail: { version: number } }
}

interface LogElement extends HTMLElement {
  logs: readonly object[]
  formats: unknown
  updateComplete: Promise<boolean>
}

describe('the panel of an open task', () => {
  for (const theme of ['light', 'dark']) {
    for (const tab of ['details', 'attempts', 'logs', 'error']) {
      it(`breaks no rule of accessibility: ${tab}, ${theme}`, async () => {
        const { element } = await opened(failedRow, { theme })
        get(element, `[data-tab="${tab}"]`).click()
        await until(() => get(element, `[data-tab="${tab}"]`).ariaSelected === 'true', tab)
        await assertAccessible(get(element, 'task-detail-panel'))
      })
    }
  }

  it('draws the attempts on one axis, and says the same in words', async () => {
    const { element } = await opened(failedRow)
    get(element, '[data-tab="attempts"]').click()
    await until(() => find(element, '.waterfall') !== null, 'the waterfall')
    const rows = findAll(get(element, '.waterfall'), 'li')
    assertEqual(rows.length, 4, 'a row for each attempt')
    assert(/^Attempt 2: waited [\d.]+ (ms|s), failed after 501 ms/.test(spoken(rows[1])), spoken(rows[1]))
    const starts = findAll(get(element, '.waterfall'), '.run').map((bar) => bar.getBoundingClientRect().left)
    assertEqual(
      starts,
      [...starts].sort((a, b) => a - b),
      'each attempt begins after the one before',
    )
    get(rows[2] as HTMLElement, 'button').click()
    await until(() => get(element, '#attempt-3').matches(':focus'), 'the card of the third attempt')
  })

  it('opens and closes arguments as a tree, with the keyboard, and copies parts of them', async () => {
    const { element } = await opened(webhookRow)
    await until(() => find(element, '[role="treeitem"]') !== null, 'the tree')
    const tree = get(element, 'task-json-tree')
    assert(textOf(tree).includes('9007199254740993123'), 'a big integer keeps all its digits')
    assert(textOf(tree).includes('Show all 1,860 characters'), 'a long text is cut')
    assert(!textOf(tree).includes('Mühlenweg'), 'what is deep is closed')
    get(tree, '[data-path="$[0].customer"]').focus()
    await sendKeys({ press: 'ArrowRight' })
    await until(() => find(tree, '[data-path="$[0].customer.address"]') !== null, 'its members')
    await sendKeys({ press: 'ArrowDown' })
    await sendKeys({ press: 'ArrowDown' })
    await sendKeys({ press: 'Enter' })
    const street = '[data-path="$[0].customer.address.street"]'
    await until(() => find(tree, street) !== null, 'the address')
    await sendKeys({ press: 'ArrowLeft' })
    await until(() => find(tree, street) === null, 'the closed address')
    get(tree, '[data-path="$[0].lines"]').click()
    await until(() => textOf(tree).includes('40 more'), 'a hundred of the members')
    await assertAccessible(tree)
  })

  it('keeps what is open in a tree when the task changes', async () => {
    const tasks = printworksTasks()
    const { element, fixture } = await opened(webhookRow, {}, tasks)
    const tree = get(element, 'task-json-tree')
    get(tree, '[data-path="$[0].customer"]').click()
    await until(() => find(tree, '[data-path="$[0].customer.name"]') !== null, 'its members')
    const task = tasks[webhookRow]
    assert(task, 'a task')
    const changed = [{ ...task, version: 7, userLabel: 'news' }]
    fixture.push({ event: 'tasks', id: null, data: { changed, removed: [], overflow: null } })
    const panel = get<PanelElement>(element, 'task-detail-panel')
    await until(() => panel.open.detail.version === 7, 'the news')
    assert(find(tree, '[data-path="$[0].customer.name"]') !== null && tree.isConnected, 'it is still open')
  })

  it('narrows the list to a tag', async () => {
    const { element, fixture } = await opened(11)
    get(element, 'button.tag').click()
    await until(() => fixture.calls.some((call) => /[?&]q=tag\.tenant%3Aost/.test(call)), 'the narrower question')
  })

  it('tells what people did with the task, and only to whom may know it', async () => {
    const { element } = await opened(failedRow, {}, printworksTasks(), [...operatorActions, 'read_audit'])
    get(get(element, 'task-detail-panel'), '[data-tab="audit"]').click()
    await until(() => find(element, '.deeds') !== null, 'the deeds')
    const words = textOf(get(element, '.deeds'))
    for (const expected of ['Retried', 'ann@printworks.example', 'The bank is back', 'denied']) {
      assert(words.includes(expected), `${expected} is missing in ${words}`)
    }
    await assertAccessible(element)
    unmountAll()
    const { element: other } = await opened(failedRow)
    assert(find(get(other, 'task-detail-panel'), '[data-tab="audit"]') === null, 'no tab without the right')
  })

  it('reveals what is masked after a reason, and hides it again', async () => {
    const { element, fixture } = await opened(failedRow, {}, printworksTasks(), [...operatorActions, 'reveal'])
    await until(() => textOf(element).includes('Reveal…'), 'the button')
    button(element, 'Reveal…').click()
    await until(() => find(element, '.reveal-form input')?.matches(':focus') ?? false, 'the question why')
    await sendKeys({ type: 'the customer asks' })
    await sendKeys({ press: 'Enter' })
    await until(() => textOf(get(element, 'task-json-tree')).includes('4111 1111'), 'the truth')
    assert(JSON.stringify(fixture.bodies).includes('the customer asks'), 'the reason is sent')
    button(element, 'Hide again').click()
    await until(() => !textOf(get(element, 'task-json-tree')).includes('4111 1111'), 'the mask')
  })

  it('counts the same error elsewhere and leads there', async () => {
    const { element, fixture } = await opened(failedRow, {}, printworksTasks(), operatorActions, ['errors'])
    get(element, '[data-tab="error"]').click()
    await until(() => textOf(get(element, 'task-detail-panel')).includes('213 other tasks'), 'the count')
    button(element, '213 other tasks').click()
    await until(
      () => fixture.calls.some((call) => call.includes('q=error_group%3A5d1f00aa5d1f00aa')),
      'the list of them',
    )
  })

  it('goes to the tasks above and below with K and J', async () => {
    const { element } = await opened(failedRow)
    const panel = get(element, 'task-detail-panel')
    const ids = shownIds(element)
    get(panel, '.panel').focus()
    await sendKeys({ press: 'J' })
    await until(() => textOf(panel).includes(ids[2] ?? '?'), 'the task below')
    await sendKeys({ press: 'K' })
    await until(() => textOf(panel).includes(ids[1] ?? '?'), 'the task above')
  })

  it('says what happened: facts, lifecycle, arguments, runs', async () => {
    const { element } = await opened(failedRow)
    const words = textOf(get(element, 'task-detail-panel'))
    for (const expected of ['charge_card', '3/3', 'attempts 2 and 3 failed alike', 'gave up', '88121', 'p95 1.8 s']) {
      assert(words.includes(expected), `${expected} is missing in ${words}`)
    }
  })

  it('walks its tabs with the arrow keys', async () => {
    const { element } = await opened(failedRow)
    get(element, '[data-tab="details"]').focus()
    await sendKeys({ press: 'ArrowRight' })
    await until(() => find(element, 'article.attempt') !== null, 'the attempts')
    assertEqual(findAll(element, 'article.attempt').length, 4)
    await sendKeys({ press: 'End' })
    await until(() => get(element, '[data-tab="error"]').ariaSelected === 'true', 'the last tab')
    assert(textOf(get(element, 'task-detail-panel')).includes('CardDeclined'), 'the error')
  })

  it('closes on Escape', async () => {
    const { element } = await opened(failedRow)
    await sendKeys({ press: 'Escape' })
    await until(() => find(element, 'task-detail-panel') === null, 'the panel to close')
  })

  it('gives the focus back to the row it was opened from', async () => {
    const { element } = await mount()
    const row = findAll(element, 'tr[data-task-id]')[3]
    row?.focus()
    await sendKeys({ press: 'Enter' })
    await until(
      () => find(element, 'task-detail-panel:focus-within [data-tab], task-detail-panel') !== null,
      'the panel',
    )
    await until(() => element.shadowRoot?.activeElement?.localName === 'task-detail-panel', 'the focus in it')
    await sendKeys({ press: 'Escape' })
    await until(() => row?.matches(':focus') ?? false, 'the focus on the row')
  })

  it('asks at once when a key means what cannot be undone, and gives the focus back', async () => {
    const { element, fixture } = await mount()
    const row = findAll(element, 'tr[data-task-id]')[interruptedRow]
    row?.focus()
    await sendKeys({ press: 'r' })
    await until(() => openDialog(element) !== null, 'the dialog')
    assert(find(element, 'task-detail-panel') === null, 'no panel opens')
    assert(textOf(openDialog(element) as Node).includes('partially executed'), 'the warning')
    await sendKeys({ press: 'Escape' })
    await until(() => openDialog(element) === null && (row?.matches(':focus') ?? false), 'the focus on the row')
    await sendKeys({ press: 'r' })
    await until(() => openDialog(element) !== null, 'the dialog again')
    get<HTMLFormElement>(openDialog(element) as Node, 'form').requestSubmit()
    await until(() => fixture.calls.some((call) => /^POST .*retry/.test(call)), 'the retry')
  })

  it('is made wider with the keyboard', async () => {
    const { element } = await opened(failedRow)
    const panel = get(element, 'task-detail-panel')
    const before = panel.getBoundingClientRect().width
    get(element, '.handle').focus()
    await sendKeys({ press: 'ArrowLeft' })
    await until(() => panel.getBoundingClientRect().width > before, 'a wider panel')
  })

  it('asks before it retries what may have partially executed', async () => {
    const { element, fixture } = await opened(interruptedRow)
    get(element, '[data-action="retry"]').focus()
    get(element, '[data-action="retry"]').click()
    await until(
      () => find(element, 'task-detail-panel')?.shadowRoot !== null && openDialog(element) !== null,
      'the dialog',
    )
    assert(textOf(openDialog(element) as Node).includes('partially executed'), 'the warning')
    await assertAccessible(element)
    await sendKeys({ press: 'Escape' })
    await until(() => openDialog(element) === null, 'the dialog to close')
    assert(get(element, '[data-action="retry"]').matches(':focus'), 'the focus is on the button again')
    assert(find(element, 'task-detail-panel') !== null, 'Escape in the dialog leaves the panel open')
    assert(!fixture.calls.some((call) => call.startsWith('POST')), 'nothing was sent')
    get(element, '[data-action="retry"]').click()
    await until(() => openDialog(element) !== null, 'the dialog again')
    get<HTMLFormElement>(openDialog(element) as Node, 'form').requestSubmit()
    await until(() => fixture.calls.some((call) => /^POST .*retry/.test(call)), 'the retry')
  })

  it('keeps tab, scroll and selection through 500 updates', async () => {
    const tasks = printworksTasks()
    const { element, fixture } = await opened(failedRow, {}, tasks)
    get(element, '[data-tab="attempts"]').click()
    await until(() => find(element, '.stack b') !== null, 'a stack')
    await setViewport({ width: 1280, height: 420 })
    const body = get(element, '.body')
    body.scrollTop = 60
    const scrolledTo = body.scrollTop
    assert(scrolledTo > 0, 'it is scrolled')
    const marked = get(element, '.stack b')
    document.getSelection()?.selectAllChildren(marked)
    const selected = document.getSelection()?.toString() ?? ''
    assert(selected !== '', 'text is selected')
    const task = tasks[failedRow]
    assert(task, 'a task')
    for (let version = 2; version <= 501; version += 1) {
      const changed = [{ ...task, version, userLabel: `news ${version}` }]
      fixture.push({ event: 'tasks', id: null, data: { changed, removed: [], overflow: null } })
    }
    const panel = get<PanelElement>(element, 'task-detail-panel')
    await until(() => panel.open.detail.version === 501, 'the last version')
    assertEqual(get(element, '[data-tab="attempts"]').ariaSelected, 'true', 'tab')
    assertEqual(body.scrollTop, scrolledTo, 'scroll')
    assertEqual(document.getSelection()?.toString(), selected, 'selected text')
    assert(get(element, '.stack b') === marked && marked.isConnected, 'the marked text is the same node')
  })

  it('shows hostile words as they are', async () => {
    const hostile = '<img src=x onerror="window.hacked=1"><b>\u202Eevil\u0000'
    const tasks = printworksTasks()
    const [first] = tasks
    assert(first, 'a task')
    tasks[0] = { ...first, status: 'failed', funcName: hostile, error: hostile, tags: { [hostile]: hostile } }
    const { element } = await opened(0, {}, tasks)
    for (const tab of ['details', 'attempts', 'error']) {
      get(element, `[data-tab="${tab}"]`).click()
      await until(() => get(element, `[data-tab="${tab}"]`).ariaSelected === 'true', tab)
      assertEqual(findAll(get(element, 'task-detail-panel'), 'img').length, 0)
    }
    assert(textOf(get(element, 'task-detail-panel')).includes('<img src=x'), 'literal text')
    assert(!('hacked' in window), 'nothing ran')
  })

  it('fits 320 px', async () => {
    await setViewport({ width: 320, height: 700 })
    const { element } = await opened(failedRow)
    for (const tab of ['details', 'attempts', 'logs', 'error']) {
      get(element, `[data-tab="${tab}"]`).click()
      await until(() => get(element, `[data-tab="${tab}"]`).ariaSelected === 'true', tab)
      assert(document.documentElement.scrollWidth <= window.innerWidth, `${tab} overflows`)
    }
  })
})

describe('the log', () => {
  it('shows the colours of a terminal as its own, and marks what is searched for', async () => {
    const line = { at: 0, level: 'info', extra: null, attempt: 1 }
    const view = await shownLog([
      { ...line, line: 1, message: '\u001b[31mred \u001b[1mand bold\u001b[0m plain \u001b]8;;http://x\u0007link' },
      { ...line, line: 2, message: 'nothing of it' },
    ])
    assertEqual(get(view, '.red').textContent, 'red ')
    assert(textOf(get(view, '[data-line="1"]')).includes('red and bold plain link'), 'no orders are left')
    const search = get<HTMLInputElement>(view, 'input')
    search.value = 'D AND b'
    search.dispatchEvent(new Event('input'))
    await until(() => findAll(view, 'mark').length === 2, 'the marks')
    assertEqual(
      findAll(view, 'mark')
        .map((mark) => mark.textContent)
        .join(),
      'd ,and b',
    )
    await assertAccessible(view)
    view.remove()
  })

  it('draws few of 100,000 lines, filters and searches them', async () => {
    const view = await shownLog(
      Array.from({ length: 100_000 }, (_, index) => ({
        line: index + 1,
        at: index,
        level: index % 1_000 === 0 ? 'error' : 'info',
        message: `line ${index + 1} of many`,
        attempt: index < 50_000 ? 1 : 2,
        extra: null,
      })),
    )
    await until(() => textOf(view).includes('line 100000 of many'), 'the end, as it follows')
    assert(findAll(view, '[data-line]').length < 100, 'only what is seen is drawn')
    const search = get<HTMLInputElement>(view, 'input')
    search.value = 'line 77777 '
    search.dispatchEvent(new Event('input'))
    await until(() => findAll(view, '[data-line]').length === 1, 'the one line')
    await assertAccessible(view)
    view.remove()
  })

  it('offers the whole of each line that does not fit, under a head for each attempt', async () => {
    const line = { at: 0, level: 'info', extra: null }
    const view = await shownLog([
      { ...line, line: 1, attempt: 1, message: 'short' },
      { ...line, line: 2, attempt: 2, message: 'forty letters or so, no more than a line' },
    ])
    const heads = findAll(view, '.row.head').map((head) => head.textContent)
    assertEqual(heads.join(), 'Attempt 1,Attempt 2')
    view.style.inlineSize = '320px'
    await until(() => find(view, '.row button') !== null, 'the button of the long line')
    assertEqual(findAll(view, '.row button').length, 1)
    get(view, '.row button').click()
    await until(() => find(view, '.chosen') !== null, 'the line')
    assert(textOf(get(view, '.chosen')).includes('no more than a line'), 'all of it')
    view.style.inlineSize = '900px'
    await until(() => find(view, '.row button') === null, 'room for the line')
    view.remove()
  })
})

/** A view of its own: the panel's gives way to the task's lines whenever the server is asked again. */
async function shownLog(logs: readonly object[]): Promise<LogElement> {
  const { element } = await opened(failedRow)
  get(element, '[data-tab="logs"]').click()
  await until(() => find(element, 'task-log-view') !== null, 'the log')
  const { formats } = get<LogElement>(element, 'task-log-view')
  const view = document.createElement('task-log-view') as LogElement
  element.before(view)
  Object.assign(view, { formats, logs })
  await view.updateComplete
  return view
}

async function opened(
  row: number,
  attributes: Readonly<Record<string, string>> = {},
  tasks = printworksTasks(),
  actions: readonly string[] = operatorActions,
  reads: readonly string[] = ['schedules', 'functions', 'timeline', 'logs', 'search', 'persistence'],
): Promise<Mounted> {
  const mounted = await mount(attributes, { tasks, capabilities: { actions: [...actions], reads: [...reads] } })
  await mounted.element.openTask(shownIds(mounted.element)[row] ?? tasks[row]?.taskId ?? '')
  await until(() => find(mounted.element, '[data-tab="details"]') !== null, 'the panel')
  await until(() => button(mounted.element, 'Close') !== null, 'its head')
  return mounted
}

/** What is heard of an element: all of its text, in one line. */
function spoken(element: HTMLElement | undefined): string {
  return (element?.textContent ?? '')
    .replace(/\s+/g, ' ')
    .replace(/^\s*\d+\s*/, '')
    .trim()
}

function openDialog(root: Node): HTMLElement | null {
  return find(root, 'dialog[open]')
}
