import { setViewport } from '@web/test-runner-commands'
import { makeTask } from './printworks.ts'
import {
  assert,
  assertAccessible,
  assertEqual,
  find,
  findAll,
  get,
  mount,
  textOf,
  unmountAll,
  until,
} from './mounted.ts'

const secondCopy = '/packages/dashboard/dist/cdn/task-dashboard.js?again'

beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

describe('states', () => {
  it('shows how to enqueue where there are no tasks yet', async () => {
    const { element } = await mount({}, { tasks: [] })
    assert(textOf(element).includes('No tasks yet') && textOf(element).includes('tasks.enqueue'), textOf(element))
    await assertAccessible(element)
  })

  it('says so when the session ended or the caller may not', async () => {
    const { element, fixture } = await mount({}, { tasks: [] })
    for (const [code, words] of [
      ['unauthenticated', 'You are signed out'],
      ['forbidden', 'No access'],
    ] as const) {
      fixture.fail(code)
      await (element as unknown as { refresh(): Promise<void> }).refresh()
      await until(() => noticeWords(element).includes(words), words)
      await assertAccessible(element)
    }
  })

  it('says in its own words that the server cannot be reached', async () => {
    const { element } = await mount({}, { tasks: [] })
    Object.assign(element, { fetch: () => Promise.reject(new TypeError('Failed to fetch')) })
    await until(() => noticeWords(element).includes('could not be loaded'), 'the notice')
    assert(noticeWords(element).includes('The server cannot be reached'), noticeWords(element))
    await assertAccessible(element)
  })

  it('hides what a reader may not do', async () => {
    const { element } = await mount({ readonly: '' })
    assertEqual(find(element, 'button[aria-label="Clear history"]'), null)
    assertEqual(find(element, 'td[data-column="check"]:not([hidden])'), null)
  })

  it('is harmless when it is defined twice', async () => {
    const { element } = await mount()
    const again: unknown = await import(secondCopy)
    assert(again && element.matches(':defined'), 'both loaded')
  })

  it('lets go of its stream when it leaves the page, and comes back', async () => {
    const { element, fixture } = await mount()
    element.remove()
    const before = fixture.calls.length
    document.body.append(element)
    await until(() => fixture.calls.slice(before).some((call) => call.startsWith('GET stream')), 'a new stream')
  })
})

describe('hostile text', () => {
  const bidi = '\u202Egnp.exe\u2066'
  const markup = '<img src=x onerror="window.wasHacked=true">'
  const nasty = [
    makeTask({
      taskId: 'a'.repeat(36),
      funcName: markup,
      queue: markup,
      error: markup,
      status: 'failed',
      tags: { [markup]: markup },
    }),
    makeTask({ taskId: 'b'.repeat(36), funcName: bidi, userLabel: bidi, error: bidi, status: 'failed' }),
    makeTask({ taskId: 'c'.repeat(36), funcName: 'x'.repeat(1_000_000), queue: 'y'.repeat(1_000_000) }),
    makeTask({ taskId: 'd'.repeat(36), status: 'hibernating' as 'pending', createdAt: 1 }),
  ]

  for (const width of [1280, 320]) {
    it(`shows literally and breaks nothing at ${width} px`, async () => {
      await setViewport({ width, height: 900 })
      const { element } = await mount({}, { tasks: nasty })
      const text = textOf(element)
      assert(text.includes(markup), 'the markup as text')
      assert(text.includes('hibernating'), 'the unknown status by its name')
      assertEqual(find(element, 'img'), null)
      assertEqual((window as { wasHacked?: boolean }).wasHacked, undefined)
      assert(
        document.documentElement.scrollWidth <= window.innerWidth,
        `${document.documentElement.scrollWidth} px wide`,
      )
      assert(get(element, 'tr[data-task-id]').getBoundingClientRect().height < 140, 'the height of a row')
      await assertAccessible(element)
    })
  }
})

describe('the header on a phone', () => {
  for (const width of [360, 390]) {
    it(`shows the whole title in every state at ${width} px`, async () => {
      await setViewport({ width, height: 700 })
      const { element } = await mount()
      const header = get<HTMLElement & { connection: unknown; updateComplete: Promise<unknown> }>(
        element,
        'task-header',
      )
      for (const kind of ['live', 'reconnecting', 'offline', 'forbidden']) {
        header.connection = { kind, since: Date.now(), problem: null }
        await header.updateComplete
        const title = get(header, 'h2')
        assert(title.scrollWidth <= title.clientWidth, `${kind}: ${title.clientWidth} of ${title.scrollWidth} px`)
        assert(document.documentElement.scrollWidth <= width, `${kind}: it overflows`)
      }
    })
  }
})

describe('messages', () => {
  it('warn without a tick', async () => {
    const { element } = await mount()
    const toasts = get<HTMLElement & { toasts: unknown; updateComplete: Promise<unknown> }>(element, 'task-toasts')
    toasts.toasts = ['done', 'warning', 'failed'].map((tone, id) => ({ id, tone, text: tone, taskId: null }))
    await toasts.updateComplete
    const [done, warning, failed] = findAll(toasts, 'li > svg').map((svg) => [
      svg.innerHTML,
      getComputedStyle(svg).color,
    ])
    assert(warning?.[0] === failed?.[0] && warning?.[0] !== done?.[0], 'the sign')
    assertEqual(new Set([done?.[1], warning?.[1], failed?.[1]]).size, 3, 'colours')
    await assertAccessible(toasts)
  })
})

describe('a dashboard that is only read', () => {
  it('offers nothing that changes anything, on any screen', async () => {
    for (const tab of ['view', 'dead-letters', 'schedules']) {
      const { element } = await mount({ readonly: '', tab })
      await until(() => find(element, 'tbody tr') !== null, `the rows of ${tab}`)
      const words = findAll(element, 'button:not(dialog *)').map((found) => textOf(found).trim())
      const changing = words.filter((word) =>
        /^(Retry|Replay|Cancel$|Delete|Run now|Pause$|Resume|Clear history)/.test(word),
      )
      // The header's Pause holds back the page's own updates and nothing else.
      assertEqual(
        changing.filter((word) => word !== 'Pause'),
        [],
        tab,
      )
      assert(find(element, 'input[aria-label^="Select"]:not([hidden] *)') === null, `nothing to select on ${tab}`)
      assert(find(element, '[data-verb]') === null, `no verbs on ${tab}`)
      unmountAll()
    }
  })
})

/** What stands where rows would; nothing while there are rows or they are on their way. */
function noticeWords(root: Node): string {
  const notice = find(root, 'task-notice')
  return notice ? textOf(notice) : ''
}
