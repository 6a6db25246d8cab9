import { printworksTasks } from './printworks.ts'
import { assert, assertAccessible, find, get, mount, textOf, unmountAll, until } from './mounted.ts'

afterEach(unmountAll)

describe('the panel of an interrupted task', () => {
  it('says that it may be half done, to whom may run it again', async () => {
    const panel = await openedAs(['retry', 'delete'])
    assert(textOf(get(panel, '#content')).includes('may have partially executed'), 'the warning')
    await assertAccessible(panel)
    unmountAll()
    assert(find(await openedAs([]), '#content .warn') === null, 'nothing to decide')
  })
})

async function openedAs(actions: readonly string[]): Promise<HTMLElement> {
  const tasks = printworksTasks()
  const { element } = await mount({}, { tasks, capabilities: { actions: [...actions], reads: ['timeline'] } })
  await element.openTask(tasks.find(({ status }) => status === 'interrupted')?.taskId ?? '')
  await until(() => find(element, 'task-detail-panel')?.shadowRoot?.querySelector('.kv') != null, 'the details')
  return get(element, 'task-detail-panel')
}
