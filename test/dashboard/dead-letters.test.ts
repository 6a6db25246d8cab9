import { emulateMedia, setViewport } from '@web/test-runner-commands'
import {
  assert,
  assertAccessible,
  button,
  find,
  findAll,
  get,
  mount,
  shownIds,
  textOf,
  unmountAll,
  until,
} from './mounted.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

describe('the Dead letters screen', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await mount({ theme, tab: 'dead-letters' })
      await until(() => shownIds(element).length === 7, 'the failed rows')
      await assertAccessible(element)
    })
  }

  it('asks for the chosen window', async () => {
    const { element, fixture } = await mount({ tab: 'dead-letters' })
    const select = get<HTMLSelectElement>(get(element, 'task-dead-letters'), 'select')
    select.value = '6h'
    select.dispatchEvent(new Event('change'))
    await until(
      () => fixture.calls.some((call) => /^GET \?.*status=failed.*since=|^GET \?.*since=.*status=failed/.test(call)),
      'the window',
    )
  })

  it('says how many before it replays a window', async () => {
    const { element, fixture } = await mount({ tab: 'dead-letters' })
    await until(() => shownIds(element).length === 7, 'the failed rows')
    button(element, 'Replay window…').click()
    await until(() => find(element, 'dialog[open]') !== null, 'the question')
    const dialog = get(element, 'dialog[open]')
    assert(textOf(dialog).includes('Replay 7 tasks?'), textOf(dialog))
    get<HTMLFormElement>(dialog, 'form').requestSubmit()
    await until(
      () => fixture.calls.some((call) => call.startsWith('POST') && call.includes('retry-failed')),
      'the replay',
    )
    await until(() => find(element, 'dialog[open]') === null, 'the dialog to close')
  })

  it('replays what is selected', async () => {
    const { element, fixture } = await mount({ tab: 'dead-letters' })
    await until(() => shownIds(element).length === 7, 'the failed rows')
    findAll<HTMLInputElement>(element, 'tbody input[type="checkbox"]')
      .slice(0, 2)
      .forEach((box) => box.click())
    await until(() => find(element, '.bulk') !== null, 'the bulk bar')
    get<HTMLButtonElement>(get(element, '.bulk'), '.btn.ink').click()
    await until(
      () => fixture.calls.some((call) => call.startsWith('POST') && call.includes('bulk-retry')),
      'the replay',
    )
  })

  it('says so when there are none, and fits 320 px', async () => {
    await setViewport({ width: 320, height: 700 })
    const { element } = await mount({ tab: 'dead-letters' }, { tasks: [] })
    await until(() => textOf(element).includes('No dead letters'), 'the words')
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })
})
