import { emulateMedia, setViewport } from '@web/test-runner-commands'
import {
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
} from './mounted.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

/** The dialog over a task that waits. */
async function open(theme = 'light') {
  const { element, fixture } = await mount({ theme })
  const { taskId } = fixture.tasks.find(({ status }) => status === 'pending')!
  await element.openTask(taskId)
  await until(() => find(element, '[data-action="move"]') !== null, 'the button')
  get(element, '[data-action="move"]').click()
  await until(() => find(element, 'task-move-dialog')?.shadowRoot?.querySelector('dialog')?.open === true, 'the dialog')
  return { element, fixture, taskId, dialog: get(element, 'task-move-dialog') }
}

function write(dialog: HTMLElement, field: string, value: string): void {
  const input = get<HTMLInputElement>(dialog, `input.${field}`)
  input.value = value
  input.dispatchEvent(new Event('input'))
}

describe('moving a task that waits', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await open(theme)
      await assertAccessible(element)
    })
  }

  it('sends what is other, with the reason, and nothing else', async () => {
    const { fixture, taskId, dialog } = await open()
    assertEqual(button(dialog, 'Move').disabled, true)
    write(dialog, 'priority', '7')
    write(dialog, 'reason', ' the customer waits ')
    await until(() => !button(dialog, 'Move').disabled, 'the button')
    button(dialog, 'Move').click()
    await until(() => fixture.calls.includes(`POST ${taskId}/move`), 'the request')
    await until(() => fixture.bodies.length > 0, 'what was sent')
    assertEqual(fixture.bodies.at(-1), { priority: 7, reason: 'the customer waits' })
  })

  it('says that it is done', async () => {
    const { element, dialog } = await open()
    write(dialog, 'queue', 'slow')
    await until(() => !button(dialog, 'Move').disabled, 'the button')
    button(dialog, 'Move').click()
    await until(() => textOf(get(element, 'task-toasts')).includes('is moved'), 'the toast')
  })

  it('is offered only to whom may do it, and only of tasks that wait', async () => {
    const { element, fixture } = await mount({}, { capabilities: { actions: ['cancel'] } })
    const { taskId } = fixture.tasks.find(({ status }) => status === 'pending')!
    await element.openTask(taskId)
    await until(() => find(element, '[data-action="cancel"]') !== null, 'the buttons')
    assertEqual(findAll(element, '[data-action="move"]'), [])
  })
})
