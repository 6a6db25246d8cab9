import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands'
import {
  assert,
  assertAccessible,
  assertEqual,
  find,
  findAll,
  get,
  mount,
  textOf,
  unmountAll,
  until,
} from './mounted.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

describe('the palette', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await opened({ theme })
      await assertAccessible(get(element, 'task-palette-dialog'))
    })
  }

  it('does what is typed, and remembers it', async () => {
    const { element } = await opened()
    await sendKeys({ type: 'ded let' })
    await until(() => chosen(element) === 'go:dead-letters', 'the tab, by some of its letters')
    await sendKeys({ press: 'Enter' })
    await until(() => get(element, '[data-tab="dead-letters"]').ariaSelected === 'true', 'the tab')
    await palette(element)
    assertEqual(chosen(element), 'go:dead-letters', 'what was done last is first')
  })

  it('is walked with arrows that a screen reader follows', async () => {
    const { element } = await opened()
    const field = get(element, '[role="combobox"]')
    const first = chosen(element)
    await sendKeys({ press: 'ArrowDown' })
    await until(() => chosen(element) !== first, 'the second')
    const id = field.getAttribute('aria-activedescendant') ?? ''
    assertEqual(get(element, `#${id}`).ariaSelected, 'true')
    await sendKeys({ press: 'ArrowUp' })
    await sendKeys({ press: 'ArrowUp' })
    await until(() => chosen(element) === options(element).at(-1)?.dataset['command'], 'the last, before the first')
    assert(field.matches(':focus'), 'the focus stays in the field')
  })

  it('narrows to functions and queues, and finds tasks by a part of their id', async () => {
    const { element, fixture } = await opened()
    await sendKeys({ type: 'charge_card' })
    await until(() => chosen(element) === 'function:charge_card', 'the function')
    await sendKeys({ press: 'Enter' })
    await until(() => fixture.calls.some((call) => call.includes('func_name=charge_card')), 'its tasks')
    await palette(element)
    await sendKeys({ type: '5c9f03aa' })
    await until(() => (chosen(element) ?? '').startsWith('open:'), 'the task')
    await sendKeys({ press: 'Enter' })
    await until(() => find(element, 'task-detail-panel') !== null, 'its panel')
  })

  it('acts on the open task, and offers nothing that this caller may not do', async () => {
    const { element, fixture } = await mount()
    await element.openTask(fixture.tasks[1]?.taskId ?? '')
    await until(() => find(element, '[data-tab="details"]') !== null, 'the panel')
    await palette(element)
    const offered = options(element).map(({ dataset }) => dataset['command'])
    assert(offered.includes('task:retry') && offered.includes('task:delete'), offered.join(' '))
    assert(!offered.includes('task:cancel'), 'it has ended')
    assert(!offered.includes('export'), 'no right to export')
    await sendKeys({ type: 'retry' })
    await sendKeys({ press: 'Enter' })
    await until(() => fixture.calls.some((call) => /^POST .*retry/.test(call)), 'the retry')
  })

  it('pauses, changes the look, and closes with the key that opened it', async () => {
    const { element } = await opened()
    await sendKeys({ type: 'dark' })
    await sendKeys({ press: 'Enter' })
    await until(() => element.theme === 'dark', 'the dark theme')
    await palette(element)
    await sendKeys({ type: 'pause' })
    await sendKeys({ press: 'Enter' })
    await until(() => textOf(element).includes('Paused'), 'the pause')
    await palette(element)
    get(element, '[role="combobox"]').dispatchEvent(
      new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true, composed: true, cancelable: true }),
    )
    await until(() => find(element, 'dialog[open]') === null, 'the palette to close')
  })

  it('says when there is nothing of a name, and gives the focus back', async () => {
    const { element } = await mount()
    await sendKeys({ press: 'j' })
    await until(() => find(element, 'tr:focus') !== null, 'a row')
    await palette(element)
    await sendKeys({ type: 'zq' })
    await until(() => textOf(get(element, 'dialog[open]')).includes('nothing of that name'), 'the word')
    await sendKeys({ press: 'Escape' })
    await until(() => find(element, 'tr:focus') !== null, 'the focus on the row')
  })
})

async function opened(attributes: Readonly<Record<string, string>> = {}) {
  const mounted = await mount(attributes)
  await palette(mounted.element)
  return mounted
}

async function palette(element: HTMLElement): Promise<void> {
  const target = element.shadowRoot?.activeElement ?? document.body
  target.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true, composed: true, cancelable: true }),
  )
  await until(() => find(element, 'task-palette-dialog dialog[open], dialog[open] [role="combobox"]') !== null, 'it')
  await until(() => options(element).length > 0, 'the commands')
}

function options(element: HTMLElement): HTMLElement[] {
  return findAll(element, '[role="option"][data-command]')
}

function chosen(element: HTMLElement): string | undefined {
  return options(element).find(({ ariaSelected }) => ariaSelected === 'true')?.dataset['command']
}
