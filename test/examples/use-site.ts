import { expect } from 'vitest'
import { listTasks, postForm, type Running } from './running.ts'

const patience = { timeout: 30_000 }

/** Does on a site what its reader would: looks at the page, sends the form, and sees what became of the task. */
export async function useSite({ origin }: Running): Promise<void> {
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
