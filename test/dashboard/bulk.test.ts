import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands'
import { makeOperation, operatorOf } from './fixture-operations.ts'
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
import { printworksTasks } from './printworks.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

const capabilities = { ...operatorOf }

async function mountOperator(attributes: Readonly<Record<string, string>> = {}): Promise<Mounted> {
  const mounted = await mount(attributes, { capabilities })
  await until(() => find(mounted.element, 'task-operation-tray') !== null, 'the tray')
  return mounted
}

/** Chooses the page and waits for what can be done with it. */
async function choosePage({ element }: Mounted): Promise<HTMLElement> {
  get<HTMLInputElement>(element, 'thead input').click()
  await until(() => find(element, '.bulk') !== null, 'the bulk bar')
  return get(element, '.bulk')
}

function bodies({ fixture }: Mounted): readonly Readonly<Record<string, unknown>>[] {
  return fixture.bodies.filter((body): body is Record<string, unknown> => body !== null)
}

function selected(root: Node): readonly HTMLElement[] {
  return findAll(root, 'tbody tr[aria-selected="true"]')
}

/** What a finger meets at a place of the page, through every shadow root. */
function topmostAt(x: number, y: number, root: DocumentOrShadowRoot = document): HTMLElement {
  const met = root.elementFromPoint(x, y)
  if (!(met instanceof HTMLElement)) throw new Error(`There is nothing at ${x}, ${y}`)
  return met.shadowRoot && met.shadowRoot !== root ? topmostAt(x, y, met.shadowRoot) : met
}

describe('acting on many tasks', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility in the question, ${theme}`, async () => {
      const mounted = await mountOperator({ theme })
      const { element, fixture } = mounted
      const bar = await choosePage(mounted)
      get<HTMLButtonElement>(bar, '[data-verb="retry"]').click()
      await until(() => textOf(element).includes('tasks?'), 'the question')
      await assertAccessible(element)
      get<HTMLFormElement>(get(element, 'dialog[open]'), 'form').requestSubmit()
      await until(() => find(element, '[role="progressbar"]') !== null, 'the operation')
      fixture.operations.advance({ done: 3, succeeded: 2, failed: 1 })
      await until(() => textOf(element).includes('1 failed'), 'its progress')
    })

    it(`breaks no rule of accessibility beside an operation, ${theme}`, async () => {
      const mounted = await mountOperator({ theme })
      const { element, fixture } = mounted
      fixture.operations.list = [makeOperation({ status: 'running', total: 1_000, done: 7, succeeded: 6, failed: 1 })]
      fixture.push({ event: 'operations', id: null, data: { changed: true } })
      await choosePage(mounted)
      await until(() => textOf(element).includes('1 failed'), 'its progress')
      await assertAccessible(element)
    })
  }

  it('offers all that match once the page is chosen, and sends the filter', async () => {
    const mounted = await mountOperator({ 'page-size': '5' })

    const bar = await choosePage(mounted)
    assert(textOf(bar).includes('5 selected on this page'), textOf(bar))
    button(bar, 'Select all 45 matching').click()
    await until(() => textOf(bar).includes('All 45 matching tasks selected'), 'all')
    get<HTMLButtonElement>(bar, '[data-verb="delete"]').click()
    await until(() => bodies(mounted).some((body) => body['dry_run'] === true), 'the dry run')
    assertEqual(bodies(mounted).find((body) => body['dry_run'] === true)?.['filter'], {}, 'the filter')
  })

  it('keeps all that match through live changes, and lets go of them with another filter', async () => {
    const mounted = await mountOperator({ 'page-size': '5' })
    const { element, fixture } = mounted
    const bar = await choosePage(mounted)
    button(bar, 'Select all 45 matching').click()
    await until(() => textOf(bar).includes('All 45'), 'all')
    const [first] = fixture.tasks
    fixture.push({
      event: 'tasks',
      id: null,
      data: { changed: [{ ...first!, version: 9 }], removed: [], overflow: null },
    })
    await until(() => findAll(element, 'tbody tr.selected').length === 5, 'the rows')
    assert(textOf(bar).includes('All 45'), textOf(bar))
    get<HTMLButtonElement>(
      get(element, 'task-stat-strip'),
      'button[data-status="failed"], button:nth-of-type(2)',
    ).click()
    await until(() => find(element, '.bulk') === null, 'nothing chosen')
  })

  it('chooses a range with Shift, by mouse and by keys, and the page with Ctrl+A', async () => {
    const { element } = await mountOperator()
    const boxes = (): HTMLInputElement[] => findAll<HTMLInputElement>(element, 'tbody input')
    boxes()[1]!.click()
    boxes()[4]!.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true, shiftKey: true }))
    await until(() => findAll(element, 'tbody tr.selected').length === 4, 'four rows')
    get(element, 'tbody tr:nth-of-type(7)').focus()
    await sendKeys({ down: 'Shift' })
    await sendKeys({ press: 'KeyX' })
    await sendKeys({ up: 'Shift' })
    await until(() => findAll(element, 'tbody tr.selected').length === 6, 'six rows')
    await sendKeys({ down: 'Control' })
    await sendKeys({ press: 'a' })
    await sendKeys({ up: 'Control' })
    await until(() => findAll(element, 'tbody tr.selected').length === 30, 'the page')
    get(element, 'tbody tr:nth-of-type(7)').focus()
    await sendKeys({ press: 'x' })
    await until(() => findAll(element, 'tbody tr.selected').length === 29, 'one less')
  })

  for (const width of [320, 360]) {
    it(`chooses rows by touch at ${width} px, and the page, without opening one`, async () => {
      await setViewport({ width, height: 780 })
      const { element } = await mountOperator()
      const cells = findAll(element, 'tbody td[data-column="check"]')

      // Anywhere in the cell: a finger is wider than the box.
      for (const cell of cells.slice(0, 2)) {
        const { left, top, width: wide, height } = cell.getBoundingClientRect()
        assert(wide >= 36 && height >= 36, `a target of ${wide} × ${height}`)
        topmostAt(left + 3, top + height - 3).click()
      }
      await until(() => find(element, '.bulk') !== null, 'the bulk bar')
      assertEqual(selected(element).length, 2, 'rows that are chosen')
      assert(find(element, 'task-detail-panel') === null, 'a task was opened')
      assert(document.documentElement.scrollWidth <= width, 'the page is too wide')
      await assertAccessible(element)

      get<HTMLInputElement>(element, 'thead input').click()
      await until(() => selected(element).length === shownIds(element).length, 'the page')
      button(element, 'Function').click()
      await until(() => find(element, 'th[data-column="function"][aria-sort]') !== null, 'the order')
    })
  }

  it('says how many are left out, and asks for the number before it deletes more than a thousand', async () => {
    const mounted = await mountOperator()
    const { element, fixture } = mounted
    const bar = await choosePage(mounted)
    get<HTMLButtonElement>(bar, '[data-verb="retry"]').click()
    await until(() => textOf(element).includes('are left out'), 'what is left out')
    button(get(element, 'dialog[open]'), 'Not now').click()
    fixture.operations.count = 12_431
    get<HTMLButtonElement>(bar, '[data-verb="delete"]').click()
    await until(() => textOf(element).includes('Delete 12,431 tasks?'), 'the number')
    const dialog = get(element, 'dialog[open]')
    const submit = get<HTMLButtonElement>(dialog, 'button[type="submit"]')
    assert(submit.disabled, 'it can be sent without the number')
    const typed = get<HTMLInputElement>(dialog, 'input[name="typed"]')
    typed.value = '12431'
    typed.dispatchEvent(new Event('input'))
    await until(() => !submit.disabled, 'the button')
  })

  it('holds a replay back when asked to', async () => {
    const mounted = await mountOperator()
    const { element } = mounted
    const bar = await choosePage(mounted)
    get<HTMLButtonElement>(bar, '[data-verb="retry"]').click()
    await until(() => find(element, '.slow input') !== null, 'the fields')
    get<HTMLInputElement>(element, '.slow input[type="checkbox"]').click()
    get<HTMLFormElement>(get(element, 'dialog[open]'), 'form').requestSubmit()
    await until(() => bodies(mounted).some((body) => body['per_second'] === 10), 'the pace')
    await until(() => find(element, '.bulk') === null, 'nothing chosen any more')
  })

  it('says honestly what came of it', async () => {
    const mounted = await mountOperator()
    const { element, fixture } = mounted
    fixture.operations.list = [makeOperation({ operationId: 'op-9', status: 'running', total: 1_000 })]
    fixture.push({ event: 'operations', id: null, data: { changed: true } })
    await until(() => textOf(element).includes('Retrying 0 of 1,000 tasks'), 'the operation of somebody else')
    fixture.operations.advance({
      status: 'done',
      done: 1_000,
      succeeded: 990,
      skipped: 3,
      failed: 7,
      endedAt: Date.now(),
    })
    await until(() => textOf(element).includes('990 tasks retried, 3 skipped, 7 failed'), 'the end')
    button(get(element, 'task-operation-tray'), 'Report').click()
    await until(() => find(element, 'task-operation-report') !== null, 'the report')
  })
})

describe('undo', () => {
  const [running] = printworksTasks()

  async function deleteFirst(mounted: Mounted): Promise<string> {
    const { element } = mounted
    const row = findAll(element, 'tbody tr').find(({ dataset }) => dataset['taskId'] !== running!.taskId)!
    const taskId = row.dataset['taskId']!
    row.click()
    await until(() => find(element, 'button[data-action="delete"]') !== null, 'Delete')
    get<HTMLButtonElement>(element, 'button[data-action="delete"]').click()
    await until(() => find(element, '[data-undo]') !== null, 'Undo')
    return taskId
  }

  it('deletes one task ten seconds later, shows its row as going, and takes it back', async () => {
    const mounted = await mountOperator()
    const { element, fixture } = mounted
    const taskId = await deleteFirst(mounted)
    const sent = bodies(mounted).find((body) => body['action'] === 'delete')
    assertEqual([sent?.['task_ids'], sent?.['delay']], [[taskId], 10], 'what was sent')
    assert(!fixture.calls.some((call) => call.startsWith('DELETE')), 'it was deleted at once')
    await until(() => find(element, 'tr.going')?.dataset['taskId'] === taskId, 'the row')
    await assertAccessible(element)
    get<HTMLButtonElement>(element, '[data-undo]').click()
    await until(() => textOf(element).includes('Undone: nothing was changed'), 'the words')
    await until(() => find(element, 'tr.going') === null, 'the row as it was')
  })

  it('finds the countdown again after a reload', async () => {
    const first = await mountOperator()
    await deleteFirst(first)
    const { list } = first.fixture.operations
    unmountAll()
    const { element, fixture } = await mountOperator()
    fixture.operations.list = list
    fixture.push({ event: 'operations', id: null, data: { changed: true } })
    await until(() => find(element, '[data-undo]') !== null, 'Undo')
    await until(() => find(element, 'tr.going') !== null, 'the row')
  })

  it('asks first and acts at once where the server has no operations', async () => {
    const { element, fixture } = await mount()
    findAll(element, 'tbody tr')
      .find(({ dataset }) => dataset['taskId'] !== running!.taskId)!
      .click()
    await until(() => find(element, 'button[data-action="delete"]') !== null, 'Delete')
    get<HTMLButtonElement>(element, 'button[data-action="delete"]').click()
    await until(() => find(element, 'dialog[open]') !== null, 'the question')
    get<HTMLFormElement>(get(element, 'dialog[open]'), 'form').requestSubmit()
    await until(() => fixture.calls.some((call) => call.startsWith('DELETE')), 'the deletion')
  })
})

describe('messages', () => {
  it('keep failures until they are dismissed', async () => {
    const { element, fixture } = await mountOperator()
    const [taskId = ''] = shownIds(element)
    fixture.fail('conflict')
    element.dispatchEvent(new Event('none'))
    get(element, 'task-table').dispatchEvent(
      new CustomEvent('request-action', { detail: { verb: 'cancel', taskId }, bubbles: true, composed: true }),
    )
    await until(() => textOf(get(element, 'task-toasts')).includes('Something else holds this'), 'the failure')
    fixture.fail(null)
    button(get(element, 'task-toasts'), 'Dismiss').click()
    await until(() => !textOf(get(element, 'task-toasts')).includes('Something else holds this'), 'none')
  })
})
