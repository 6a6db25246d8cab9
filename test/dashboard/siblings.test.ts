import { setViewport } from '@web/test-runner-commands'
import type { TaskSummary } from '@taskloom/protocol'
import { createFixture, type Fixture } from './fixture.ts'
import { assert, assertAccessible, assertEqual, find, findAll, get, textOf, until } from './mounted.ts'
import { makeTask } from './printworks.ts'

const bundle = '/packages/dashboard/dist/cdn/task-siblings.js'
const taskId = '0199c0de-0000-7000-8000-000000000042'

interface SmallElement extends HTMLElement {
  fetch: typeof fetch
  updateComplete: Promise<boolean>
  readonly task: { readonly status: string } | null
  refresh(): void
}

beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(() => {
  document.querySelector('main')?.remove()
})

/** Puts elements on the page, all of which ask the same fixture. */
async function show(
  markup: string,
  tasks: readonly TaskSummary[],
  theme = 'light',
): Promise<{ main: HTMLElement; fixture: Fixture }> {
  await import(bundle)
  const fixture = createFixture({ tasks })
  const ask: typeof fetch = (...args) => fixture.fetch(...args)
  const main = document.createElement('main')
  document.body.style.background = theme === 'dark' ? '#131518' : '#fff'
  const holder = document.createElement('template')
  holder.innerHTML = markup
  main.append(document.importNode(holder.content, true))
  for (const element of main.querySelectorAll<SmallElement>('task-status, task-progress, task-list')) {
    element.fetch = ask
    element.setAttribute('theme', theme)
  }
  document.body.append(main)
  return { main, fixture }
}

function publish(fixture: Fixture, ...changed: TaskSummary[]): void {
  fixture.tasks = [
    ...fixture.tasks.filter((task) => !changed.some((other) => other.taskId === task.taskId)),
    ...changed,
  ]
  fixture.push({ event: 'tasks', id: null, data: { changed, removed: [], overflow: null } })
}

function running(percent: number | null, message: string | null = null, version = 2): TaskSummary {
  return makeTask({ taskId, status: 'running', version, progress: { percent, message } })
}

const all = `<task-status task-id="${taskId}"></task-status>
  <task-progress task-id="${taskId}">Import</task-progress>
  <task-list limit="3" href="/letters/{task_id}" label="Latest"></task-list>`

const states: Readonly<Record<string, readonly TaskSummary[]>> = {
  'with nothing': [],
  'of a task that waits': [makeTask({ taskId, status: 'pending', progress: null })],
  'of a task that runs': [running(42, 'page 3 of 7')],
  'of a task that does not say how far it is': [running(null)],
  'of a task that succeeded': [makeTask({ taskId, status: 'success' })],
  'of a task that failed': [makeTask({ taskId, status: 'failed', error: 'CardDeclined: insufficient funds' })],
  'of a task that was interrupted': [makeTask({ taskId, status: 'interrupted', error: 'The process ended' })],
  'of a task that was called off': [makeTask({ taskId, status: 'cancelled' })],
  'of a status that nobody knows': [makeTask({ taskId, status: 'hibernating' as 'pending' })],
}

describe('the small elements', () => {
  for (const theme of ['light', 'dark']) {
    for (const [name, tasks] of Object.entries(states)) {
      it(`are accessible ${name}, ${theme}`, async () => {
        const { main } = await show(all, tasks, theme)
        await until(() => find(main, 'task-list .skeleton') === null, 'the list')
        await until(() => find(get(main, 'task-status'), '.skeleton') === null, 'the status')
        await assertAccessible(main)
      })
    }
  }

  it('share one stream, and let go of it with the last', async () => {
    const { main, fixture } = await show(all + all, [running(10)])
    await until(() => findAll(main, 'task-status-badge').length === 4, 'all rows')
    const streams = () => fixture.calls.filter((call) => call.startsWith('GET stream'))
    assertEqual(streams().length, 1)
    assertEqual(fixture.calls.filter((call) => call.includes('/progress')).length, 1)
    main.querySelector('task-status')?.remove()
    publish(fixture, running(80, null, 3))
    await until(() => textOf(main).includes('80'), 'the change')
    assertEqual(streams().length, 1)
  })

  it('say in events what they show', async () => {
    const { main, fixture } = await show(`<task-status task-id="${taskId}"></task-status>`, [running(10, 'go')])
    const heard: [string, unknown][] = []
    for (const name of ['task-change', 'task-end', 'task-error']) {
      document.addEventListener(name, (event) => heard.push([name, (event as CustomEvent).detail]), { once: false })
    }
    const element = get<SmallElement>(main, 'task-status')
    await until(() => heard.length === 1, 'the first news')
    assertEqual(heard[0], ['task-change', { taskId, status: 'running', percent: 10, message: 'go', error: null }])
    publish(fixture, makeTask({ taskId, status: 'success', version: 5 }))
    await until(() => heard.length === 3, 'the end')
    assertEqual(
      heard.slice(1).map(([name, detail]) => [name, (detail as { status: string }).status]),
      [
        ['task-change', 'success'],
        ['task-end', 'success'],
      ],
    )
    assertEqual(element.task?.status, 'success')
    element.setAttribute('task-id', 'nowhere')
    await until(() => heard.some(([name]) => name === 'task-error'), 'the error')
    assertEqual(heard.at(-1), ['task-error', { code: 'unknown_task', message: 'There is no such task' }])
  })

  it('show what the page has put there for a state, and let it style states', async () => {
    const markup = `<task-progress task-id="${taskId}"><a slot="success" href="#x">Download</a><em slot="running">Wait</em></task-progress>`
    const { main, fixture } = await show(markup, [running(10)])
    const [link, wait] = [get(main, 'a'), get(main, 'em')]
    await until(() => wait.assignedSlot !== null, 'the words of a running task')
    assert(link.assignedSlot === null && main.querySelector(':state(running)'), 'only those')
    publish(fixture, makeTask({ taskId, status: 'success', version: 5 }))
    await until(() => link.assignedSlot !== null, 'the link')
    assert(wait.assignedSlot === null && main.querySelector('task-progress:state(success)'), 'only that')
  })

  it('say what is the matter where there is no task to show', async () => {
    const { main, fixture } = await show(all, [running(10)])
    const status = get<SmallElement>(main, 'task-status')
    await until(() => textOf(status).includes('Running'), 'the status')
    for (const [code, words] of [
      ['unauthenticated', 'Signed out'],
      ['forbidden', 'No access'],
    ] as const) {
      fixture.fail(code)
      for (const element of main.querySelectorAll<SmallElement>('*')) element.refresh?.()
      for (const name of ['task-status', 'task-progress', 'task-list']) {
        await until(() => textOf(get(main, name)).includes(words), `${words} of ${name}`)
      }
      await assertAccessible(main)
    }
    fixture.fail(null)
    status.setAttribute('task-id', 'nowhere')
    await until(() => textOf(status).includes('Not found'), 'the unknown')
    status.removeAttribute('task-id')
    await until(() => textOf(status).includes('No task'), 'nothing')
    await assertAccessible(status)
  })
})

describe('a progress bar', () => {
  const bar = (main: HTMLElement) => get(main, '[role="progressbar"]')

  it('is one for assistive technology, too', async () => {
    const { main } = await show(`<task-progress label="Import" task-id="${taskId}"></task-progress>`, [running(42.7)])
    await until(() => bar(main).getAttribute('aria-valuenow') === '43', 'the value')
    assert(bar(main).getAttribute('aria-valuetext')?.startsWith('42'), 'its words')
    assert(textOf(get(main, '[role="status"]')).includes('25'), 'quarters are spoken')
  })

  it('does not pretend to know how far a task is', async () => {
    const { main } = await show(`<task-progress task-id="${taskId}"></task-progress>`, [running(null)])
    await until(() => find(main, '.indefinite') !== null, 'the bar without end')
    assertEqual(bar(main).getAttribute('aria-valuenow'), null)
  })

  it('guesses how long it takes once it has seen enough', async () => {
    const { main, fixture } = await show(`<task-progress task-id="${taskId}"></task-progress>`, [running(10)])
    await until(() => bar(main).getAttribute('aria-valuenow') === '10', 'the start')
    assertEqual(get(main, '.eta').textContent, '')
    const startedAt = performance.now()
    await until(() => performance.now() - startedAt > 2_100, 'some time')
    publish(fixture, running(20, null, 3))
    await until(() => /^about \d+ s left$/.test(get(main, '.eta').textContent ?? ''), 'the guess')
  })

  it('keeps within a narrow place, whatever a task says', async () => {
    await setViewport({ width: 320, height: 700 })
    const message = `${'x'.repeat(5_000)} <img src=x onerror="window.wasHacked=true">`
    const { main } = await show(`<task-progress task-id="${taskId}" label="${'L'.repeat(300)}"></task-progress>`, [
      running(10, message),
    ])
    await until(() => bar(main).getAttribute('aria-valuenow') === '10', 'the value')
    assert(document.documentElement.scrollWidth <= 320, `${document.documentElement.scrollWidth} px wide`)
    assertEqual(find(main, 'img'), null)
  })
})

describe('a list', () => {
  const rows = (main: HTMLElement) => findAll(main, 'li')
  const failed = (number: number, version = 2) =>
    makeTask({ taskId: `f${number}`, status: 'failed', error: `Reason ${number}`, createdAt: number, version })

  it('asks for what its attributes say', async () => {
    const markup = `<task-list status="failed interrupted" func-name="a,b" queue="mail" tag="env:prod" window="24h"
      search="error:x" sort="end_time" order="asc" limit="7"></task-list>`
    const { main, fixture } = await show(markup, [])
    await until(() => textOf(main).includes('No tasks'), 'the words')
    const query = new URLSearchParams(fixture.calls.find((call) => call.startsWith('GET ?'))?.slice(4))
    assert(query.has('since'), 'a window')
    query.delete('since')
    assertEqual(
      query.toString(),
      'status=failed&status=interrupted&func_name=a&func_name=b&queue=mail&tag=env%3Aprod&q=error%3Ax&sort=end_time&order=asc&limit=7',
    )
  })

  it('says which attribute is not understood', async () => {
    const { main } = await show('<task-list status="broken"></task-list>', [])
    await until(() => textOf(main).includes('status: expected a status'), 'the words')
    await assertAccessible(main)
  })

  it('follows what comes and goes', async () => {
    const { main, fixture } = await show(
      '<task-list status="failed"></task-list>',
      [1, 2, 3, 4, 5, 6, 7].map((n) => failed(n)),
    )
    await until(() => rows(main).length === 5, 'five rows')
    assert(textOf(main).includes('5 of 7'), 'how many there are')
    publish(fixture, failed(8))
    await until(() => textOf(main).includes('5 of 8'), 'one more')
  })

  it('has rows that lead somewhere, or are buttons', async () => {
    const { main } = await show('<task-list href="/letters/{task_id}"></task-list><task-list href="#"></task-list>', [
      failed(1),
    ])
    await until(() => findAll(main, '.row:is(a, button)').length === 2, 'both')
    assertEqual(get<HTMLAnchorElement>(main, 'a.row').getAttribute('href'), '/letters/f1')
    const heard: string[] = []
    main.addEventListener('task-select', (event) => {
      heard.push((event as CustomEvent<{ taskId: string }>).detail.taskId)
      event.preventDefault()
    })
    get(main, 'a.row').click()
    get(main, 'button.row').click()
    assertEqual(heard, ['f1', 'f1'])
  })

  for (const width of [320, 1280]) {
    it(`shows hostile and endless text as text at ${width} px`, async () => {
      await setViewport({ width, height: 700 })
      const markup = '<img src=x onerror="window.wasHacked=true">'
      const tasks = [
        makeTask({ taskId: 'a', funcName: 'x'.repeat(100_000), status: 'failed', error: markup }),
        makeTask({ taskId: 'b', funcName: markup, status: 'hibernating' as 'pending' }),
      ]
      const { main } = await show('<task-list></task-list>', tasks)
      await until(() => rows(main).length === 2, 'the rows')
      assert(textOf(main).includes(markup) && find(main, 'img') === null, 'text')
      assert(document.documentElement.scrollWidth <= width, `${document.documentElement.scrollWidth} px wide`)
      await assertAccessible(main)
    })
  }
})
