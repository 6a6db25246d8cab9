import { emulateMedia, setViewport } from '@web/test-runner-commands'
import {
  assert,
  assertAccessible,
  button,
  find,
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
    for (const expected of [
      'charge_card',
      'queue billing',
      '3 retries after 1.0 s × 2',
      'schedule every 1m',
      '1.8 s',
    ]) {
      assert(words.includes(expected), `${expected} is missing in ${words}`)
    }
  })

  it('leads to the tasks of a function', async () => {
    const { element, fixture } = await shown()
    button(element, 'charge_card').click()
    await until(() => fixture.calls.some((call) => /^GET \?.*func_name=charge_card/.test(call)), 'the filtered rows')
    await until(() => find(element, 'task-filter-row') !== null, 'the View tab')
  })

  it('fits 320 px', async () => {
    await setViewport({ width: 320, height: 700 })
    await shown()
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })
})

async function shown(attributes = {}): Promise<Mounted> {
  // The screen has no task rows to wait for: come from View.
  const mounted = await mount(attributes)
  mounted.element.setAttribute('tab', 'tasks')

  await until(() => textOf(mounted.element).includes('queue billing'), 'the rows')
  return mounted
}
