import type { Page } from 'puppeteer-core'
import { appears, clickOn } from './look.ts'
import type { GallerySite } from './shop.ts'

/** How each kind of site is opened. */
export type SceneHosts = Readonly<
  Record<'works' | 'million' | 'empty' | 'long' | 'troubles' | 'nothing' | 'guarded', () => Promise<GallerySite>>
>

/** Something that is drawn. */
export interface Scene {
  readonly name: string
  readonly title: string
  /** What is to be seen. */
  readonly words: string
  readonly host: keyof SceneHosts
  /** Whether every width is kept in both themes. */
  readonly isMain: boolean
  readonly attributes: Readonly<Record<string, string>>
  /** What stands in the address: view and open task. */
  readonly place?: string
  /** Waits until it is all there. */
  prepare(page: Page): Promise<void>
}

const rows = 'task-dashboard >>> tr[data-task-id]'

const elementOf = {
  schedules: 'task-schedules',
  tasks: 'task-functions',
  workers: 'task-workers',
  operations: 'task-operations',
  audit: 'task-audit',
} as const

export const scenes: readonly Scene[] = [
  view('view', 'View', 'Figures, chart and rows of everything, newest first.', { isMain: true }),
  {
    ...view('detail', 'One task', 'The panel of a failed task: what it is, when it waited and ran, what came of it.', {
      isMain: true,
    }),
    place: 'status=failed',
    prepare: (page) => openFirst(page, null),
  },
  {
    ...view('attempts', 'Attempts', 'Each attempt with its error and its waits.'),
    place: 'status=failed',
    prepare: (page) => openFirst(page, 'Attempts'),
  },
  {
    ...view('error', 'Error', 'The message, and the stack with the own frames first.'),
    place: 'status=failed',
    prepare: (page) => openFirst(page, 'Error'),
  },
  {
    ...view('logs', 'Logs', 'What the function said.'),
    place: 'func=import_csv',
    prepare: (page) => openFirst(page, 'Logs'),
  },
  tab('dead-letters', 'Dead letters', 'What gave up, by kind of failure and by time.', 'task-dead-letters', {
    isMain: true,
  }),
  tab('schedules', 'Schedules', 'What runs by the clock.', 'task-schedules'),
  tab('tasks', 'Tasks', 'The functions and how each is configured.', 'task-functions'),
  tab('queues', 'Queues', 'How much waits, how fast it goes, what is paused.', 'task-queues'),
  tab('workers', 'Workers', 'The processes that do the work.', 'task-workers'),
  tab('metrics', 'Metrics', 'Throughput, durations and waits.', 'task-metrics'),
  tab('operations', 'Operations', 'What was done to many tasks at once.', 'task-operations'),
  tab('audit', 'Audit', 'Who did what, and why.', 'task-audit'),
  tab('panel', 'A panel of the host', 'Figures of the site beside its work.', 'task-panel', { tab: 'panel:presses' }),
  {
    ...view('palette', 'Command palette', 'Everything by its name.'),
    prepare: (page) => pressed(page, ['Control', 'k'], 'dialog[open]'),
  },
  { ...view('help', 'Keyboard', 'The keys.'), prepare: (page) => pressed(page, ['?'], 'dialog[open]') },
  { ...view('enqueue', 'Enqueue', 'A task from the page.'), attributes: { tab: 'tasks' }, prepare: openEnqueue },
  {
    ...view('clone', 'Clone and edit', 'A copy of a task with other arguments, and what is different.'),
    place: 'func=charge_card',
    prepare: openClone,
  },
  {
    ...view('confirm', 'Before it is done', 'What is asked before something that cannot be taken back, and why.'),
    place: 'status=interrupted',
    prepare: openConfirm,
  },
  {
    ...view('bulk', 'Many at once', 'To how many it will be done, to which, and what is left out.'),
    place: 'status=failed',
    prepare: openBulk,
  },
  {
    ...view('clear-history', 'Clear history', 'How old, in which status, and how many that are.'),
    prepare: (page) => openDialog(page, 'clear-history'),
  },
  {
    ...view('time', 'Time', 'The zone and the clock that all is told in.'),
    prepare: (page) => openDialog(page, 'clock'),
  },
  {
    ...view('range', 'From when to when', 'A range of time of one’s own.'),
    prepare: (page) => openDialog(page, 'range', { kind: 'all' }),
  },
  {
    ...view('login', 'Signing in', 'In the place of the screen, where the server has users of its own.'),
    host: 'guarded',
    prepare: (page) => settled(page, 'task-login >>> form'),
  },
  {
    ...view('first-run', 'First run', 'Nothing was enqueued yet.'),
    host: 'empty',
    prepare: (page) => settled(page, 'task-notice'),
  },
  {
    ...view('nothing', 'Nothing matches', 'No task fits the filters.'),
    place: 'q=func%3Anobody',
    prepare: (page) => settled(page, 'task-notice'),
  },
  view('long-names', 'Long names', 'Names and errors that no layout was made for.', { host: 'long' }),
  trouble('schedules-missed', 'Schedules in trouble', 'One that missed slots, one that is paused.', 'schedules'),
  trouble(
    'tasks-drift',
    'Functions that nobody defines',
    'Tasks of functions that no process, or not all, define.',
    'tasks',
  ),
  trouble(
    'workers-stale',
    'A stale worker',
    'One that is not heard of, one that stops, one of another version.',
    'workers',
  ),
  trouble(
    'operations-many',
    'Many operations',
    'One under way, one that failed in part, one that was stopped.',
    'operations',
  ),
  {
    ...trouble('operation-report', 'Report of an operation', 'What came of it, and why not of all.', 'operations'),
    prepare: openReport,
  },
  trouble('audit-many', 'Who did what', 'Acts of a day, one refused.', 'audit'),
  ...(['schedules', 'tasks', 'workers', 'metrics', 'operations', 'audit'] as const).map((name): Scene => {
    const words = 'The screen with nothing in it.'
    return tab(`no-${name}`, `Nothing in ${name}`, words, 'task-notice', { tab: name, host: 'nothing' })
  }),
  {
    ...tab('metrics-foot', 'Metrics, below', 'How durations are spread, and the functions.', 'task-metrics', {
      tab: 'metrics',
    }),
    prepare: async (page) => {
      await settled(page, 'task-metrics')
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
    },
  },
  view('million', 'A million tasks', 'The same screen over 1,000,000 tasks.', { host: 'million' }),
]

interface More {
  readonly isMain?: boolean
  readonly host?: Scene['host']
  readonly tab?: string
}

function view(name: string, title: string, words: string, { isMain = false, host = 'works' }: More = {}): Scene {
  return { name, title, words, host, isMain, attributes: {}, prepare: (page) => settled(page, 'tr[data-task-id]') }
}

function tab(
  name: string,
  title: string,
  words: string,
  element: string,
  { isMain = false, tab = name, host = 'works' }: More = {},
): Scene {
  return { name, title, words, host, isMain, attributes: { tab }, prepare: (page) => settled(page, element) }
}

function trouble(name: string, title: string, words: string, on: keyof typeof elementOf): Scene {
  return tab(name, title, words, elementOf[on], { tab: on, host: 'troubles' })
}

async function openReport(page: Page): Promise<void> {
  await settled(page, 'task-operations')
  await clickOn(page, 'task-dashboard >>> [data-operation="op-5"] button')
  await settled(page, 'task-operation-report')
}

/** Until it is there, and nothing more is on its way. */
async function settled(page: Page, selector: string): Promise<void> {
  await appears(page, `task-dashboard >>> ${selector}`)
  // The live stream never ends: one connection stays.
  await page.waitForNetworkIdle({ idleTime: 700, concurrency: 1, timeout: 10_000 }).catch(() => undefined)
}

async function openFirst(page: Page, tabName: string | null): Promise<void> {
  await settled(page, 'tr[data-task-id]')
  await clickOn(page, rows)
  await appears(page, 'task-dashboard >>> task-detail-panel')
  if (tabName) {
    await page.$$eval(
      'task-dashboard >>> task-detail-panel [role="tab"], task-dashboard >>> [role="tab"]',
      (tabs, wanted) => {
        const found = tabs.find((each) => (each.textContent ?? '').trim().startsWith(wanted))
        if (found instanceof HTMLElement) found.click()
      },
      tabName,
    )
  }
  await settled(page, 'task-detail-panel')
}

async function pressed(page: Page, [first, second]: readonly string[], selector: string): Promise<void> {
  await settled(page, 'tr[data-task-id]')
  if (second) {
    await page.keyboard.down(first as 'Control')
    await page.keyboard.press(second as 'k')
    await page.keyboard.up(first as 'Control')
  } else await page.keyboard.press((first ?? '') as 'k')
  await settled(page, selector)
}

/** Opens a dialog as the elements of the dashboard ask for it. */
async function openDialog(page: Page, dialog: string, subject: unknown = null): Promise<void> {
  await settled(page, 'tr[data-task-id]')
  await page.$eval(
    'task-dashboard',
    (element, detail) => {
      const row = element.shadowRoot?.querySelector('task-table')
      row?.dispatchEvent(new CustomEvent('request-dialog', { detail, bubbles: true, composed: true }))
    },
    { dialog, subject },
  )
  await settled(page, 'dialog[open]')
}

/** A button of the dashboard by its words or its name. */
async function clickWord(page: Page, word: string): Promise<void> {
  await page.$$eval(
    'task-dashboard >>> task-detail-panel >>> button',
    (buttons, wanted) =>
      buttons
        .find((each) => (each.getAttribute('aria-label') ?? each.textContent ?? '').trim().startsWith(wanted))
        ?.click(),
    word,
  )
}

async function openConfirm(page: Page): Promise<void> {
  await openFirst(page, null)
  await clickWord(page, 'Retry')
  await settled(page, 'dialog[open] form')
}

async function openClone(page: Page): Promise<void> {
  await openFirst(page, null)
  await clickWord(page, 'Clone')
  await settled(page, 'task-value-diff')
  await page.$eval('task-dashboard >>> task-json-editor >>> textarea', (editor) => {
    editor.value = editor.value.replace(/"cents": \d+/, '"cents": 8900')
    editor.dispatchEvent(new InputEvent('input', { bubbles: true }))
  })
  await settled(page, 'ins')
}

async function openBulk(page: Page): Promise<void> {
  await settled(page, 'tr[data-task-id]')
  await page.$$eval(`${rows} input[type="checkbox"]`, (boxes) => {
    for (const box of boxes.slice(0, 8)) if (box instanceof HTMLElement) box.click()
  })
  await settled(page, 'task-bulk-bar')
  await clickOn(page, 'task-dashboard >>> [data-verb="retry"]')
  await settled(page, 'dialog[open] .sample')
}

async function openEnqueue(page: Page): Promise<void> {
  await settled(page, 'task-functions')
  await page.$$eval('task-dashboard >>> button', (buttons) => {
    const found = buttons.find((each) => (each.textContent ?? '').trim() === 'Enqueue…')
    if (found instanceof HTMLElement) found.click()
  })
  await settled(page, 'dialog[open]')
}
