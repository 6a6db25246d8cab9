import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands'
import {
  assert,
  assertAccessible,
  assertEqual,
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

describe('the keys', () => {
  for (const theme of ['light', 'dark']) {
    it(`are told in a dialog that breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await mount({ theme })
      await sendKeys({ press: '?' })
      await until(() => openDialog(element) !== null, 'the help')
      await assertAccessible(get(element, 'task-help-dialog'))
      await sendKeys({ press: 'Escape' })
      await until(() => openDialog(element) === null, 'the dialog to close')
    })
  }

  it('in the help are all those that do something', async () => {
    const { element } = await mount()
    await sendKeys({ press: '?' })
    await until(() => openDialog(element) !== null, 'the help')
    const keys = findAll(openDialog(element) as Node, 'kbd').map((key) => key.textContent)
    for (const key of ['/', 'j', 'k', 'Enter', 'o', 'x', 'r', 'c', 'e', 'p', '[', ']', 'g', 'Esc', '?', 'Ctrl K']) {
      assert(keys.includes(key), `${key} is missing`)
    }
  })

  it('do the whole work: find a failed task, read why, retry it, watch it succeed', async () => {
    const { element, fixture } = await mount()
    await sendKeys({ press: 'j' })
    await until(() => find(element, 'tr:focus') !== null, 'a row')
    await sendKeys({ press: 'j' })
    const [, failedId] = shownIds(element)
    await until(() => get(element, 'tr:focus').dataset['taskId'] === failedId, 'the failed row')
    await sendKeys({ press: 'Enter' })
    await until(() => find(element, '[data-tab="error"]') !== null, 'the panel')
    await sendKeys({ press: '[' })
    await until(() => get(element, '[data-tab="error"]').ariaSelected === 'true', 'the error, before the details')
    assert(textOf(get(element, '#content')).includes('insufficient funds'), 'why')
    await sendKeys({ press: 'r' })
    await until(() => fixture.calls.some((call) => call === `POST ${failedId}/retry`), 'the retry')
    const task = fixture.tasks.find(({ taskId }) => taskId === failedId)
    assert(task, 'the task')
    const again = { ...task, taskId: '0193a4c2-77d0-7e1f-b3a0-ffffffffffff', retriedFrom: task.taskId, error: null }
    const changed = [{ ...again, status: 'success' as const, createdAt: Date.now() }]
    await sendKeys({ press: 'Escape' })
    await until(() => find(element, 'task-detail-panel') === null, 'the panel to close')
    get(element, 'tr:focus').blur()
    fixture.push({ event: 'tasks', id: null, data: { changed, removed: [], overflow: null } })
    await until(() => shownIds(element)[0] === again.taskId, 'the new task above all')
  })

  it('lead to tabs after g', async () => {
    const { element } = await mount()
    await sendKeys({ press: 'g' })
    await sendKeys({ press: 'd' })
    await until(() => get(element, '[data-tab="dead-letters"]').ariaSelected === 'true', 'dead letters')
    await sendKeys({ press: 'd' })
    await sendKeys({ press: 'g' })
    await sendKeys({ press: 'v' })
    await until(() => get(element, '[data-tab="view"]').ariaSelected === 'true', 'the view')
  })

  it('enqueue with e where that is allowed, and are the page’s where it is not', async () => {
    const { element } = await mount()
    await sendKeys({ press: 'e' })
    await until(() => openDialog(element)?.querySelector('task-function-chooser') != null, 'functions to choose from')
    await until(() => find(element, 'input:focus') !== null, 'the search for one')
    unmountAll()
    const { element: reader } = await mount({}, { capabilities: { actions: ['retry'] } })
    const asked = new KeyboardEvent('keydown', { key: 'e', bubbles: true, cancelable: true })
    assert(document.body.dispatchEvent(asked), 'the key is the page’s')
    await sendKeys({ press: '?' })
    await until(() => openDialog(reader) !== null, 'the help')
    const keys = findAll(openDialog(reader) as Node, 'kbd').map((key) => key.textContent)
    assert(!keys.includes('e'), 'and not in the help')
  })

  it('are the letters of whoever types, here and on the page around', async () => {
    const { element } = await mount()
    const field = document.createElement('input')
    element.before(field)
    field.focus()
    await sendKeys({ type: 'jp?gd/' })
    assertEqual(field.value, 'jp?gd/')
    const editor = Object.assign(document.createElement('div'), { contentEditable: 'true' })
    field.replaceWith(editor)
    editor.focus()
    await sendKeys({ type: 'p?' })
    assertEqual(editor.textContent, 'p?')
    editor.remove()
    await sendKeys({ press: '/' })
    await until(() => find(element, 'input:focus') !== null, 'the search')
    await sendKeys({ type: 'jp?' })
    const search = get<HTMLInputElement>(element, 'input:focus')
    assertEqual(search.value, 'jp?')
    assertNothingHappened(element)
  })

  it('with modifiers, while something is composed, and after somebody else took them, are not ours', async () => {
    const { element } = await mount()
    const press = (init: KeyboardEventInit) =>
      document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }))
    assert(press({ key: 'p', ctrlKey: true }) && press({ key: 'p', metaKey: true }), 'modifiers')
    assert(press({ key: 'p', altKey: true }) && press({ key: 'p', isComposing: true }), 'composition')
    const take = (event: Event) => event.preventDefault()
    document.body.addEventListener('keydown', take, { once: true })
    press({ key: 'p' })
    assertNothingHappened(element)
    assert(!press({ key: 'p' }), 'without all of this it is')
    await until(() => textOf(element).includes('Paused'), 'the pause')
  })

  it('are the page’s with shortcuts="off"', async () => {
    const { element } = await mount({ shortcuts: 'off' })
    await sendKeys({ press: 'p' })
    await sendKeys({ press: '?' })
    assertNothingHappened(element)
  })

  it('are heard by one of two dashboards where the focus is nowhere', async () => {
    const { element } = await mount()
    const { element: second } = await mount()
    await sendKeys({ press: 'p' })
    await until(() => textOf(element).includes('Paused'), 'the first')
    assertNothingHappened(second)
  })
})

function assertNothingHappened(element: Mounted['element']): void {
  assert(!textOf(element).includes('Paused'), 'it is not paused')
  assert(openDialog(element) === null, 'no dialog')
}

function openDialog(root: Node): HTMLElement | null {
  return find(root, 'dialog[open]')
}
