import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listTasks, postForm, Workshop, type Running } from './running.ts'

const patience = { timeout: 30_000 }

let workshop: Workshop
beforeEach(async () => {
  workshop = await Workshop.open()
})
afterEach(() => workshop.close())

describe.each([
  ['express', 'server.ts'],
  ['koa', 'server.ts'],
  ['fastify', 'server.ts'],
  ['hono', 'server.ts'],
  ['node-http', 'server.ts'],
  ['nest', 'main.ts'],
])('the example %s', (name, file) => {
  it('counts what its page sends, shows it, and ends in order', { timeout: 60_000 }, async () => {
    const site = await workshop.start(name, file)
    await useSite(site)
    expect(await site.stop()).toBe(0)
  })
})

async function useSite({ origin }: Running): Promise<void> {
  const page = await (await fetch(origin)).text()
  expect(page).toContain('<task-dashboard src="/tasks">')
  expect(page).toContain('src="/tasks/dashboard/assets/task-dashboard.js"')
  const script = await fetch(`${origin}/tasks/dashboard/assets/task-dashboard.js`)
  expect([script.status, script.headers.get('content-type')]).toEqual([200, expect.stringContaining('javascript')])

  const answer = await postForm(`${origin}/texts`, { text: 'four words in all' })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/'])
  await expect.poll(() => listTasks(origin), patience).toMatchObject([{ func_name: 'count_words', status: 'success' }])
  const [task] = await listTasks(origin)
  expect(await (await fetch(`${origin}/tasks/${task?.task_id}`)).json()).toMatchObject({ result: 4 })
}
