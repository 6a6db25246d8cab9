import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands'
import type { TaskSummary } from '@taskloom/protocol'
import {
  assert,
  assertAccessible,
  assertEqual,
  button,
  find,
  findAll,
  get,
  mount,
  textOf,
  unmountAll,
  until,
  type DashboardElement,
} from './mounted.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1440, height: 900 }))
afterEach(unmountAll)

const usual = ['status', 'function', 'id', 'queue', 'retries', 'duration', 'created', 'error']

function heads(element: Node): string[] {
  return findAll(element, 'th[data-column]').flatMap(({ dataset }) =>
    dataset['column'] === 'check' ? [] : (dataset['column'] ?? []),
  )
}

async function openMenu(element: Node): Promise<void> {
  button(element, 'Columns').click()
  await until(() => find(element, 'task-columns-menu ol, ol') !== null, 'the menu')
}

describe('the columns', () => {
  for (const theme of ['light', 'dark']) {
    it(`are chosen in a menu that breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await mount({ theme })
      await openMenu(element)
      await assertAccessible(element)
    })
  }

  it('come and go, move by keys, survive and are reset', async () => {
    const { element, fixture } = await mount()
    assertEqual(heads(element), usual)
    await openMenu(element)
    const menu = get(element, 'task-columns-menu')
    const boxOf = (name: string) => get<HTMLInputElement>(menu, `li[data-name="${name}"] input`)
    const known = new Set(fixture.calls)
    boxOf('id').click()
    await until(() => !heads(element).includes('id'), 'one less')
    boxOf('worker').click()
    await until(() => heads(element).at(-1) === 'worker', 'one more')
    get(menu, 'li[data-name="worker"] .handle').focus()
    await sendKeys({ press: 'ArrowUp' })
    await until(() => heads(element).at(-2) === 'worker', 'its other place')
    await until(() => find(menu, '.handle:focus') !== null, 'the focus on it')
    assert(textOf(menu).includes('Worker is in place 7'), textOf(menu))
    assertEqual(
      fixture.calls.filter((call) => call.startsWith('GET ?') && !known.has(call)),
      [],
      'other questions',
    )
    assert((localStorage.getItem(`taskloom:${location.origin}/tasks`) ?? '').includes('worker'), 'remembered')
    button(element, 'The usual columns').click()
    await until(() => heads(element).join() === usual.join(), 'the usual ones')
  })

  it('move by dragging', async () => {
    const { element } = await mount()
    await openMenu(element)
    const menu = get(element, 'task-columns-menu')
    const handle = get(menu, 'li[data-name="error"] .handle')
    handle.setPointerCapture = () => undefined
    const place = (selector: string) => get(menu, selector).getBoundingClientRect()
    const from = place('li[data-name="error"]')
    const init = { bubbles: true, composed: true, pointerId: 1, button: 0, clientX: from.x }
    handle.dispatchEvent(new PointerEvent('pointerdown', { ...init, clientY: from.y + 10 }))
    handle.dispatchEvent(new PointerEvent('pointermove', { ...init, clientY: place('li[data-name="function"]').y + 4 }))
    handle.dispatchEvent(new PointerEvent('pointerup', { ...init, clientY: from.y }))
    await until(() => heads(element)[1] === 'error', `the second place: ${heads(element).join()}`)
  })

  it('of the page are drawn, and drawn anew only for what has changed', async () => {
    const { element, fixture } = await mount()
    const drawn: string[] = []
    const order = {
      name: 'order',
      heading: 'Order',
      render(task: TaskSummary) {
        drawn.push(task.taskId)
        return `#${task.taskId.slice(-4)}`
      },
    }
    const page = element as DashboardElement & { columns: unknown; formatters: unknown }
    page.columns = { custom: [order] }
    page.formatters = { charge_card: { note: () => 'a note of the page' } }
    await until(() => heads(element).at(-1) === 'order', 'the column')
    await until(() => textOf(element).includes('a note of the page'), 'the note')
    await until(
      () => get(element, 'task-choice-menu[label="Function"]').shadowRoot?.querySelector('label.item') != null,
      'what is usual for them',
    )
    const old = Date.now() - 600_000
    const calm = fixture.tasks.filter(({ createdAt, status }) => createdAt < old && status === 'success')
    const [task, ...others] = calm
    assert(task && others.length > 2, 'some are long ago')
    // What the page still hears of in the beginning, and what is long ago twice a minute, draw all rows: one of some changes must not.
    let version = task.version
    let drawnForNothing = others.length
    for (let attempt = 0; attempt < 5 && drawnForNothing > 0; attempt += 1) {
      version += 1
      const changed = { ...task, retriesUsed: version, version }
      fixture.tasks = fixture.tasks.map((other) => (other.taskId === task.taskId ? changed : other))
      drawn.length = 0
      fixture.push({ event: 'tasks', id: null, data: { changed: [changed], removed: [], overflow: null } })
      await until(() => drawn.includes(task.taskId), 'the changed row')
      drawnForNothing = others.filter(({ taskId }) => drawn.includes(taskId)).length
    }
    assertEqual(drawnForNothing, 0, 'rows drawn for nothing')
  })

  it('say when by the clock that the operator chose', async () => {
    const { element } = await mount({ 'time-zone': 'UTC' })
    const time = () => textOf(get(element, 'td[data-column="created"] time')).trim()
    assert(/ago|now/.test(time()), time())
    button(element, 'View options').click()
    findAll<HTMLButtonElement>(element, 'button.item')
      .find((item) => textOf(item).includes('Time zone'))
      ?.click()
    await until(() => find(element, 'task-clock-dialog dialog[open], dialog[open]') !== null, 'the dialog')
    await assertAccessible(element)
    const choose = (word: string) =>
      findAll(get(element, 'task-clock-dialog'), 'label.item')
        .find((item) => textOf(item).trim() === word)
        ?.click()
    choose('When')
    await until(() => /\d:\d\d/.test(time()), 'the time of day')
    const inUtc = get(element, 'td[data-column="created"] time').textContent
    const field = get<HTMLInputElement>(get(element, 'task-clock-dialog'), 'input[type="search"]')
    field.value = 'tokyo'
    field.dispatchEvent(new Event('input'))
    await until(
      () => findAll(get(element, 'task-clock-dialog'), 'label.item').some((item) => textOf(item).includes('Tokyo')),
      'the zone',
    )
    get<HTMLInputElement>(get(element, 'task-clock-dialog'), 'fieldset input[name="zone"]').click()
    await until(() => get(element, 'td[data-column="created"] time').textContent !== inUtc, 'another time')
  })
})
