import { emulateMedia, setViewport } from '@web/test-runner-commands'
import { printworksTasks } from './printworks.ts'
import { assert, assertEqual, find, findAll, get, mount, textOf, unmountAll, until } from './mounted.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

const reads = ['schedules', 'functions', 'timeline', 'logs', 'search', 'persistence']

interface CopyButton extends HTMLElement {
  text: string
}

interface LogElement extends HTMLElement {
  logs: readonly object[]
  attempt: number | undefined
  formats: unknown
  updateComplete: Promise<boolean>
}

describe('a link to an attempt', () => {
  it('leads to its card, is what its button copies, and stays in the address while it is what is shown', async () => {
    const { element, link } = await followed('attempts', 2)
    await until(() => focusedId(element) === 'attempt-2', 'the card of the attempt')
    assertEqual(get<CopyButton>(get(element, '#attempt-2'), 'task-copy-button').text, link)
    assertEqual(location.href, link)
    get(element, '[data-tab="error"]').click()
    await until(() => location.hash.includes('show=error'), 'the other tab in the address')
    assert(!location.hash.includes('attempt='), location.hash)
    history.back()
    await until(() => location.href === link && focusedId(element) === 'attempt-2', 'the attempt again')
  })

  it('to one that there is not opens the task all the same', async () => {
    for (const attempt of ['99', 'two', '-1', '%00']) {
      const { element } = await followed('attempts', attempt)
      await until(() => find(element, '.waterfall') !== null, 'the attempts')
      unmountAll()
    }
  })

  it('leads to the head of its log lines, once', async () => {
    const { element } = await followed('logs', 2)
    await until(() => find(element, 'task-log-view') !== null, 'the log')
    const view = document.createElement('task-log-view') as LogElement
    const { formats, attempt } = get<LogElement>(element, 'task-log-view')
    assertEqual(attempt, 2)
    element.before(view)
    Object.assign(view, { formats, attempt, logs: linesOf(300) })
    await view.updateComplete
    const lines = get(view, '.lines')
    const head = () => findAll(view, '.row.head').find((row) => row.textContent === 'Attempt 2')
    await until(() => head() !== undefined, 'the head')
    const top = (head()?.getBoundingClientRect().top ?? 0) - lines.getBoundingClientRect().top
    assert(Math.abs(top) < 4, `${top} px below the top`)
    lines.scrollTop = 0
    Object.assign(view, { logs: linesOf(301) })
    await view.updateComplete
    assertEqual(lines.scrollTop, 0, 'the reader has gone elsewhere')
    view.remove()
  })

  it('shows a level as a letter where there is little room, and as a word where there is more', async () => {
    const { element } = await followed('logs', 1)
    await until(() => find(element, 'task-log-view') !== null, 'the log')
    const view = get(element, 'task-log-view')
    await until(() => find(view, '.lines.narrow .level') !== null, 'the lines')
    assert(get(view, '.level').getBoundingClientRect().width < 12, 'a letter')
    assert(/info|warning|error/.test(textOf(get(view, '.level'))), 'the word is heard')
    view.style.inlineSize = '800px'
    await until(() => find(view, '.lines.narrow') === null, 'the words')
  })
})

/** The dashboard after somebody has put such a link into the address bar. */
async function followed(show: string, attempt: number | string) {
  const tasks = printworksTasks()
  const taskId = tasks[1]?.taskId ?? ''
  const { element } = await mount({ 'url-state': '' }, { tasks, capabilities: { actions: [], reads } })
  location.hash = `#tasks?task=${taskId}&show=${show}&attempt=${attempt}`
  const link = location.href
  await until(() => find(element, `[data-tab="${show}"]`)?.ariaSelected === 'true', 'the tab')
  return { element, link }
}

function focusedId(element: HTMLElement): string | undefined {
  return element.shadowRoot?.activeElement?.shadowRoot?.activeElement?.id
}

function linesOf(count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    line: index + 1,
    at: index,
    level: 'info',
    message: `line ${index + 1}`,
    attempt: index < 100 ? 1 : 2,
    extra: null,
  }))
}
