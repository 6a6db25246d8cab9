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
import { printworksTasks } from './printworks.ts'

afterEach(unmountAll)

describe('where a task comes from, and what came of it', () => {
  for (const theme of ['light', 'dark']) {
    it(`is a tree of what was retried and its retries, with this one marked, ${theme}`, async () => {
      const tasks = printworksTasks()
      const [, failed] = tasks
      assert(failed, 'a task')
      tasks[1] = { ...failed, retriedFrom: failed.taskId.replace(/....$/, 'aaaa'), retryCount: 1 }
      const { element, fixture } = await mount({ theme }, { tasks })
      await element.openTask(failed.taskId)
      await until(() => findAll(element, '.lineage task-status-badge').length === 4, 'the tree')
      const lineage = get(element, 'task-lineage')
      assertEqual(
        findAll(lineage, 'li').map((row) => row.style.getPropertyValue('--level')),
        ['0', '1', '1', '2'],
        'levels',
      )
      assert(textOf(get(lineage, '[aria-current]')).includes('this one'), 'this one')
      await assertAccessible(lineage)
      findAll(lineage, 'button')[0]?.click()
      await until(() => fixture.calls.some((call) => call.endsWith('aaaa')), 'the question for the first of them')
      await until(() => find(element, 'task-detail-panel') !== null, 'the panel')
    })
  }
})
