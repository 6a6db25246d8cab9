import { emulateMedia, setViewport } from '@web/test-runner-commands'
import {
  assert,
  assertAccessible,
  assertEqual,
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

describe('the Schedules screen', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await shown({ theme })
      await assertAccessible(element)
    })
  }

  it('says when, where and what came of it', async () => {
    const { element } = await shown()
    const words = textOf(get(element, 'task-schedules'))
    for (const expected of ['every minute', 'every 1m', 'Europe/Berlin', 'Success', 'paused', 'at 03:00 every day']) {
      assert(words.includes(expected), `${expected} is missing in ${words}`)
    }
    assert(/\d\d:\d\d:\d\d, \d\d:\d\d:\d\d/.test(words), `runs of a minute look alike in ${words}`)
  })

  it('runs, pauses and resumes', async () => {
    const { element, fixture } = await shown()
    button(element, 'Pause: heartbeat').click()
    await until(() => fixture.calls.some((call) => /^POST .*heartbeat.*pause/.test(call)), 'the pause')
    button(element, 'Resume: nightly_report').click()
    await until(() => fixture.calls.some((call) => /^POST .*nightly_report.*resume/.test(call)), 'the resume')
    button(element, 'Run now: heartbeat').click()
    await until(() => fixture.calls.some((call) => /^POST .*heartbeat.*run/.test(call)), 'the run')
  })

  it('offers nothing that the caller may not do', async () => {
    const { element } = await shown({}, { capabilities: { actions: [] } })
    assertEqual(find(element, '[data-verb]'), null)
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
  mounted.element.setAttribute('tab', 'schedules')
  await until(() => textOf(mounted.element).includes('every minute'), 'the schedules')
  return mounted
}
