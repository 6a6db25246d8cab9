import { emulateMedia, setViewport } from '@web/test-runner-commands'
import { makeOperation, operatorOf } from './fixture-operations.ts'
import {
  assert,
  assertAccessible,
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

const capabilities = { ...operatorOf }
const now = Date.now()
const list = [
  makeOperation({ operationId: 'op-4', status: 'running', total: 1_000, done: 412, succeeded: 410, failed: 2 }),
  makeOperation({
    operationId: 'op-3',
    action: 'delete',
    filter: { status: ['success'], queue: ['mail'], until: ['2026-01-01T00:00:00.000Z'] },
    total: 128_401,
    done: 128_401,
    succeeded: 128_401,
    endedAt: now - 60_000,
    createdAt: now - 400_000,
    reason: 'the retention of last year',
  }),
  makeOperation({ operationId: 'op-2', action: 'cancel', filter: null, status: 'cancelled', endedAt: now - 900_000 }),
  makeOperation({ operationId: 'op-1', status: 'failed', error: 'The store was lost', endedAt: now - 90_000_000 }),
]

async function mountOperations(theme = 'light', operations = list): Promise<Mounted> {
  const mounted = await mount({ theme }, { capabilities })
  mounted.fixture.operations.list = [...operations]
  mounted.element.setAttribute('tab', 'operations')
  await until(
    () => find(mounted.element, '[data-operation]') !== null || textOf(mounted.element).includes('Nothing was done'),
    'the operations',
  )
  return mounted
}

describe('the Operations screen', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, list and report, ${theme}`, async () => {
      const { element } = await mountOperations(theme)
      await assertAccessible(element)
      get<HTMLButtonElement>(element, '[data-operation="op-4"] button').click()
      await until(() => find(element, '.summary') !== null, 'the report')
      await until(() => textOf(element).includes('The store said no'), 'the reasons')
      await assertAccessible(element)
    })
  }

  it('says who asked for what, to which tasks, and how far it is', async () => {
    const { element } = await mountOperations()
    const text = textOf(element)
    for (const words of [
      '412 of 1,000',
      '2 failed',
      'queue mail',
      'chosen one by one',
      'ann@printworks.example',
      'Stopped',
    ]) {
      assert(text.includes(words), `${words} in ${text}`)
    }
  })

  it('follows one that runs', async () => {
    const { element, fixture } = await mountOperations()
    fixture.operations.advance({ done: 600, succeeded: 598 })
    await until(() => textOf(get(element, 'task-operations')).includes('600 of 1,000'), 'its progress')
  })

  it('opens a report, offers those that failed once more, and goes back to the row', async () => {
    const { element, fixture } = await mountOperations()
    fixture.operations.advance({ status: 'done', done: 1_000, succeeded: 998, endedAt: Date.now() })
    get<HTMLButtonElement>(element, '[data-operation="op-4"] button').click()
    await until(() => find(element, '[data-again]') !== null, 'the offer')
    get<HTMLButtonElement>(element, '[data-again]').click()
    await until(() => find(element, 'dialog[open]') !== null, 'the question')
    button(get(element, 'dialog[open]'), 'Not now').click()
    button(element, 'All operations').click()
    await until(() => findAll(element, '[data-operation]').length === 4, 'the list')
  })

  it('says what would be here when there is nothing, and fits 320 px', async () => {
    await setViewport({ width: 320, height: 700 })
    const { element } = await mountOperations('light', [])
    await until(() => textOf(element).includes('Nothing was done to many tasks yet'), 'the words')
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })

  it('fits 320 px with a report', async () => {
    await setViewport({ width: 320, height: 700 })
    const { element } = await mountOperations()
    get<HTMLButtonElement>(element, '[data-operation="op-4"] button').click()
    await until(() => find(element, '.summary') !== null, 'the report')
    assert(document.documentElement.scrollWidth <= window.innerWidth, 'it overflows')
  })
})
