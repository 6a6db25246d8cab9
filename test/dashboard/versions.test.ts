import { makeTask } from './printworks.ts'
import { assert, assertAccessible, assertEqual, find, findAll, mount, textOf, unmountAll } from './mounted.ts'

afterEach(unmountAll)

const tasks = [makeTask({ taskId: 'a'.repeat(36), status: 'failed' })]

describe('a page and a server of other versions', () => {
  it('say that the page is older, with a way out, and offer nothing that would be misunderstood', async () => {
    const { element } = await mount({}, { tasks, capabilities: { protocol: 2 } })
    assert(
      alerts(element).some((words) => words.includes('This page is older than the server')),
      alerts(element).join(),
    )
    assert(find(element, '[role="alert"] button') !== null, 'a button that loads the page anew')
    assertEqual(find(element, 'td[data-column="check"]:not([hidden])'), null)
    await assertAccessible(element)
  })

  it('say that the server is older', async () => {
    const { element } = await mount({}, { tasks, capabilities: { protocol: 0 } })
    assert(
      alerts(element).some((words) => words.includes('This page is newer than the server')),
      alerts(element).join(),
    )
    assertEqual(find(element, '[role="alert"] button'), null)
    await assertAccessible(element)
  })

  it('say nothing while they understand each other', async () => {
    const { element } = await mount({}, { tasks })
    assertEqual(alerts(element).join(), '')
  })
})

function alerts(element: HTMLElement): readonly string[] {
  return findAll(element, '[role="alert"]').map(textOf)
}
