import { emulateMedia, setViewport } from '@web/test-runner-commands'
import { fleetDrift, worker } from './fixture-fleet.ts'
import type { FixtureOptions } from './fixture.ts'
import {
  assert,
  assertAccessible,
  assertEqual,
  button,
  find,
  findAll,
  get,
  textOf,
  unmountAll,
  until,
} from './mounted.ts'
import { makeTask, printworksTasks } from './printworks.ts'
import { shownScreen } from './screens.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

describe('the Workers screen', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element, screen } = await shown({ theme })
      get(rowOf(screen, 'web-1'), '.unfold').click()
      await until(() => find(screen, '.runs') !== null, 'what it runs')
      await assertAccessible(element)
    })
  }

  it('sums up what lives', async () => {
    const { screen } = await shown()
    const words = textOf(get(screen, '.cells'))
    for (const expected of ['Processes 4', 'Running 24 of 52', '46', '2.2 GB']) {
      assert(words.includes(expected), `${expected} is missing in ${words}`)
    }
  })

  it('leads to all tasks of a process', async () => {
    const { element, screen, fixture } = await shown()
    const link = findAll(rowOf(screen, 'images-1'), 'button').find((button) =>
      textOf(button).includes('Show its tasks'),
    )
    assert(link, 'the link')
    assert(textOf(link).includes('images-1'), 'of which process')
    link.click()
    await until(() => fixture.calls.some((call) => call.includes('q=worker%3Aw-3')), 'the question')
    await until(() => find(element, '.chip.term[data-term="worker:w-3"]') !== null, 'the chip')
  })

  it('says of each whether it lives, how busy it is, and what it is', async () => {
    const { screen } = await shown()
    const words = textOf(rowOf(screen, 'images-1'))
    for (const expected of [
      '911',
      'version 0.0.9',
      'video',
      '+1',
      'Active',
      '4 / 4',
      '372',
      '1.6 GB',
      '240 ms',
      '1d 0h',
    ]) {
      assert(words.includes(expected), `${expected} is missing in ${words}`)
    }
    assert(textOf(rowOf(screen, 'web-3')).includes('its tasks are taken over'), 'stale is not explained')
  })

  it('warns of several versions and of functions that nobody defines', async () => {
    const { screen } = await shown()
    await until(() => textOf(screen).includes('Tasks of 1 function wait'), 'the drift')
    assert(textOf(screen).includes('0.1.0, 0.0.9'), 'the versions')
    assert(textOf(screen).includes('old_export: 2 wait in reports'), 'the function')
  })

  it('shows what a process runs, and opens it', async () => {
    const tasks = [
      makeTask({
        taskId: '0193a4c2-77d0-7e1f-b3a0-00000000beef',
        funcName: 'print_poster',
        status: 'running',
        workerId: 'w-1',
      }),
      ...printworksTasks(),
    ]
    const { screen, element, fixture } = await shown({}, { tasks })
    get(rowOf(screen, 'web-1'), '.unfold').click()
    await until(() => find(screen, '.runs .link') !== null, 'what it runs')
    assert(
      fixture.calls.some((call) => /worker_id=w-1&status=running/.test(call)),
      'it asked for something else',
    )
    button(screen, 'print_poster').click()
    await until(() => find(element, 'task-detail-panel') !== null, 'the panel')
  })

  it('sorts by how busy they are', async () => {
    const { screen } = await shown()
    button(screen, 'Running').click()
    await until(() => get(screen, 'th[aria-sort]').dataset['column'] === 'running', 'the order')
    assert(textOf(get(screen, 'tbody tr')).includes('images-1'), 'the busiest is not first')
  })

  it('hears of changes', async () => {
    let running = 1
    const answers = { workers: () => [worker({ workerId: 'w', running })] }
    const { screen, fixture } = await shownScreen('workers', '1 / 16', {}, { answers })
    running = 9
    fixture.push({ event: 'workers', id: null, data: { changed: true } })
    await until(() => textOf(screen).includes('9 / 16'), 'the change')
  })

  it('says what it means that there is none', async () => {
    const { screen } = await shownScreen('workers', 'No process runs tasks', {}, { answers: { workers: () => [] } })
    assertEqual(find(screen, 'table'), null)
  })

  it('fits 320 px with very long names', async () => {
    await setViewport({ width: 320, height: 700 })
    const hostname = 'long-name-'.repeat(30)
    const answers = { workers: () => [worker({ workerId: 'w', hostname, queues: [hostname, 'mail'] })] }
    await shownScreen('workers', 'Active', {}, { answers })
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })
})

function shown(attributes = {}, options: FixtureOptions = {}) {
  return shownScreen('workers', 'images-1', attributes, { answers: { drift: fleetDrift }, ...options })
}

function rowOf(screen: HTMLElement, host: string): HTMLElement {
  const row = findAll(screen, 'table.workers tbody tr').find((each) => textOf(each).includes(host))
  assert(row, `no row of ${host}`)
  return row
}
