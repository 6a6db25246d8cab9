import { emulateMedia, setViewport } from '@web/test-runner-commands'
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
    for (const expected of ['Every minute', 'every 1m', 'Europe/Berlin', 'Success', 'paused', 'At 03:00', '2 missed']) {
      assert(words.includes(expected), `${expected} is missing in ${words}`)
    }
    assert(/\d\d:\d\d:\d\d/.test(words), `no time in ${words}`)
    assertEqual(findAll(element, '.spark i').length, 5, 'bars')
    assert(get(element, '.spark').ariaLabel?.includes('1 failed'), 'the words for the bars')
  })

  it('runs, pauses and resumes', async () => {
    const { element, fixture } = await shown()
    button(element, 'Pause: heartbeat').click()
    const dialog = get(get(element, 'task-schedules'), 'task-confirm-dialog')
    await until(() => textOf(dialog).includes('Pause the schedule of heartbeat?'), 'the question')
    await assertAccessible(element)
    assert(!fixture.calls.some((call) => call.includes('pause')), 'nothing is paused yet')
    const reason = get<HTMLInputElement>(dialog, 'input')
    reason.value = 'month end'
    reason.dispatchEvent(new Event('input'))
    button(dialog, 'Pause').click()
    await until(() => fixture.calls.some((call) => /^POST .*heartbeat.*pause/.test(call)), 'the pause')
    await until(() => fixture.bodies.length > 0, 'its body')
    assertEqual(fixture.bodies.at(-1), { reason: 'month end' })
    button(element, 'Resume: nightly_report').click()
    await until(() => fixture.calls.some((call) => /^POST .*nightly_report.*resume/.test(call)), 'the resume')
    button(element, 'Run now: heartbeat').click()
    await until(() => fixture.calls.some((call) => /^POST .*heartbeat.*run/.test(call)), 'the run')
  })

  it('pauses and resumes all that the menus leave', async () => {
    const { element, fixture } = await shown()
    button(element, 'Pause all…').click()
    const dialog = get(get(element, 'task-schedules'), 'task-confirm-dialog')
    await until(
      () => textOf(dialog).includes('Pause the schedule') || textOf(dialog).includes('Pause 1 schedule?'),
      'the question',
    )
    button(dialog, 'Not now').click()
    button(element, 'Resume all').click()
    await until(() => fixture.calls.includes('POST schedules/resume-all'), 'the command')
    await until(() => fixture.bodies.length > 0, 'its body')
    assertEqual(fixture.bodies.at(-1), { names: ['nightly_report'] })
    const menu = get<HTMLSelectElement>(element, 'select[aria-label="Which schedules"]')
    menu.value = 'paused'
    menu.dispatchEvent(new Event('change'))
    await until(() => findAll(element, 'tr[data-schedule]').length === 1, 'those that are paused')
  })

  it('searches on the server and says when nothing is found', async () => {
    const { element, fixture } = await shown()
    const input = get<HTMLInputElement>(element, 'input[aria-label="Find a schedule"]')
    input.value = 'nobody'
    input.dispatchEvent(new Event('input'))
    await until(() => fixture.calls.includes('GET schedules?q=nobody'), 'the search')
    await until(() => textOf(element).includes('No schedule is like that'), 'the notice')
    await assertAccessible(element)
  })

  it('stays quick with 5,000 schedules', async () => {
    const { element } = await shown({}, { schedules: 5_000 })
    await until(() => textOf(element).includes('5,000 schedules'), 'all of them')
    assertEqual(findAll(element, 'tr[data-schedule]').length, 100, 'rows')
    button(element, 'Show more of 4,900').click()
    await until(() => findAll(element, 'tr[data-schedule]').length === 200, 'more rows')
  })

  it('shows how to begin where there is none', async () => {
    const { element } = await mount({}, { schedules: 0 })
    element.setAttribute('tab', 'schedules')
    await until(() => textOf(element).includes('tasks.schedule('), 'the snippet')
    await assertAccessible(element)
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
  await until(() => findAll(mounted.element, 'tr[data-schedule]').length > 0, 'the schedules')
  await until(() => mounted.fixture.calls.filter((call) => call.startsWith('GET schedules')).length > 1, 'their runs')
  return mounted
}
