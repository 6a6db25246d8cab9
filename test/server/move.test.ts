import { describe, expect, it } from 'vitest'
import { mount } from './mounted.ts'
import { ask, codeOf, command, readJson } from './request.ts'

describe('moving a waiting task', () => {
  it('answers with the task as it is then', async () => {
    const { source, handler } = mount()
    const { taskId } = await source.add({ status: 'pending' })
    const body = { priority: 7, queue: 'fast', reason: 'now' }
    const answer = await readJson(await ask(handler, `/${taskId}/move`, command(body)))
    expect(answer).toMatchObject({ task_id: taskId, task: { priority: 7, queue: 'fast' } })
    expect(source.acts.at(-1)).toMatchObject({ verb: 'move', reason: 'now' })
  })

  it('takes a priority away with null', async () => {
    const { source, handler } = mount()
    const { taskId } = await source.add({ status: 'pending', priority: 3 })
    const answer = await readJson(await ask(handler, `/${taskId}/move`, command({ priority: null })))
    expect(answer).toMatchObject({ task: { priority: null } })
  })

  it.each([
    [{}],
    [{ reason: 'nowhere' }],
    [{ queue: '' }],
    [{ queue: 'x'.repeat(101) }],
    [{ queue: 'a\0b' }],
    [{ priority: 1.5 }],
    [{ priority: 2e9 }],
    [{ priority: '5' }],
    [{ queue: 5 }],
  ])('refuses %j', async (body) => {
    const { source, handler } = mount()
    const { taskId } = await source.add({ status: 'pending' })
    expect(await codeOf(ask(handler, `/${taskId}/move`, command(body)))).toBe('400 bad_body')
    expect(source.acts).toEqual([])
  })

  it('refuses a task that does not wait, and one that is not there', async () => {
    const { source, handler } = mount()
    const { taskId } = await source.add({ status: 'success' })
    expect(await codeOf(ask(handler, `/${taskId}/move`, command({ priority: 1 })))).toMatch(/^4\d\d wrong_status$/)
    const unknown = `${taskId.slice(0, -4)}ffff`
    expect(await codeOf(ask(handler, `/${unknown}/move`, command({ priority: 1 })))).toBe('404 unknown_task')
  })
})
