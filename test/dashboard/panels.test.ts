import { emulateMedia, setViewport } from '@web/test-runner-commands'
import { ProtocolError } from '@taskloom/protocol'
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
} from './mounted.ts'
import { everything, shownScreen } from './screens.ts'

interface Drawn {
  readonly state: { readonly queues: readonly unknown[] }
}

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

describe('panels of the host', () => {
  for (const theme of ['light', 'dark']) {
    it(`break no rule of accessibility, ${theme}`, async () => {
      const { element } = await shownScreen('panel:orders', '1,284', { theme })
      await assertAccessible(element)
    })
  }

  it('are tabs with the titles of the host, after all others', async () => {
    const { element } = await shownScreen('panel:orders', '1,284')
    const tabs = findAll(element, '[role="tab"]').map((tab) => tab.dataset['tab'])
    assertEqual(tabs.slice(-2), ['panel:orders', 'panel:mail'])
    assertEqual(textOf(get(element, '[data-tab="panel:mail"]')).trim(), 'Mail relay')
  })

  it('are asked for only where a source has some', async () => {
    const { element, fixture } = await mount({}, { capabilities: { reads: ['schedules'] } })
    await until(() => fixture.calls.some((call) => call.startsWith('GET timeline')), 'what comes last')
    assertEqual(find(element, '[data-tab^="panel:"]'), null)
    assertEqual(
      fixture.calls.filter((call) => call.startsWith('GET panels')),
      [],
    )
  })

  it('leave the rest alone for who sees only some of the tasks', async () => {
    const answers = {
      panels: () => {
        throw new ProtocolError('forbidden', 'This is about tasks that you may not see')
      },
    }
    const { element, fixture } = await mount({}, { capabilities: everything, answers })
    await until(() => fixture.calls.includes('GET panels'), 'the question')
    await until(() => find(element, 'tr[data-task-id]') !== null, 'the rows')
    assertEqual(find(element, '[data-tab^="panel:"]'), null)
  })

  it('draw texts, figures, tables and trees, and nothing of it as HTML', async () => {
    const blocks = [
      { kind: 'text' as const, text: '<img src=x onerror=alert(1)> & more' },
      { kind: 'stats' as const, stats: [{ label: 'Paid', value: 97.2, unit: '%', tone: 'good' as const }] },
      { kind: 'table' as const, columns: ['Order', 'Paid'], rows: [[88_121, true]] },
      { kind: 'json' as const, value: { press: { ink: [1, 2] } } },
    ]
    const answers = { panel: () => ({ id: 'orders', title: 'Orders', blocks }) }
    const { screen } = await shownScreen('panel:orders', '97.2', {}, { answers })
    assertEqual(find(screen, 'img'), null)
    for (const words of ['<img src=x', 'good', 'Order', '88,121', 'yes', 'press', '2 entries']) {
      assert(textOf(screen).includes(words), `${words} is missing`)
    }
  })

  it('say that they failed or came too late, and are tried again', async () => {
    let isLate = true
    const answers = {
      panel: () => {
        if (isLate) throw new ProtocolError('unavailable', 'The panel was not rendered within 5000 ms')
        return { id: 'orders', title: 'Orders', blocks: [{ kind: 'text' as const, text: 'there it is' }] }
      },
    }
    const { screen } = await shownScreen('panel:orders', 'This panel did not come in time', {}, { answers })
    isLate = false
    button(screen, 'Try again').click()
    await until(() => textOf(screen).includes('there it is'), 'the panel')
  })

  it('go from one to the other', async () => {
    const { element, screen, fixture } = await shownScreen('panel:orders', '1,284')
    await until(() => find(element, '[data-tab="panel:mail"]') !== null, 'the tabs of the host')
    get(element, '[data-tab="panel:mail"]').click()
    await until(() => fixture.calls.includes('GET panels/mail'), 'the other')
    await until(() => textOf(screen).includes('1,284'), 'its figures')
  })

  it('are drawn by the page itself where it wants to', async () => {
    const { element } = await mount()
    const panels = [
      { id: 'ours', title: 'Ours', render: ({ state }: Drawn) => `${state.queues.length} queues` },
      {
        id: 'node',
        title: 'Node',
        render: () => Object.assign(document.createElement('p'), { textContent: 'a node' }),
      },
      {
        id: 'torn',
        title: 'Torn',
        render: () => {
          throw new Error('it is torn')
        },
      },
    ]
    Object.assign(element, { panels })
    await until(() => find(element, '[data-tab="panel:torn"]') !== null, 'the tabs')
    get(element, '[data-tab="panel:ours"]').click()
    await until(() => /\d queues/.test(textOf(get(element, '[role="tabpanel"]'))), 'the text')
    get(element, '[data-tab="panel:node"]').click()
    await until(() => find(element, '.own p') !== null, 'the node')
    get(element, '[data-tab="panel:torn"]').click()
    await until(() => textOf(element).includes('it is torn'), 'the failure')
  })

  it('fit 320 px', async () => {
    await setViewport({ width: 320, height: 700 })
    await shownScreen('panel:orders', '1,284')
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })
})
