import { emulateMedia, setViewport } from '@web/test-runner-commands'
import { chargeSchema } from './fixture-forms.ts'
import {
  assert,
  assertAccessible,
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

describe('the Tasks screen', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await shown({ theme })
      await assertAccessible(element)
    })
  }

  it('shows every function with its configuration and figures', async () => {
    const { element } = await shown()
    const words = textOf(get(element, 'task-functions'))
    for (const expected of ['charge_card', 'queue billing', '3 retries after 1 s × 2', 'schedule every 1m', '1.8 s']) {
      assert(words.includes(expected), `${expected} is missing in ${words}`)
    }
  })

  it('leads to the tasks of a function', async () => {
    const { element, fixture } = await shown()
    button(element, 'charge_card').click()
    await until(() => fixture.calls.some((call) => /^GET \?.*func_name=charge_card/.test(call)), 'the filtered rows')
    await until(() => find(element, 'task-filter-row') !== null, 'the View tab')
  })

  it('warns of functions that nobody defines, and of those that some define', async () => {
    const { element } = await shown()
    await until(() => find(element, '[data-drift="unregistered"]') !== null, 'the warnings')
    const words = textOf(get(element, 'task-functions'))
    assert(words.includes('old_import has tasks, and no process defines it. 3 wait until one does.'), words)
    assert(words.includes('is defined by 1 of 2 processes'), words)
    assert(words.includes('not used lately'), words)
    await assertAccessible(element)
  })

  it('searches, sorts and opens a function', async () => {
    const { element, fixture } = await shown({}, { forms: { schemas: { charge_card: chargeSchema } } })
    const input = get<HTMLInputElement>(element, 'input[aria-label="Find a function"]')
    const sort = get<HTMLSelectElement>(element, 'select[aria-label="Sorted by"]')
    sort.value = 'failed'
    sort.dispatchEvent(new Event('change'))
    await until(() => get(element, 'tr[data-function]').dataset['function'] === 'charge_card', 'most failures first')
    input.value = 'charge'
    input.dispatchEvent(new Event('input'))
    await until(() => findAll(element, 'tr[data-function]').length === 1, 'the one that is searched for')
    button(element, 'More about charge_card').click()
    await until(() => textOf(element).includes('Payment.order'), 'the arguments')
    await assertAccessible(element)
    button(element, 'Its failures').click()
    await until(
      () =>
        fixture.calls.some((call) =>
          /^GET \?.*status=failed.*func_name=charge_card|^GET \?.*func_name=charge_card.*status=failed/.test(call),
        ),
      'the failures',
    )
  })

  it('opens the dialog that enqueues', async () => {
    const { element } = await shown()
    button(element, 'Enqueue charge_card').click()
    await until(() => find(element, 'task-enqueue-dialog') !== null, 'the dialog')
  })

  it('offers nothing that the caller may not do', async () => {
    const { element } = await shown({}, { capabilities: { actions: [] } })
    assert(!textOf(get(element, 'task-functions')).includes('Enqueue'), 'no way to enqueue')
  })

  it('fits 320 px', async () => {
    await setViewport({ width: 320, height: 700 })
    await shown()
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })
})

async function shown(attributes = {}, options: Parameters<typeof mount>[1] = {}): Promise<Mounted> {
  // The screen has no task rows to wait for: come from View.
  const mounted = await mount(attributes, options)
  mounted.element.setAttribute('tab', 'tasks')

  await until(() => textOf(mounted.element).includes('queue billing'), 'the rows')
  return mounted
}
