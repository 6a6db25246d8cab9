import { emulateMedia, setViewport } from '@web/test-runner-commands'
import { auditEntry } from './fixture-fleet.ts'
import type { FixtureOptions } from './fixture.ts'
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
import { shownScreen } from './screens.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

describe('the Audit screen', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await shown({ theme })
      await assertAccessible(element)
    })
  }

  it('is there only for who may read it', async () => {
    const { element } = await mount({}, { capabilities: { actions: ['retry'] } })
    assertEqual(find(element, '[data-tab="audit"]'), null)
  })

  it('tells in sentences who did what, and why', async () => {
    const { screen } = await shown()
    const words = textOf(screen)
    for (const sentence of [
      'ann retried a task',
      'the bank was down',
      'ann asked to cancel 1,204 tasks',
      'ann asked to delete all tasks of a filter',
      'ann paused the queue imports',
      'bo was not allowed to: resume a queue',
      'bo signed in',
      'ann could not: cancel a task',
      'ann cleared 3 tasks out of the history',
      'ann: teleport',
      '10.0.4.17',
    ]) {
      assert(words.includes(sentence), `“${sentence}” is missing`)
    }
  })

  it('opens a task, and leads to operations', async () => {
    const { screen, element } = await shown()
    button(screen, 'Open task 009f03aa').click()
    await until(() => find(element, 'task-detail-panel') !== null, 'the panel')
  })

  it('goes page by page, and back', async () => {
    const { screen } = await shown()
    assertEqual(numbers(screen)[0], '500')
    button(screen, 'Older').click()
    await until(() => numbers(screen)[0] === '450', 'the second page')
    button(screen, 'Older').click()
    await until(() => numbers(screen)[0] === '400', 'the third page')
    assert(button(screen, 'Older').disabled, 'it goes on for ever')
    button(screen, 'Newer').click()
    await until(() => numbers(screen)[0] === '450', 'the second page again')
    button(screen, 'Newest').click()
    await until(() => numbers(screen)[0] === '500', 'the first page')
  })

  it('narrows by who, what, how it ended, when and task', async () => {
    const { screen, fixture } = await shown()
    const actor = get<HTMLInputElement>(screen, 'input[aria-label="Who"]')
    actor.value = 'bo'
    actor.dispatchEvent(new Event('input', { bubbles: true }))
    await until(() => fixture.calls.some((call) => /^GET audit\?.*actor=bo/.test(call)), 'who')
    choose(get(screen, 'select[aria-label="Outcome"]'), 'denied')
    choose(get(screen, 'select[aria-label="What"]'), 'queue_resume')
    choose(get(screen, 'select[aria-label="When"]'), '7d')
    const all = /^GET audit\?.*actor=bo.*action=queue_resume.*outcome=denied.*since=/
    await until(() => fixture.calls.some((call) => all.test(call)), 'all of them')
    await until(() => numbers(screen).length === 12, 'the entries')
    choose(get(screen, 'select[aria-label="What"]'), 'export')
    await until(() => textOf(screen).includes('No entry fits'), 'the words for none')
    button(screen, 'Clear').click()
    await until(() => numbers(screen).length === 50, 'everything')
  })

  it('checks that the log is as it was written, slice by slice', async () => {
    const { screen, fixture } = await shown()
    button(screen, 'Check integrity').click()
    await until(() => textOf(screen).includes('All 500 entries are as they were written'), 'the result')
    assertEqual(fixture.calls.filter((call) => call.startsWith('GET audit/verify')).length, 2)
  })

  it('names the entry that was changed', async () => {
    const answers = { verifyAudit: () => ({ checked: 11, hash: '', next: null, broken: { seq: 12, why: 'changed' } }) }
    const { screen } = await shown({}, { answers })
    button(screen, 'Check integrity').click()
    await until(() => textOf(screen).includes('Entry 12 was changed after it was written'), 'the result')
  })

  it('hears of new entries', async () => {
    let entries = [auditEntry(1, {})]
    const { screen, fixture } = await shown({}, { answers: { audit: () => ({ entries, nextCursor: null }) } })
    entries = [auditEntry(2, { action: 'queue_pause', target: 'mail' }), ...entries]
    fixture.push({ event: 'audit', id: null, data: { changed: true } })
    await until(() => textOf(screen).includes('ann paused the queue mail'), 'the new entry')
  })

  it('has words for an empty log, and for who may not see it', async () => {
    const answers = { audit: () => ({ entries: [], nextCursor: null }) }
    await shownScreen('audit', 'Nothing was done yet', {}, { answers })
  })

  it('fits 320 px with very long names', async () => {
    await setViewport({ width: 320, height: 700 })
    const entries = [
      auditEntry(1, {
        actor: 'a-very-long-name-'.repeat(30),
        reason: 'because'.repeat(60),
        address: 'fe80'.repeat(20),
      }),
    ]
    await shown({}, { answers: { audit: () => ({ entries, nextCursor: null }) } })
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })
})

function shown(attributes = {}, options: FixtureOptions = {}) {
  return shownScreen('audit', 'retried a task', attributes, options)
}

function numbers(screen: HTMLElement): string[] {
  return findAll(screen, 'td[data-column="seq"]').map((cell) => textOf(cell).trim())
}

function choose(select: HTMLElement, value: string): void {
  ;(select as HTMLSelectElement).value = value
  select.dispatchEvent(new Event('change', { bubbles: true }))
}
