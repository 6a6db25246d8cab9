import { emulateMedia, sendKeys, setViewport } from '@web/test-runner-commands'
import { chargeSchema } from './fixture-forms.ts'
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
  type Mounted,
} from './mounted.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

const forms = { schemas: { charge_card: chargeSchema } }

describe('the dialog that enqueues', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await shown({ funcName: 'charge_card' }, { theme })
      await assertAccessible(element)
      button(dialogOf(element), 'note').click()
      button(dialogOf(element), 'method').click()
      button(dialogOf(element), 'Enqueue').click()
      await until(() => textOf(dialogOf(element)).includes('to be corrected'), 'the faults')
      await assertAccessible(element)
      button(dialogOf(element), 'Add tag').click()
      get<HTMLInputElement>(dialogOf(element), 'input[value="after"]').click()
      await until(() => find(dialogOf(element), '[data-path="options.delay"]') !== null, 'the delay')
      await assertAccessible(element)
    })
  }

  it('makes a form of the schema, checks it, asks the server, and enqueues', async () => {
    const answers = { ...forms, issues: [{ path: '[0].order', message: 'There is no such order' }] }
    const { element, fixture } = await shown({ funcName: 'charge_card' }, {}, answers)
    const dialog = dialogOf(element)
    assert(textOf(dialog).includes('Does what charge_card says'), 'the description')
    assert(textOf(dialog).includes('The number on the receipt'), 'the description of a field')
    button(dialog, 'Enqueue').click()
    await until(() => textOf(dialog).includes('2 things are to be corrected'), 'what is missing')
    assertEqual(posted(fixture.calls), 0, 'calls')
    type(dialog, '[0].order', '88121')
    choose(dialog, '[0].currency', 'EUR')
    button(dialog, 'Add Urgent').click()
    await until(() => !textOf(dialog).includes('to be corrected'), 'nothing to be corrected')
    button(dialog, 'Enqueue').click()
    await until(() => textOf(dialog).includes('There is no such order'), 'what the server says')
    assertEqual(control(dialog, '[0].order').getAttribute('aria-invalid'), 'true')
    answers.issues = []
    type(dialog, '[0].order', '88122')
    button(dialog, 'Enqueue').click()
    await until(() => !isOpen(dialog), 'the end')
    assertEqual(fixture.bodies.at(-1), { args: [{ order: 88_122, currency: 'EUR' }, false] })
    assertEqual((fixture.bodies.at(-2) as { dry_run?: boolean }).dry_run, true)
    await until(() => textOf(get(element, 'task-toasts')).includes('charge_card is enqueued'), 'the toast')
    button(get(element, 'task-toasts'), 'Open')
  })

  it('goes from the form to JSON and back without loss, big integers too', async () => {
    const { element, fixture } = await shown({ funcName: 'charge_card' })
    const dialog = dialogOf(element)
    type(dialog, '[0].order', '9007199254740993')
    button(dialog, 'note').click()
    await until(() => find(dialog, '[data-path="[0].note"]') !== null, 'the note')
    button(dialog, 'Set note to null').click()
    button(dialog, 'JSON').click()
    await until(() => find(dialog, 'task-json-editor') !== null, 'the editor')
    const area = () => get<HTMLTextAreaElement>(get(dialog, 'task-json-editor'), 'textarea')
    await until(() => area().value.includes('9007199254740993'), 'the digits')
    assert(area().value.includes('"note": null'), area().value)
    write(area(), '[{"order": 9007199254740993,\n "currency": "EUR",, "note": null}]')
    await until(() => textOf(dialog).includes('Line 2, column 20'), 'the place of the fault')
    button(dialog, 'Form').click()
    assert(find(dialog, 'task-json-editor') !== null, 'JSON with a fault stays')
    write(area(), '[{"order": 9007199254740993, "currency": "EUR", "note": null}]')
    await until(() => !textOf(get(dialog, 'task-json-editor')).includes('Go there'), 'no fault')
    button(dialog, 'Format').click()
    await until(() => area().value.split('\n').length === 7, 'many lines')
    button(dialog, 'Form').click()
    await until(() => find(dialog, '[data-path="[0].order"]') !== null, 'the form')
    assertEqual((control(dialog, '[0].order') as HTMLInputElement).value, '9007199254740993')
    button(dialog, 'Enqueue').click()
    await until(() => textOf(dialog).includes('would be rounded'), 'that it cannot be sent')
    assertEqual(posted(fixture.calls), 0, 'calls')
  })

  it('keeps what is typed until it is a number', async () => {
    const { element } = await shown({ funcName: 'charge_card' })
    const dialog = dialogOf(element)
    type(dialog, '[0].order', '12a')
    await until(() => textOf(dialog).includes('This is no number'), 'the fault')
    button(dialog, 'JSON').click()
    await until(() => document.activeElement === element, 'the focus')
    assertEqual((control(dialog, '[0].order') as HTMLInputElement).value, '12a')
    type(dialog, '[0].order', '1.0')
    assertEqual((control(dialog, '[0].order') as HTMLInputElement).value, '1.0')
  })

  it('asks before it loses what was written, and keeps it', async () => {
    const { element } = await shown({ funcName: 'charge_card' })
    const dialog = dialogOf(element)
    type(dialog, '[0].order', '5')
    await sendKeys({ press: 'Escape' })
    await until(() => textOf(dialog).includes('What you wrote would be lost'), 'the question')
    button(dialog, 'Keep writing').click()
    await until(() => !textOf(dialog).includes('would be lost'), 'the form')
    assertEqual((control(dialog, '[0].order') as HTMLInputElement).value, '5')
    button(dialog, 'Not now').click()
    await until(() => textOf(dialog).includes('would be lost'), 'the question again')
    button(dialog, 'Discard').click()
    await until(() => !isOpen(dialog), 'the end')
  })

  it('keeps the draft when the server fails', async () => {
    const { element, fixture } = await shown({ funcName: 'charge_card' })
    const dialog = dialogOf(element)
    type(dialog, '[0].order', '5')
    choose(dialog, '[0].currency', 'USD')
    fixture.fail('unavailable')
    button(dialog, 'Enqueue').click()
    await until(() => textOf(dialog).includes('It does not answer now'), 'what went wrong')
    assertEqual((control(dialog, '[0].order') as HTMLInputElement).value, '5')
    fixture.fail(null)
    button(dialog, 'Enqueue').click()
    await until(() => !isOpen(dialog), 'the end')
  })

  it('enqueues for later, in the zone of the operator', async () => {
    const { element, fixture } = await shown({ funcName: 'heartbeat' }, { 'time-zone': 'Europe/Berlin' })
    const dialog = dialogOf(element)
    assert(textOf(dialog).includes('A list of the arguments'), 'JSON without a schema')
    get<HTMLInputElement>(dialog, 'input[value="at"]').click()
    await until(() => find(dialog, '[data-path="options.run_at"]') !== null, 'the time')
    assert(textOf(dialog).includes('Europe/Berlin'), 'the zone')
    write(get<HTMLInputElement>(dialog, '[data-path="options.run_at"]'), '2099-07-01T09:00')
    button(dialog, 'Enqueue for later').click()
    await until(() => !isOpen(dialog), 'the end')
    assertEqual(fixture.bodies.at(-1), { args: [], options: { run_at: '2099-07-01T07:00:00.000Z' } })
    await until(() => textOf(get(element, 'task-toasts')).includes('runs at'), 'the toast')
  })

  it('clones a task, keeps what is hidden, and shows what is different', async () => {
    const { element, fixture } = await mount({}, { forms })
    const original = fixture.tasks.find(({ funcName }) => funcName === 'charge_card')
    assert(original, 'a task')
    await open(element, { clonedFrom: original.taskId })
    const dialog = dialogOf(element)
    await until(() => textOf(dialog).includes('hidden, kept as it is'), 'the lock')
    assert(textOf(dialog).includes('Nothing is different'), 'no difference yet')
    type(dialog, '[0].order', '5')
    await until(() => textOf(get(dialog, 'task-value-diff')).includes('changed'), 'the difference')
    assertEqual(findAll(get(dialog, 'task-value-diff'), 'tr[data-kind]').length, 1, 'rows')
    await assertAccessible(element)
    choose(dialog, '[0].currency', 'EUR')
    button(dialog, 'Enqueue').click()
    await until(() => !isOpen(dialog), 'the end')
    assertEqual(fixture.bodies.at(-1), {
      args: [{ order: 5, cents: 4_950, card: '***', currency: 'EUR' }],
      cloned_from: original.taskId,
    })
  })

  it('offers all functions where none is named', async () => {
    const { element } = await shown({})
    const dialog = dialogOf(element)
    await until(() => find(dialog, '[data-function]') !== null, 'the functions')
    await assertAccessible(element)
    write(get<HTMLInputElement>(get(dialog, 'task-function-chooser'), 'input'), 'charge')
    await until(() => findAll(dialog, '[data-function]').length === 1, 'those that are called so')
    get(dialog, '[data-function="charge_card"]').click()
    await until(() => find(dialog, '[data-path="[0].order"]') !== null, 'the form')
  })

  it('says that it is not allowed', async () => {
    const { element } = await mount({}, { forms, capabilities: { actions: [] } })
    await open(element, {})
    await until(() => textOf(dialogOf(element)).includes('not allowed here'), 'why')
  })

  it('fits 320 px', async () => {
    await setViewport({ width: 320, height: 700 })
    const { element } = await shown({ funcName: 'charge_card' })
    const { scrollWidth, clientWidth } = get(dialogOf(element), '.body')
    assert(scrollWidth <= clientWidth, `${scrollWidth} in ${clientWidth}`)
  })
})

async function shown(subject: object, attributes = {}, answers = forms): Promise<Mounted> {
  const mounted = await mount(attributes, { forms: answers })
  await open(mounted.element, subject)
  return mounted
}

async function open(element: HTMLElement, subject: object): Promise<void> {
  get(element, 'task-tab-bar').dispatchEvent(
    new CustomEvent('request-dialog', { detail: { dialog: 'enqueue', subject }, bubbles: true, composed: true }),
  )
  await until(() => find(element, 'task-enqueue-dialog') !== null && isOpen(dialogOf(element)), 'the dialog')
  await until(() => find(dialogOf(element), 'form, task-function-chooser, task-notice') !== null, 'what is in it')
}

function dialogOf(element: HTMLElement): HTMLElement {
  return get(element, 'task-enqueue-dialog')
}

function isOpen(dialog: HTMLElement): boolean {
  return get<HTMLDialogElement>(dialog, 'dialog').open
}

function control(dialog: HTMLElement, path: string): HTMLElement {
  return get(dialog, `[data-path="${path}"]`)
}

function type(dialog: HTMLElement, path: string, text: string): void {
  write(control(dialog, path) as HTMLInputElement, text)
}

function write(input: HTMLInputElement | HTMLTextAreaElement, text: string): void {
  input.value = text
  input.dispatchEvent(new Event('input', { bubbles: true }))
}

function choose(dialog: HTMLElement, path: string, word: string): void {
  const select = control(dialog, path) as HTMLSelectElement
  select.value = [...select.options].find((option) => option.text.trim() === word)?.value ?? ''
  select.dispatchEvent(new Event('change', { bubbles: true }))
}

function posted(calls: readonly string[]): number {
  return calls.filter((call) => call.startsWith('POST') && call.includes('enqueue')).length
}
