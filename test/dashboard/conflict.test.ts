import { ProtocolError, type Problem } from '@taskloom/protocol'
import { emulateMedia, setViewport } from '@web/test-runner-commands'
import {
  assert,
  assertAccessible,
  assertEqual,
  button,
  find,
  get,
  mount,
  shownIds,
  textOf,
  unmountAll,
  until,
} from './mounted.ts'
import { printworksTasks } from './printworks.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

const words = 'Book:1 is held by print_book'

describe('a command that something else is in the way of', () => {
  for (const theme of ['light', 'dark']) {
    it(`breaks no rule of accessibility, ${theme}`, async () => {
      const { element } = await refused({ theme })
      await assertAccessible(element)
    })
  }

  it('says so in the row and in the panel, and stays there when the message is gone', async () => {
    const { element, taskId } = await refused()
    assert(textOf(rowOf(element, taskId)).includes(words), 'in the row')
    button(get(element, 'task-toasts'), 'Dismiss').click()
    await until(() => !textOf(get(element, 'task-toasts')).includes(words), 'no message')
    button(element, 'Close').click()
    await until(() => find(element, 'task-detail-panel') === null, 'no panel')
    assert(textOf(rowOf(element, taskId)).includes(words), 'still in the row')
    await element.openTask(taskId)
    await until(() => find(element, '.conflict') !== null, 'still in the panel')
  })

  it('leads to what is in the way', async () => {
    const { element, blockingId } = await refused()
    const link = get(element, '.conflict .link')
    assert(textOf(link).includes('Open what is in the way'), 'the link')
    link.click()
    await until(() => textOf(get(element, 'task-detail-panel')).includes(blockingId), 'the other task')
    assertEqual(find(element, '.conflict'), null, 'nothing is in its way')
  })

  it('is forgotten when it is dismissed', async () => {
    const { element, taskId } = await refused()
    button(get(element, '.conflict'), 'Dismiss').click()
    await until(() => find(element, '.conflict') === null, 'no note in the panel')
    await until(() => !textOf(rowOf(element, taskId)).includes(words), 'nor in the row')
  })

  it('is forgotten when the task is acted upon again', async () => {
    const { element, taskId, free } = await refused()
    await until(() => find(element, '[data-action="retry"]:not([disabled])') !== null, 'the button again')
    free()
    get(element, '[data-action="retry"]').click()
    await until(() => find(element, '.conflict') === null, 'no note in the panel')
    await until(() => !textOf(rowOf(element, taskId)).includes(words), 'nor in the row')
  })
})

async function refused(attributes: Readonly<Record<string, string>> = {}) {
  const tasks = printworksTasks()
  const task = tasks.find(({ status }) => status === 'failed')
  const blocking = tasks.find(({ status }) => status === 'running')
  assert(task && blocking, 'the tasks')
  const extra: Pick<Problem, 'extra'> = { extra: { task_id: blocking.taskId } }
  let isFree = false
  const retry = () => {
    if (!isFree) throw new ProtocolError('conflict', words, extra as object)
    return { taskId: task.taskId, task }
  }
  const { element } = await mount(attributes, {
    tasks,
    answers: { retry },
    capabilities: { actions: ['retry', 'cancel', 'run_now'] },
  })
  assert(shownIds(element).includes(task.taskId), 'the row')
  await element.openTask(task.taskId)
  await until(() => find(element, '[data-action="retry"]') !== null, 'the panel')
  get(element, '[data-action="retry"]').click()
  await until(() => find(element, '.conflict') !== null, 'the note')
  return { element, taskId: task.taskId, blockingId: blocking.taskId, free: () => (isFree = true) }
}

function rowOf(element: Node, taskId: string): HTMLElement {
  return get(element, `tr[data-task-id="${taskId}"]`)
}
